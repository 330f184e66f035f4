package io.uring4j;

/** Receives completions one by one, as primitives, so that none of them costs an object. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * Called for each completion. The entry counts as consumed even when this throws.
     *
     * @param userData what {@link Sqe#userData} gave the operation
     * @param result 0 or more on success, else minus an {@link Errno}
     * @param flags the IORING_CQE_F_ bits; {@link Cqe} names them
     */
    void completed(long userData, int result, int flags);
}
