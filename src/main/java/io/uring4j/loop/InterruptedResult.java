package io.uring4j.loop;

import io.uring4j.Errno;

/**
 * What a worker thread of the kernel leaves as the result when it was interrupted in the middle of an operation: EINTR, or
 * a number that is meant for the kernel's own use and that some kernels let slip (6.1, in reads of a pipe). When the
 * program has cancelled the operation, this is what that looks like.
 */
final class InterruptedResult {
    /** ERESTARTSYS and its like, none of which a C library knows. */
    private static final int FIRST_OF_KERNEL = 512;

    private static final int LAST_OF_KERNEL = 516;

    private InterruptedResult() {}

    /** The result that an operation's handler is told. */
    static int toldOf(Operation operation, int result) {
        boolean interrupted =
                Errno.EINTR.is(result) || result <= -FIRST_OF_KERNEL && result >= -LAST_OF_KERNEL;
        if (!interrupted) {
            return result;
        }
        return -(operation.cancelRequested ? Errno.ECANCELED : Errno.EINTR).number();
    }
}
