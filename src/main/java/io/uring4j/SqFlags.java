package io.uring4j;

import io.uring4j.abi.Abi;

/** The bits by which the kernel asks for a system call, in the flags word of the submission ring. */
final class SqFlags {
    /** The submission thread sleeps. */
    static final int NEED_WAKEUP = Abi.IORING_SQ_NEED_WAKEUP();

    /** The kernel holds completions that didn't fit the queue. */
    static final int CQ_OVERFLOW = Abi.IORING_SQ_CQ_OVERFLOW();

    /** Completion work waits for the submitter. */
    static final int TASKRUN = Abi.IORING_SQ_TASKRUN();

    private SqFlags() {}
}
