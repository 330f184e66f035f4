package io.uring4j.buffer;

import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;

/** Two connected descriptors: what the test writes to one, a ring reads from the other. */
final class SocketOrPipe implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final MethodHandle SOCKETPAIR =
            function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle SOCKET = function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle CONNECT = function("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle PIPE = function("pipe", FunctionDescriptor.of(INT, POINTER));
    private static final MethodHandle READ = function("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle WRITE = function("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));

    private final int ringEnd;
    private int testEnd;

    private SocketOrPipe(int ringEnd, int testEnd) {
        this.ringEnd = ringEnd;
        this.testEnd = testEnd;
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
    }

    /** A connection that doesn't keep messages apart. */
    static SocketOrPipe ofBytes() {
        return socketPair(Sockets.SOCK_STREAM);
    }

    /** A connection in which each write is received by itself. */
    static SocketOrPipe ofMessages() {
        return socketPair(Sockets.SOCK_DGRAM);
    }

    static SocketOrPipe pipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            checked((int) PIPE.invokeExact(ends), "pipe");
            return new SocketOrPipe(ends.getAtIndex(INT, 0), ends.getAtIndex(INT, 1));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static SocketOrPipe socketPair(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            checked((int) SOCKETPAIR.invokeExact(Sockets.AF_UNIX, type | Sockets.SOCK_CLOEXEC, 0, ends), "socketpair");
            return new SocketOrPipe(ends.getAtIndex(INT, 0), ends.getAtIndex(INT, 1));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Connects the ring's end over the loopback device; whoever listens there has the test's. */
    static int connect(InetSocketAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) checked((int) SOCKET.invokeExact(Sockets.AF_INET, Sockets.SOCK_STREAM, 0), "socket");
            MemorySegment peer = SocketAddresses.of(arena, address);
            checked((int) CONNECT.invokeExact(fd, peer, (int) peer.byteSize()), "connect");
            return fd;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The end for the ring. */
    int fd() {
        return ringEnd;
    }

    /** The end for the test. */
    int peerFd() {
        return testEnd;
    }

    void write(byte... bytes) {
        try (Arena arena = Arena.ofConfined()) {
            write(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
        }
    }

    /** Writes all; waits while there is no room. */
    void write(MemorySegment bytes) {
        try {
            for (long written = 0; written < bytes.byteSize(); ) {
                written += checked(
                        (long) WRITE.invokeExact(testEnd, bytes.asSlice(written), bytes.byteSize() - written), "write");
            }
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    byte[] read(int most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(most);
            long length = checked((long) READ.invokeExact(testEnd, bytes, bytes.byteSize()), "read");
            return bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The ring's end comes to the end of the stream. */
    void finish() {
        if (testEnd >= 0) {
            closeDescriptor(testEnd);
            testEnd = -1;
        }
    }

    static void closeDescriptor(int fd) {
        try {
            checked((int) CLOSE.invokeExact(fd), "close");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static long checked(long result, String call) {
        if (result < 0) {
            throw new AssertionError(call + " failed");
        }
        return result;
    }

    @Override
    public void close() {
        finish();
        closeDescriptor(ringEnd);
    }
}
