package io.uring4j.loop;

/**
 * Gets the results of operations, on the loop's thread. One handler can serve any number of operations, told apart by
 * their attachments; then nothing is allocated per operation.
 *
 * <p>It must not block. What it throws goes to the loop's {@link LoopConfig#onFailure failure handler}, and the loop goes
 * on.
 *
 * @param <A> what is attached to the operation
 */
@FunctionalInterface
public interface ResultHandler<A> {
    /**
     * The operation has ended, or, with {@link io.uring4j.Cqe#MORE} in the flags, has brought one of several results.
     * When it has ended, its memory is the caller's again, and its object may serve another operation already.
     *
     * @param result 0 or more as the operation defines, else minus an {@link io.uring4j.Errno}
     * @param flags see {@link io.uring4j.Cqe}
     * @param attachment what was attached when the operation was started
     */
    void completed(int result, int flags, A attachment);
}
