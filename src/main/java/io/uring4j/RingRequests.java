package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;

/** The operations on rings and on their requests: nop, cancel, messages between rings, direct descriptors. */
sealed interface RingRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Does nothing, and completes with 0. From Linux 5.1.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nop() {
        return sqe().prepare(Abi.IORING_OP_NOP(), -1, 0, 0, 0);
    }

    /**
     * Does nothing, and completes with a given result (IORING_NOP_INJECT_RESULT). From Linux 6.10.
     *
     * @param result the result
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopResult(int result) {
        return sqe().prepare(Abi.IORING_OP_NOP(), -1, 0, result, 0)
                .require(Modifier.NOP_RESULT)
                .operationFlags(Abi.IORING_NOP_INJECT_RESULT());
    }

    /**
     * Does nothing but look a file up: completes with 0, or with EBADF if there is none. From Linux 6.13.
     *
     * @param fd a descriptor
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopFile(int fd) {
        return sqe().prepare(Abi.IORING_OP_NOP(), fd, 0, 0, 0)
                .require(Modifier.NOP_RESOURCES)
                .operationFlags(Abi.IORING_NOP_FILE());
    }

    /**
     * Does nothing but look a registered file up: completes with 0, or with EBADF if the slot is empty. From Linux 6.13.
     *
     * @param slot a slot of the registered files
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopFixedFile(int slot) {
        return nopFile(slot).operationFlags(Abi.IORING_NOP_FILE() | Abi.IORING_NOP_FIXED_FILE());
    }

    /**
     * Does nothing but look a registered buffer up: completes with 0, or with EFAULT if there is none. From Linux 6.13.
     *
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopFixedBuffer(int index) {
        return sqe().prepare(Abi.IORING_OP_NOP(), -1, 0, 0, 0)
                .require(Modifier.NOP_RESOURCES)
                .operationFlags(Abi.IORING_NOP_FIXED_BUFFER())
                .bufferIndex(index);
    }

    /**
     * Does nothing, and completes with 0 after the submission, by completion work (IORING_NOP_TW), as what waits
     * for something does. From Linux 6.17.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopLater() {
        return sqe().prepare(Abi.IORING_OP_NOP(), -1, 0, 0, 0)
                .require(Modifier.NOP_LATER)
                .operationFlags(Abi.IORING_NOP_TW());
    }

    /**
     * Does nothing, with an entry of 128 bytes, on a ring with SQE_MIXED; for an entry of
     * {@link SubmissionQueue#nextLarge}. From Linux 6.19.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nop128() {
        return sqe().prepare(Abi.IORING_OP_NOP128(), -1, 0, 0, 0);
    }

    /**
     * Does nothing, and completes with an entry of 32 bytes, on a ring with CQE_MIXED (IORING_NOP_CQE32). From Linux 6.18.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_nop.3.html">io_uring_prep_nop(3)</a>
     */
    default Sqe nopLargeCompletion() {
        return sqe().prepare(Abi.IORING_OP_NOP(), -1, 0, 0, 0)
                .require(Modifier.NOP_LARGE_COMPLETION)
                .operationFlags(Abi.IORING_NOP_CQE32());
    }

    /**
     * Cancels a request. The result is 0 (1 for futex waits and waitid), ENOENT when there is none, or EALREADY when it has begun and can't be
     * stopped; with {@link CancelFlags#ALL} the number of requests cancelled. The requests themselves complete too, usually with ECANCELED. From Linux 5.5.
     *
     * @param userData the request's user data
     * @param flags see {@link CancelFlags}; 0 for the first request with this user data
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
     */
    default Sqe cancel(long userData, int flags) {
        return sqe().prepare(Abi.IORING_OP_ASYNC_CANCEL(), -1, userData, 0, 0).cancelFlags(flags);
    }

    /**
     * Cancels requests on a descriptor. From Linux 5.19.
     *
     * @param fd the descriptor, or with {@link CancelFlags#FIXED_FILE} the slot
     * @param flags see {@link CancelFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel_fd.3.html">io_uring_prep_cancel_fd(3)</a>
     */
    default Sqe cancelFd(int fd, int flags) {
        return sqe().prepare(Abi.IORING_OP_ASYNC_CANCEL(), fd, 0, 0, 0)
                .cancelFlags(flags | Abi.IORING_ASYNC_CANCEL_FD());
    }

    /**
     * Cancels requests of one operation. From Linux 6.6.
     *
     * @param opcode the operation
     * @param flags see {@link CancelFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
     */
    default Sqe cancelOpcode(Opcode opcode, int flags) {
        return sqe().prepare(Abi.IORING_OP_ASYNC_CANCEL(), -1, 0, sqe().number(opcode), 0)
                .cancelFlags(flags | Abi.IORING_ASYNC_CANCEL_OP());
    }

    /**
     * Cancels all requests of this ring. The result is their number. From Linux 5.19.
     *
     * @param flags see {@link CancelFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
     */
    default Sqe cancelAny(int flags) {
        return sqe().prepare(Abi.IORING_OP_ASYNC_CANCEL(), -1, 0, 0, 0)
                .cancelFlags(flags | Abi.IORING_ASYNC_CANCEL_ANY());
    }

    /**
     * Modifies a cancellation by descriptor or operation: only requests with this user data. From Linux 6.6.
     *
     * @param userData the requests' user data
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
     */
    default Sqe alsoMatching(long userData) {
        io_uring_sqe.addr(sqe().memory(), userData);
        return sqe().cancelFlags(io_uring_sqe.cancel_flags(sqe().memory()) | Abi.IORING_ASYNC_CANCEL_USERDATA());
    }

    /**
     * Posts a completion to another ring. From Linux 5.18.
     *
     * @param ring the descriptor of the other ring
     * @param result the completion's result
     * @param data the completion's user data
     * @param flags see {@link MessageFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring.3.html">io_uring_prep_msg_ring(3)</a>
     */
    default Sqe msgRing(int ring, int result, long data, int flags) {
        return sqe().prepare(Abi.IORING_OP_MSG_RING(), ring, Abi.IORING_MSG_DATA(), result, data).operationFlags(flags);
    }

    /**
     * Posts a completion with chosen flags to another ring (IORING_MSG_RING_FLAGS_PASS). From Linux 6.3.
     *
     * @param ring the descriptor of the other ring
     * @param result the completion's result
     * @param data the completion's user data
     * @param flags see {@link MessageFlags}
     * @param completionFlags the completion's flags
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring_cqe_flags.3.html">io_uring_prep_msg_ring_cqe_flags(3)</a>
     */
    default Sqe msgRingFlags(int ring, int result, long data, int flags, int completionFlags) {
        Sqe entry = msgRing(ring, result, data, flags | Abi.IORING_MSG_RING_FLAGS_PASS())
                .require(Modifier.MSG_RING_FLAGS);
        io_uring_sqe.file_index(entry.memory(), completionFlags);
        return entry;
    }

    /**
     * Sends a registered file to another ring. From Linux 6.0.
     *
     * @param ring the descriptor of the other ring
     * @param sourceSlot the file's slot in this ring
     * @param targetSlot the slot in the other ring, or {@link DirectSlot#ALLOCATE}, which is then
     *     the result
     * @param data the user data of the completion that the other ring gets
     * @param flags see {@link MessageFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring_fd.3.html">io_uring_prep_msg_ring_fd(3)</a>
     */
    default Sqe msgRingFd(int ring, int sourceSlot, int targetSlot, long data, int flags) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_MSG_RING(), ring, Abi.IORING_MSG_SEND_FD(), 0, data)
                .require(Modifier.MSG_RING_FD)
                .operationFlags(flags);
        io_uring_sqe.addr3(entry.memory(), sourceSlot);
        return entry.directSlot(targetSlot);
    }

    /**
     * Makes an ordinary descriptor of a registered file, as the result. From Linux 6.8.
     *
     * @param slot the file's slot
     * @param closeOnExec whether programs that are executed don't get the descriptor
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fixed_fd_install.3.html">io_uring_prep_fixed_fd_install(3)</a>
     */
    default Sqe fixedFdInstall(int slot, boolean closeOnExec) {
        return sqe().prepare(Abi.IORING_OP_FIXED_FD_INSTALL(), slot, 0, 0, 0)
                .fixedFile()
                .operationFlags(closeOnExec ? 0 : Abi.IORING_FIXED_FD_NO_CLOEXEC());
    }
}
