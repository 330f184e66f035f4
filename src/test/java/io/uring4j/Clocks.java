package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/** The clocks of the kernel, by clock_gettime(2). */
enum Clocks {
    REALTIME(0, TimeoutFlags.REALTIME),
    MONOTONIC(1, 0),
    BOOTTIME(7, TimeoutFlags.BOOTTIME);

    private static final MethodHandle CLOCK_GETTIME = Posix.function(
            "clock_gettime",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    private final int id;

    /** The flag of a timeout that uses this clock. */
    final int flag;

    Clocks(int id, int flag) {
        this.id = id;
        this.flag = flag;
    }

    Duration now() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
            if ((int) CLOCK_GETTIME.invokeExact(id, time) != 0) {
                throw new AssertionError("clock_gettime failed");
            }
            return Duration.ofSeconds(
                    time.getAtIndex(ValueLayout.JAVA_LONG, 0), time.getAtIndex(ValueLayout.JAVA_LONG, 1));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
