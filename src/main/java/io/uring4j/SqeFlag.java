package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The modifiers that any submission entry can carry. The methods of {@link Sqe} set them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
 */
public enum SqeFlag {
    /** The descriptor is an index of the registered files. */
    FIXED_FILE(Abi.IOSQE_FIXED_FILE(), "5.1"),

    /** Start after all that was submitted before has completed. */
    IO_DRAIN(Abi.IOSQE_IO_DRAIN(), "5.2"),

    /** The next entry starts when this one has succeeded. */
    IO_LINK(Abi.IOSQE_IO_LINK(), "5.3"),

    /** The next entry starts when this one has ended, however it did. */
    IO_HARDLINK(Abi.IOSQE_IO_HARDLINK(), "5.5"),

    /** Run on a worker thread at once. */
    ASYNC(Abi.IOSQE_ASYNC(), "5.6"),

    /** The kernel picks a provided buffer. */
    BUFFER_SELECT(Abi.IOSQE_BUFFER_SELECT(), "5.7"),

    /** No completion when the operation succeeds. */
    CQE_SKIP_SUCCESS(Abi.IOSQE_CQE_SKIP_SUCCESS(), "5.17");

    private final int bit;
    private final KernelVersion since;

    SqeFlag(int bit, String since) {
        this.bit = bit;
        this.since = KernelVersion.of(since);
    }

    /** {@return the flag's bit, as the kernel's header has it} */
    public int bit() {
        return bit;
    }

    /** {@return the first kernel that has it} */
    public KernelVersion since() {
        return since;
    }
}
