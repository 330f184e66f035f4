package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_napi;
import io.uring4j.sys.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * Busy polling of network devices (NAPI): waits look at the device's queue for a while, which costs CPU
 * time and saves latency. From Linux 6.9.
 *
 * @param timeout how long to poll, in whole microseconds
 * @param preferred whether polling goes before interrupts
 * @param tracking which queues are polled
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_napi.3.html">io_uring_register_napi(3)</a>
 */
public record BusyPolling(Duration timeout, boolean preferred, Tracking tracking) {
    private static final long NANOS_PER_MICRO = 1000;

    /** How a ring learns which queues to poll. */
    public enum Tracking {
        /** From the sockets that requests use. */
        DYNAMIC(Abi.IO_URING_NAPI_TRACKING_DYNAMIC()),

        /** The program names them: {@link #addQueue}. From Linux 6.13. */
        STATIC(Abi.IO_URING_NAPI_TRACKING_STATIC()),

        /** Nothing is polled. */
        INACTIVE(Abi.IO_URING_NAPI_TRACKING_INACTIVE());

        private final int number;

        Tracking(int number) {
            this.number = number;
        }

        private static Tracking of(int number) {
            for (Tracking tracking : values()) {
                if (tracking.number == number) {
                    return tracking;
                }
            }
            return INACTIVE;
        }
    }

    /** Checks the time. */
    public BusyPolling {
        if (timeout.isNegative() || Deadline.nanos(timeout) / NANOS_PER_MICRO > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("busy polling for " + timeout + " is negative or too long");
        }
    }

    /**
     * Sets busy polling.
     *
     * @param ring the ring whose waits poll
     * @return what was set before
     * @throws UringException with EOPNOTSUPP if the kernel was built without network busy polling
     */
    public BusyPolling apply(Ring ring) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment napi = io_uring_napi.allocate(arena);
            io_uring_napi.opcode(napi, (byte) Abi.IO_URING_NAPI_REGISTER_OP());
            io_uring_napi.op_param(napi, tracking.number);
            io_uring_napi.busy_poll_to(napi, (int) (timeout.toNanos() / NANOS_PER_MICRO));
            io_uring_napi.prefer_busy_poll(napi, (byte) (preferred ? 1 : 0));
            ring.register(RegisterOpcode.REGISTER_NAPI, napi, 1);
            return read(ring, napi);
        }
    }

    /**
     * Ends busy polling.
     *
     * @param ring the ring whose waits poll
     * @return the times that were set before; the kernel doesn't tell the tracking here
     * @throws UringException with EOPNOTSUPP if the kernel was built without network busy polling
     */
    public static BusyPolling clear(Ring ring) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment napi = io_uring_napi.allocate(arena);
            ring.register(RegisterOpcode.UNREGISTER_NAPI, napi, 1);
            return read(ring, napi);
        }
    }

    /**
     * Adds a queue to those that are polled, with {@link Tracking#STATIC}. From Linux 6.13.
     *
     * @param ring the ring whose waits poll
     * @param id the queue's NAPI id, which the option SO_INCOMING_NAPI_ID of a socket tells
     * @throws UringException with EEXIST if it is polled already, EINVAL if it can't be an id or the tracking is another
     */
    public static void addQueue(Ring ring, int id) throws UringException {
        change(ring, Abi.IO_URING_NAPI_STATIC_ADD_ID(), id);
    }

    /**
     * Removes a queue from those that are polled, with {@link Tracking#STATIC}. From Linux 6.13.
     *
     * @param ring the ring whose waits poll
     * @param id the queue's NAPI id
     * @throws UringException with ENOENT if it isn't polled, EINVAL if it can't be an id or the tracking is another
     */
    public static void removeQueue(Ring ring, int id) throws UringException {
        change(ring, Abi.IO_URING_NAPI_STATIC_DEL_ID(), id);
    }

    private static void change(Ring ring, int operation, int id) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment napi = io_uring_napi.allocate(arena);
            io_uring_napi.opcode(napi, (byte) operation);
            io_uring_napi.op_param(napi, id);
            ring.register(RegisterOpcode.REGISTER_NAPI, napi, 1);
        }
    }

    private static BusyPolling read(Ring ring, MemorySegment napi) {
        Duration timeout = Duration.ofNanos(Integer.toUnsignedLong(io_uring_napi.busy_poll_to(napi)) * NANOS_PER_MICRO);
        // Before 6.13, for which resizing stands, the kernel doesn't tell the tracking, and has only the dynamic one.
        Tracking tracking = timeout.isZero() && !ring.capabilities().has(RegisterOpcode.REGISTER_RESIZE_RINGS)
                ? Tracking.INACTIVE
                : Tracking.of(io_uring_napi.op_param(napi));
        return new BusyPolling(timeout, io_uring_napi.prefer_busy_poll(napi) != 0, tracking);
    }
}
