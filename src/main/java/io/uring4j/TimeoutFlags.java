package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * How a timeout counts; bits of a mask.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout.3.html">io_uring_prep_timeout(3)</a>
 */
public final class TimeoutFlags {
    /** The time is a point on the clock, not a length. From Linux 5.5. */
    public static final int ABSOLUTE = Abi.IORING_TIMEOUT_ABS();

    /** The clock goes on while the machine is suspended. From Linux 5.15. */
    public static final int BOOTTIME = Abi.IORING_TIMEOUT_BOOTTIME();

    /** The clock is the time of day. From Linux 5.15. */
    public static final int REALTIME = Abi.IORING_TIMEOUT_REALTIME();

    /** Running out is a success: it doesn't break a chain of links. From Linux 5.16. */
    public static final int ETIME_SUCCESS = Abi.IORING_TIMEOUT_ETIME_SUCCESS();

    /**
     * Fires again and again. A cancellation that comes while the kernel is about to set it anew doesn't find it (ENOENT),
     * and has to be repeated. From Linux 6.4.
     */
    public static final int MULTISHOT = Abi.IORING_TIMEOUT_MULTISHOT();

    private TimeoutFlags() {}
}
