package io.uring4j.tool;

import java.io.Serial;

/** The command line can't be understood; the message says what is wrong with it. */
final class UsageException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
