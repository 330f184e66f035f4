package io.uring4j;

import io.uring4j.abi.__kernel_timespec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;

/** A struct __kernel_timespec in native memory, for timeouts. */
public final class Timespec {
    /** Its size in bytes. */
    public static final long BYTES = __kernel_timespec.layout().byteSize();

    private Timespec() {}

    /**
     * Makes a timespec.
     *
     * @param allocator decides how long it lives
     * @param time a length of time, or a point in time since the clock's zero; not negative
     * @return the timespec
     */
    public static MemorySegment of(SegmentAllocator allocator, Duration time) {
        MemorySegment timespec = allocator.allocate(__kernel_timespec.layout());
        set(timespec, time);
        return timespec;
    }

    /**
     * Sets a timespec.
     *
     * @param timespec a segment of at least {@link #BYTES} bytes
     * @param time a length of time, or a point in time since the clock's zero; not negative
     */
    public static void set(MemorySegment timespec, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time " + time + " is negative");
        }
        __kernel_timespec.tv_sec(timespec, time.getSeconds());
        __kernel_timespec.tv_nsec(timespec, time.getNano());
    }
}
