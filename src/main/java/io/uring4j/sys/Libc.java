package io.uring4j.sys;

import io.uring4j.abi.Abi;
import io.uring4j.abi.pollfd;
import io.uring4j.abi.rlimit;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few libc functions that the library calls. Each returns a value of 0 or more, or a negative errno. */
public final class Libc {
    private static final MethodHandle CLOSE = function(Abi.close$address(), Abi.close$descriptor());
    private static final MethodHandle POLL = function(Abi.poll$address(), Abi.poll$descriptor());
    private static final MethodHandle GETRLIMIT = function(Abi.getrlimit$address(), Abi.getrlimit$descriptor());
    private static final MethodHandle SYSCONF = function(Abi.sysconf$address(), Abi.sysconf$descriptor());

    /** The page size in bytes. */
    public static final long PAGE_SIZE = pageSize();

    private Libc() {}

    @SuppressWarnings("restricted") // address and descriptor are generated together
    static MethodHandle function(MemorySegment address, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(address, descriptor, CallState.CAPTURE);
    }

    /** close(2). Never repeated after EINTR: Linux has let go of the descriptor by then. */
    public static int close(int fd) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /**
     * poll(2) for a single descriptor.
     *
     * @param timeoutMillis how long to wait, in ms; -1 for ever
     * @return the events that are ready, 0 after the timeout, or a negative errno
     */
    public static int poll(int fd, int events, int timeoutMillis) {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = pollfd.allocate(arena);
            pollfd.fd(entry, fd);
            pollfd.events(entry, (short) events);
            long ready = CallState.result((int) POLL.invokeExact(state, entry, 1L, timeoutMillis), state);
            return ready > 0 ? Short.toUnsignedInt(pollfd.revents(entry)) : (int) ready;
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /**
     * The soft limit of getrlimit(2).
     *
     * @return the limit, {@link Long#MAX_VALUE} when there is none, or a negative errno
     */
    public static long softLimit(int resource) {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = rlimit.allocate(arena);
            long result = CallState.result((int) GETRLIMIT.invokeExact(state, resource, limit), state);
            if (result < 0) {
                return result;
            }
            long soft = rlimit.rlim_cur(limit);
            return soft == Abi.RLIM_INFINITY() ? Long.MAX_VALUE : soft;
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    private static long pageSize() {
        MemorySegment state = CallState.ofThread();
        try {
            return CallState.result((long) SYSCONF.invokeExact(state, Abi._SC_PAGESIZE()), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }
}
