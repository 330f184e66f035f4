package io.uring4j.sys;

import io.uring4j.abi.Abi;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** eventfd(2), and the reads and writes of eight bytes that it takes. Each returns 0 or more, or a negative errno. */
public final class EventFdCalls {
    private static final MethodHandle EVENTFD = Libc.function(Abi.eventfd$address(), Abi.eventfd$descriptor());
    private static final MethodHandle READ = Libc.function(Abi.read$address(), Abi.read$descriptor());
    private static final MethodHandle WRITE = Libc.function(Abi.write$address(), Abi.write$descriptor());

    private EventFdCalls() {}

    public static int create(int initial, int flags) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((int) EVENTFD.invokeExact(state, initial, flags), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    public static int read(int fd, MemorySegment counter) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((long) READ.invokeExact(state, fd, counter, (long) Long.BYTES), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    public static int write(int fd, MemorySegment counter) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((long) WRITE.invokeExact(state, fd, counter, (long) Long.BYTES), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }
}
