package io.uring4j;

import io.uring4j.abi.__kernel_timespec;
import io.uring4j.abi.io_uring_getevents_arg;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The argument of a timed wait (EXT_ARG), allocated once per ring and written anew for each wait. */
final class WaitArgument {
    static final long BYTES = io_uring_getevents_arg.layout().byteSize();
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final MemorySegment argument;
    private final MemorySegment timespec;

    WaitArgument(Arena arena) {
        this.argument = io_uring_getevents_arg.allocate(arena);
        this.timespec = __kernel_timespec.allocate(arena);
        io_uring_getevents_arg.ts(argument, timespec.address());
    }

    /** The address to pass for a wait of so many nanoseconds. */
    long of(long nanos) {
        return of(nanos, 0);
    }

    /** The address to pass for a wait that ends after a minimum time with what is there. */
    long of(long nanos, int minimumMicros) {
        io_uring_getevents_arg.min_wait_usec(argument, minimumMicros);
        __kernel_timespec.tv_sec(timespec, nanos / NANOS_PER_SECOND);
        __kernel_timespec.tv_nsec(timespec, nanos % NANOS_PER_SECOND);
        return argument.address();
    }
}
