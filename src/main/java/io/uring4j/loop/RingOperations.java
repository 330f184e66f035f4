package io.uring4j.loop;

import io.uring4j.CancelFlags;
import io.uring4j.DirectSlot;
import io.uring4j.Errno;

/** The operations on the ring itself and its requests, and those between rings. */
sealed interface RingOperations permits EventLoop {
    private Operation make(Preparation preparation) {
        return ((EventLoop) this).make(preparation, 0);
    }

    /**
     * Does nothing; the result is 0. From Linux 5.1.
     *
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Operation nop() {
        return make(Preparation.NOP);
    }

    /**
     * Cancels an operation, which then ends with minus {@link Errno#ECANCELED}, as a rule. The result is 0; minus
     * {@link Errno#ENOENT} when it has ended already; or minus {@link Errno#EALREADY} when it runs and can't be stopped, so
     * that it ends by itself. From Linux 5.5.
     *
     * @param token what starting it has returned
     * @return the cancellation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
     */
    default Operation cancel(long token) {
        return make(Preparation.CANCEL).at(token);
    }

    /**
     * Cancels all operations on a descriptor. The result is their number. From Linux 5.19.
     *
     * @param fd the descriptor
     * @return the cancellation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel_fd.3.html">io_uring_prep_cancel_fd(3)</a>
     */
    default Operation cancelAllOf(int fd) {
        return make(Preparation.CANCEL_FD).on(fd).flags(CancelFlags.ALL);
    }

    /**
     * Sends a value to another loop, whose {@link LoopConfig#onMessage message handler} gets it. The result is 0. From
     * Linux 5.18.
     *
     * @param target the other loop
     * @param value the value
     * @param tag what to call it there
     * @return the operation, to be started; a target that has ended is refused then
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring.3.html">io_uring_prep_msg_ring(3)</a>
     */
    default Operation message(EventLoop target, int value, int tag) {
        return toRing(Preparation.MESSAGE, target, value, tag);
    }

    /**
     * Sends a direct descriptor to another loop, whose {@link LoopConfig#onMessage message handler} gets the slot there, if
     * the kernel chose it, else 0. The result is the same. From Linux 6.0.
     *
     * @param target the other loop, which has registered files, too
     * @param slot the descriptor's slot in this loop's ring
     * @param targetSlot a slot there, or {@link DirectSlot#ALLOCATE}
     * @param tag what to call it there
     * @return the operation, to be started; a target that has ended is refused then
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring_fd.3.html">io_uring_prep_msg_ring_fd(3)</a>
     */
    default Operation messageFile(EventLoop target, int slot, int targetSlot, int tag) {
        Operation operation = toRing(Preparation.MESSAGE_FILE, target, targetSlot, tag);
        operation.otherFd = slot;
        return operation;
    }

    private Operation toRing(Preparation preparation, EventLoop target, int number, int tag) {
        Operation operation = make(preparation).on(target.doorbell().target()).at(UserData.message(tag));
        operation.number = number;
        operation.claimed = target.doorbell();
        operation.set(Operation.HOLDS);
        return operation;
    }

    /**
     * Makes an ordinary descriptor of a direct one, as the result. From Linux 6.8.
     *
     * @param slot the direct descriptor's slot
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fixed_fd_install.3.html">io_uring_prep_fixed_fd_install(3)</a>
     */
    default Operation install(int slot) {
        return make(Preparation.INSTALL).on(slot);
    }
}
