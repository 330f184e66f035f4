package io.uring4j.sys;

import java.time.Duration;

/**
 * Points of the monotonic clock up to which something is waited for, in nanoseconds. Lengths of time end at half of what a
 * long holds, which is 146 years: so a point, and the difference of one from the clock, and two lengths in a row never
 * overflow, and the kernel can count them too.
 */
public final class Deadline {
    /** For ever, in nanoseconds. */
    public static final long FOREVER = Long.MAX_VALUE / 2;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Deadline() {}

    /** The point that lies so far ahead of now. */
    public static long after(Duration time) {
        return System.nanoTime() + nanos(time);
    }

    /** A length of time, not negative, in nanoseconds, {@link #FOREVER} at most. */
    public static long nanos(Duration time) {
        return time.getSeconds() >= FOREVER / NANOS_PER_SECOND ? FOREVER : time.toNanos();
    }
}
