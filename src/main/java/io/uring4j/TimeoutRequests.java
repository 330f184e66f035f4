package io.uring4j;

import io.uring4j.abi.Abi;
import java.lang.foreign.MemorySegment;

/** The operations that wait for time to pass. */
sealed interface TimeoutRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Completes after a time with ETIME, or after a number of other completions with 0. From Linux 5.4.
     *
     * @param timespec a struct __kernel_timespec, see {@link Timespec}; must stay until the
     *     submission
     * @param count the number of completions that also ends it, 0 for none; with {@link
     *     TimeoutFlags#MULTISHOT} how often it fires, 0 for without end
     * @param flags see {@link TimeoutFlags}, 0 for a relative time of the monotonic clock
     * @return this entry
     * @throws IndexOutOfBoundsException if the segment is too small
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout.3.html">io_uring_prep_timeout(3)</a>
     */
    default Sqe timeout(MemorySegment timespec, int count, int flags) {
        return sqe().prepare(
                        Abi.IORING_OP_TIMEOUT(),
                        -1,
                        sqe().readable(timespec, Timespec.BYTES),
                        1,
                        Integer.toUnsignedLong(count))
                .timeoutFlags(flags);
    }

    /**
     * Completes after a time with ETIME, like {@link #timeout}, with the time in the entry itself
     * (IORING_TIMEOUT_IMMEDIATE_ARG). From Linux 7.1.
     *
     * @param nanos the time in nanoseconds
     * @param count as for {@link #timeout}
     * @param flags see {@link TimeoutFlags}, 0 for a relative time of the monotonic clock
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout.3.html">io_uring_prep_timeout(3)</a>
     */
    default Sqe timeoutNanos(long nanos, int count, int flags) {
        return sqe().prepare(Abi.IORING_OP_TIMEOUT(), -1, nanos, 1, Integer.toUnsignedLong(count))
                .require(Modifier.TIMEOUT_IN_ENTRY)
                .timeoutFlags(flags | Abi.IORING_TIMEOUT_IMMEDIATE_ARG());
    }

    /**
     * Ends a timeout, which then completes with ECANCELED. The result is 0, ENOENT when there is no such
     * timeout (or when a repeated one is about to start anew: try again), or EBUSY/EALREADY when it is just completing.
     * From Linux 5.5.
     *
     * @param userData the timeout's user data
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout_remove.3.html">io_uring_prep_timeout_remove(3)</a>
     */
    default Sqe timeoutRemove(long userData) {
        return sqe().prepare(Abi.IORING_OP_TIMEOUT_REMOVE(), -1, userData, 0, 0);
    }

    /**
     * Changes the time of a timeout. From Linux 5.11.
     *
     * @param timespec the new time, see {@link Timespec}; must stay until the submission
     * @param userData the timeout's user data
     * @param flags 0 or {@link TimeoutFlags#ABSOLUTE}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout_update.3.html">io_uring_prep_timeout_update(3)</a>
     */
    default Sqe timeoutUpdate(MemorySegment timespec, long userData, int flags) {
        return sqe().prepare(
                        Abi.IORING_OP_TIMEOUT_REMOVE(), -1, userData, 0, sqe().readable(timespec, Timespec.BYTES))
                .require(Modifier.TIMEOUT_UPDATE)
                .timeoutFlags(flags | Abi.IORING_TIMEOUT_UPDATE());
    }

    /**
     * Changes the time of a timeout, like {@link #timeoutUpdate}, with the time in the entry itself. From Linux 7.1.
     *
     * @param nanos the new time in nanoseconds
     * @param userData the timeout's user data
     * @param flags 0 or {@link TimeoutFlags#ABSOLUTE}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout_update.3.html">io_uring_prep_timeout_update(3)</a>
     */
    default Sqe timeoutUpdateNanos(long nanos, long userData, int flags) {
        return sqe().prepare(Abi.IORING_OP_TIMEOUT_REMOVE(), -1, userData, 0, nanos)
                .require(Modifier.TIMEOUT_IN_ENTRY)
                .timeoutFlags(flags | Abi.IORING_TIMEOUT_UPDATE() | Abi.IORING_TIMEOUT_IMMEDIATE_ARG());
    }

    /**
     * Bounds the time of the entry before it, like {@link #linkTimeout}, with the time in the entry itself. From
     * Linux 7.1.
     *
     * @param nanos the time in nanoseconds
     * @param flags see {@link TimeoutFlags}, 0 for a relative time of the monotonic clock
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_link_timeout.3.html">io_uring_prep_link_timeout(3)</a>
     */
    default Sqe linkTimeoutNanos(long nanos, int flags) {
        return sqe().prepare(Abi.IORING_OP_LINK_TIMEOUT(), -1, nanos, 1, 0)
                .require(Modifier.TIMEOUT_IN_ENTRY)
                .timeoutFlags(flags | Abi.IORING_TIMEOUT_IMMEDIATE_ARG());
    }

    /**
     * Bounds the time of the entry before it, which must be linked to this one. Completes with ETIME when the
     * time was up, else with ECANCELED. From Linux 5.5.
     *
     * <p>As of Linux 6.18 the time never starts for an entry with {@link Sqe#async} that doesn't wait by polling, such as
     * to open a FIFO.
     *
     * @param timespec a struct __kernel_timespec, see {@link Timespec}; must stay until the
     *     submission
     * @param flags see {@link TimeoutFlags}, 0 for a relative time of the monotonic clock
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_link_timeout.3.html">io_uring_prep_link_timeout(3)</a>
     */
    default Sqe linkTimeout(MemorySegment timespec, int flags) {
        return sqe().prepare(Abi.IORING_OP_LINK_TIMEOUT(), -1, sqe().readable(timespec, Timespec.BYTES), 1, 0)
                .timeoutFlags(flags);
    }

    /**
     * Changes the time of a link timeout. From Linux 5.15.
     *
     * @param timespec the new time, see {@link Timespec}; must stay until the submission
     * @param userData the link timeout's user data
     * @param flags 0 or {@link TimeoutFlags#ABSOLUTE}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout_update.3.html">io_uring_prep_timeout_update(3)</a>
     */
    default Sqe linkTimeoutUpdate(MemorySegment timespec, long userData, int flags) {
        return timeoutUpdate(timespec, userData, flags)
                .require(Modifier.LINK_TIMEOUT_UPDATE)
                .operationFlags(flags | Abi.IORING_TIMEOUT_UPDATE() | Abi.IORING_LINK_TIMEOUT_UPDATE());
    }
}
