package io.uring4j.loop;

/** The user data of completions that belong to no operation, or to its time limit; {@link OperationTable} draws it. */
final class UserData {
    /** Belongs to the time limit of the operation whose token the other bits are. */
    static final long TIME_LIMIT = 1L << 30;

    private static final long NO_OPERATION = 1L << 31;
    private static final int KINDS = 3;

    /** Somebody has rung. */
    static final long WAKE_UP = NO_OPERATION;

    /** A message of another loop, with the tag in the upper half. */
    static final long MESSAGE = NO_OPERATION | 1;

    /** Nobody waits for it. */
    static final long NOBODY = NO_OPERATION | 2;

    /** A loop's look at whether it is idle. */
    static final long IDLE = NO_OPERATION | 3;

    private UserData() {}

    static boolean isOfOperation(long userData) {
        return (userData & NO_OPERATION) == 0;
    }

    /** Whether it may be that of entries by which {@link io.uring4j.buffer.ProvidedBuffers} reach the kernel. */
    static boolean isOfBuffers(long userData) {
        return userData >= 0;
    }

    /** {@link #WAKE_UP}, {@link #MESSAGE}, {@link #NOBODY} or {@link #IDLE}. */
    static long kind(long userData) {
        return userData & (NO_OPERATION | KINDS);
    }

    static long message(int tag) {
        return (long) tag << 32 | MESSAGE;
    }

    static int tag(long userData) {
        return (int) (userData >>> 32);
    }
}
