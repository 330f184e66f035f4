package io.uring4j;

/** What the errors of io_uring_enter mean. */
final class EnterErrors {
    private EnterErrors() {}

    /**
     * True for an answer that asks the program to read completions or to try again, rather than one
     * that says it did something wrong.
     */
    static boolean isFlowControl(int result) {
        return Errno.EAGAIN.is(result) // short of memory for requests
                || Errno.EBUSY.is(result) // completions wait that didn't fit the queue
                || Errno.EINTR.is(result) // a signal
                || isRegistering(result)
                || Errno.ETIME.is(result); // the wait's time is up
    }

    /**
     * True while another thread changes a registration for which the kernel lets no call in until the requests in
     * flight have ended: before Linux 5.18 those of an eventfd. (The kernel answers the same for a ring whose descriptor
     * has been closed, but calls of such a ring don't get here.)
     */
    static boolean isRegistering(int result) {
        return Errno.ENXIO.is(result);
    }

    /**
     * The exception for an answer that is no flow control.
     *
     * @param lost how many completions the kernel has lost so far, unsigned
     */
    static UringException explain(int result, int lost) {
        return new UringException("io_uring_enter", result, hint(Errno.of(result), lost));
    }

    private static String hint(Errno errno, int lost) {
        return switch (errno) {
            case EEXIST -> "The ring has SINGLE_ISSUER and belongs to another thread";
            case EBADFD -> "The ring is disabled: call enable() first";
            case EBADR -> "The kernel was out of memory and has lost " + Integer.toUnsignedString(lost)
                    + " completions so far";
            case EOWNERDEAD -> "The submission thread has ended";
            case EOPNOTSUPP -> "The descriptor is not a ring";
            case EACCES -> "The ring's restrictions forbid it";
            case null, default -> "";
        };
    }
}
