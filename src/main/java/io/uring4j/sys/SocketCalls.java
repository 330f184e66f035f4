package io.uring4j.sys;

import io.uring4j.abi.Abi;
import io.uring4j.abi.sockaddr;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The calls that make a socket ready to be used by a ring, none of which blocks: older kernels have no operations for
 * them. Each returns 0 or more, or a negative errno.
 */
public final class SocketCalls {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle SOCKET = Libc.function(Abi.socket$address(), Abi.socket$descriptor());
    private static final MethodHandle LISTEN = Libc.function(Abi.listen$address(), Abi.listen$descriptor());
    private static final MethodHandle SETSOCKOPT = Libc.function(Abi.setsockopt$address(), Abi.setsockopt$descriptor());

    // The header declares these two with a transparent union, which jextract can't read.
    private static final MethodHandle BIND = function("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle GETSOCKNAME =
            function("getsockname", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private SocketCalls() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return Libc.function(Linker.nativeLinker().defaultLookup().findOrThrow(name), descriptor);
    }

    /** socket(2). */
    public static int socket(int domain, int type, int protocol) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /** bind(2). */
    public static int bind(int fd, MemorySegment address) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((int) BIND.invokeExact(state, fd, address, (int) address.byteSize()), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /** listen(2). */
    public static int listen(int fd, int backlog) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result((int) LISTEN.invokeExact(state, fd, backlog), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /**
     * getsockname(2).
     *
     * @return the length of the address in bytes, which may be more than there is room for
     */
    public static int name(int fd, MemorySegment address) {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(INT, (int) address.byteSize());
            int result = (int) CallState.result((int) GETSOCKNAME.invokeExact(state, fd, address, length), state);
            return result < 0 ? result : length.get(INT, 0);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /** Whether a descriptor is a socket within the machine. */
    public static boolean isOfUnixDomain(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = sockaddr.allocate(arena);
            return name(fd, address) > 0 && sockaddr.sa_family(address) == Abi.AF_UNIX();
        }
    }

    /** setsockopt(2) for an option that is an int. */
    public static int setOption(int fd, int level, int option, int value) {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(INT, value);
            int result = (int) SETSOCKOPT.invokeExact(state, fd, level, option, memory, Integer.BYTES);
            return (int) CallState.result(result, state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }
}
