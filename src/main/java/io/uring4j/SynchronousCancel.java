package io.uring4j;

import io.uring4j.abi.__kernel_timespec;
import io.uring4j.abi.io_uring_sync_cancel_reg;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cancels requests and waits until they have ended. Their completions are in the queue when it returns,
 * or, with DEFER_TASKRUN and with a submission thread, come with the next wait. From Linux 6.0.
 *
 * @param userData which request, when no flag says otherwise
 * @param fd the descriptor or slot, with {@link CancelFlags#FD}, else -1
 * @param flags see {@link CancelFlags}
 * @param opcode the number of the operation, with {@link CancelFlags#OPCODE}, else 0
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_sync_cancel.3.html">io_uring_register_sync_cancel(3)</a>
 */
public record SynchronousCancel(long userData, int fd, int flags, int opcode) {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /**
     * Means the first request with a user data.
     *
     * @param userData the request's user data
     * @return the cancellation
     */
    public static SynchronousCancel ofUserData(long userData) {
        return new SynchronousCancel(userData, -1, 0, 0);
    }

    /**
     * Means requests on a descriptor.
     *
     * @param fd the descriptor, or with {@link CancelFlags#FIXED_FILE} the slot
     * @param flags see {@link CancelFlags}
     * @return the cancellation
     */
    public static SynchronousCancel ofFd(int fd, int flags) {
        return new SynchronousCancel(0, fd, flags | CancelFlags.FD, 0);
    }

    /** {@return the cancellation of every request of a ring} */
    public static SynchronousCancel ofAll() {
        return new SynchronousCancel(0, -1, CancelFlags.ANY | CancelFlags.ALL, 0);
    }

    /**
     * Cancels, and waits.
     *
     * @param ring the ring whose requests are meant
     * @param timeoutNanos how long to wait at most, in nanoseconds, not negative
     * @return how many requests were cancelled, where the kernel says so, else 0
     * @throws UringException with ENOENT if there is none, with ETIME if some still run
     */
    public int await(Ring ring, long timeoutNanos) throws UringException {
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("timeout of " + timeoutNanos + " ns is negative");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = io_uring_sync_cancel_reg.allocate(arena);
            io_uring_sync_cancel_reg.addr(request, userData);
            io_uring_sync_cancel_reg.fd(request, fd);
            io_uring_sync_cancel_reg.flags(request, flags);
            io_uring_sync_cancel_reg.opcode(request, (byte) opcode);
            MemorySegment time = io_uring_sync_cancel_reg.timeout(request);
            __kernel_timespec.tv_sec(time, timeoutNanos / NANOS_PER_SECOND);
            __kernel_timespec.tv_nsec(time, timeoutNanos % NANOS_PER_SECOND);
            return ring.register(RegisterOpcode.REGISTER_SYNC_CANCEL, request, 1);
        }
    }
}
