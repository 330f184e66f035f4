package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** An eventfd that the test itself counts up and reads. */
final class EventCounter implements AutoCloseable {
    private static final MethodHandle EVENTFD = Posix.function(
            "eventfd", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final int fd;

    EventCounter() {
        try {
            fd = (int) EVENTFD.invokeExact(0, OpenFlags.CLOSE_ON_EXEC);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
        if (fd < 0) {
            throw new AssertionError("eventfd failed");
        }
    }

    int fd() {
        return fd;
    }

    void add(long count) {
        try (Arena arena = Arena.ofConfined()) {
            Posix.write(fd, arena.allocateFrom(ValueLayout.JAVA_LONG, count));
        }
    }

    /** The count, which is zero after that; waits while it is. */
    long take() {
        try (Arena arena = Arena.ofConfined()) {
            var value = arena.allocate(ValueLayout.JAVA_LONG);
            Posix.read(fd, value);
            return value.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    @Override
    public void close() {
        Posix.close(fd);
    }
}
