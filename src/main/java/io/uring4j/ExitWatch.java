package io.uring4j;

import io.uring4j.sys.Libc;
import io.uring4j.sys.Pipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Learns when the kernel is done with a ring. The kernel lets go of a ring's registered files last, after
 * every request has ended, whatever completions those had or hadn't. So the ring gets one end of a pipe
 * as its only file, and once its descriptor is closed, the hang-up of the other end is the news.
 */
final class ExitWatch {
    private static final int MILLIS_PER_POLL = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int readEnd;

    private ExitWatch(int readEnd) {
        this.readEnd = readEnd;
    }

    /** Null when the ring can't be given the pipe: no descriptor is left, or restrictions forbid it. */
    static @Nullable ExitWatch attach(RingDescriptor ring) {
        Pipe pipe = Pipe.open();
        if (pipe.failed()) {
            return null;
        }
        // Requests in flight keep the files that they began with; nobody needs the table any more.
        ring.register(RegisterOpcode.UNREGISTER_FILES.code(), 0, 0);
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocateFrom(ValueLayout.JAVA_INT, pipe.writeEnd());
            result = ring.register(RegisterOpcode.REGISTER_FILES.code(), file.address(), 1);
        }
        Libc.close(pipe.writeEnd());
        if (result < 0) {
            Libc.close(pipe.readEnd());
            return null;
        }
        return new ExitWatch(pipe.readEnd());
    }

    /** Waits, after the ring's descriptor was closed and its memory unmapped; true when all has ended. */
    boolean await(long deadline) {
        try {
            long left;
            do {
                left = Math.max(0, deadline - System.nanoTime());
                long millis = Math.min(MILLIS_PER_POLL, left / NANOS_PER_MILLI + 1);
                if (Libc.poll(readEnd, 0, (int) millis) > 0) {
                    return true;
                }
            } while (left > 0);
            return false;
        } finally {
            Libc.close(readEnd);
        }
    }
}
