package io.uring4j;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A refusal by the kernel: which call, which error, and where it is known, what to do about it.
 * Misuse that the library sees for itself is an unchecked exception instead.
 */
public class UringException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The call that failed. */
    private final String call;

    /** The positive error number. */
    private final int errno;

    /** What to do, or the empty string. */
    private final String hint;

    /**
     * Describes a failed call, and what can be done about it.
     *
     * @param call what was called, as its man page names it
     * @param errno the error number, positive or negative
     * @param hint what can be done, or the empty string
     */
    public UringException(String call, int errno, String hint) {
        super(message(call, Math.abs(errno), hint));
        this.call = call;
        this.errno = Math.abs(errno);
        this.hint = hint;
    }

    /**
     * Describes a failed call.
     *
     * @param call what was called, as its man page names it
     * @param errno the error number, positive or negative
     */
    public UringException(String call, int errno) {
        this(call, errno, "");
    }

    private static String message(String call, int errno, String hint) {
        Errno known = Errno.of(errno);
        String text = call + ": " + Errno.nameOf(errno) + (known == null ? "" : " (" + known.meaning() + ")");
        return hint.isEmpty() ? text : text + ". " + hint;
    }

    /** {@return the system call or operation that failed, as its man page names it} */
    public String call() {
        return call;
    }

    /** {@return the error number, positive} */
    public int errno() {
        return errno;
    }

    /** {@return the error, or null when this library has no name for the number} */
    public @Nullable Errno error() {
        return Errno.of(errno);
    }

    /** {@return what can be done about it, or the empty string} */
    public String hint() {
        return hint;
    }
}
