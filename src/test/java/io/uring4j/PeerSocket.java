package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.sys.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A socket that is used without a ring: the peer that feeds a test's ring and sees what it has sent. */
final class PeerSocket implements AutoCloseable {
    private static final int BACKLOG = 128;
    private static final int SO_LINGER = 13;
    private static final int PATIENCE_MILLIS = (int) (Completion.PATIENCE_NANOS / 1_000_000);

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final FunctionDescriptor THREE_INTS = FunctionDescriptor.of(INT, INT, INT, INT);
    private static final FunctionDescriptor ADDRESS_GIVEN = FunctionDescriptor.of(INT, INT, POINTER, INT);
    private static final FunctionDescriptor ADDRESS_ASKED = FunctionDescriptor.of(INT, INT, POINTER, POINTER);
    private static final MethodHandle SOCKET = Posix.function("socket", THREE_INTS);
    private static final MethodHandle SOCKETPAIR =
            Posix.function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle BIND = Posix.function("bind", ADDRESS_GIVEN);
    private static final MethodHandle LISTEN = Posix.function("listen", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle CONNECT = Posix.function("connect", ADDRESS_GIVEN);
    private static final MethodHandle ACCEPT = Posix.function("accept", ADDRESS_ASKED);
    private static final MethodHandle SHUTDOWN = Posix.function("shutdown", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle GETSOCKNAME = Posix.function("getsockname", ADDRESS_ASKED);
    private static final MethodHandle GETSOCKOPT =
            Posix.function("getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, POINTER));
    private static final MethodHandle SETSOCKOPT =
            Posix.function("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));

    private int fd;

    private PeerSocket(int fd) {
        this.fd = fd;
    }

    /** Takes over a descriptor that a ring has made. */
    static PeerSocket of(int fd) {
        assertThat(fd).as("descriptor").isNotNegative();
        return new PeerSocket(fd);
    }

    /** An address of this machine at which nobody listens yet; binding to it lets the kernel choose a port. */
    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A stream socket that isn't connected. */
    static PeerSocket stream() {
        return open(Sockets.SOCK_STREAM);
    }

    /** A stream socket that has an address, at which it doesn't listen. */
    static PeerSocket bound() {
        return stream().bind();
    }

    /** A stream socket at which peers can connect. */
    static PeerSocket listening() {
        PeerSocket socket = bound();
        try {
            checked((int) LISTEN.invokeExact(socket.fd, BACKLOG), "listen");
            return socket;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** A datagram socket that has an address. */
    static PeerSocket datagram() {
        return open(Sockets.SOCK_DGRAM).bind();
    }

    /** Two connected sockets within this machine. */
    static PeerSocket[] pair(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            int kind = type | Sockets.SOCK_CLOEXEC;
            checked((int) SOCKETPAIR.invokeExact(Sockets.AF_UNIX, kind, 0, ends), "socketpair");
            return new PeerSocket[] {of(ends.getAtIndex(INT, 0)), of(ends.getAtIndex(INT, 1))};
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static PeerSocket open(int type) {
        try {
            int kind = type | Sockets.SOCK_CLOEXEC;
            return of(checked((int) SOCKET.invokeExact(Sockets.AF_INET, kind, 0), "socket"));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private PeerSocket bind() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = SocketAddresses.of(arena, anyPort());
            checked((int) BIND.invokeExact(fd, address, (int) address.byteSize()), "bind");
            return this;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    int fd() {
        return fd;
    }

    /** The socket's own address. */
    InetSocketAddress address() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
            MemorySegment length = arena.allocateFrom(INT, (int) SocketAddresses.MAX_BYTES);
            checked((int) GETSOCKNAME.invokeExact(fd, address, length), "getsockname");
            return (InetSocketAddress) SocketAddresses.read(address.asSlice(0, length.get(INT, 0)));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Connects, by a stream socket of its own, to this one. */
    PeerSocket connectTo() {
        return stream().connect(address());
    }

    PeerSocket connect(InetSocketAddress peer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = SocketAddresses.of(arena, peer);
            checked((int) CONNECT.invokeExact(fd, address, (int) address.byteSize()), "connect");
            return this;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    PeerSocket accept() {
        awaitReadable();
        try {
            return of(checked(
                    (int) ACCEPT.invokeExact(fd, MemorySegment.NULL, MemorySegment.NULL), "accept"));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    void send(String text) {
        try (Arena arena = Arena.ofConfined()) {
            send(Text.in(arena, text));
        }
    }

    void send(MemorySegment bytes) {
        for (long sent = 0; sent < bytes.byteSize(); ) {
            sent += Posix.write(fd, bytes.asSlice(sent));
        }
    }

    /** Waits for so many bytes. */
    String receive(int count) {
        try (Arena arena = Arena.ofConfined()) {
            return Text.of(receive(arena, count), count);
        }
    }

    MemorySegment receive(Arena arena, int count) {
        MemorySegment buffer = arena.allocate(count);
        for (int received = 0; received < count; ) {
            awaitReadable();
            int more = Posix.read(fd, buffer.asSlice(received));
            if (more == 0) {
                throw new AssertionError("the stream ended after " + received + " bytes of " + count);
            }
            received += more;
        }
        return buffer;
    }

    /** Waits for the next message, or for what has come of a stream; empty at the end. */
    String receiveSome() {
        awaitReadable();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536);
            return Text.of(buffer, Posix.read(fd, buffer));
        }
    }

    private void awaitReadable() {
        assertThat(Libc.poll(fd, PollEvents.IN, PATIENCE_MILLIS)).as("events at the peer").isPositive();
    }

    /** The peer's next read comes to the end of the stream. */
    void finishSending() {
        try {
            checked((int) SHUTDOWN.invokeExact(fd, Sockets.SHUT_WR), "shutdown");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Ends the connection so that the peer sees a reset. */
    void abort() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lingerForNoTime = arena.allocateFrom(INT, 1, 0);
            setOption(SO_LINGER, lingerForNoTime);
        }
        close();
    }

    int option(int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(INT);
            MemorySegment length = arena.allocateFrom(INT, Integer.BYTES);
            checked((int) GETSOCKOPT.invokeExact(fd, Sockets.SOL_SOCKET, option, value, length), "getsockopt");
            return value.get(INT, 0);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    void setOption(int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setOption(option, arena.allocateFrom(INT, value));
        }
    }

    private void setOption(int option, MemorySegment value) {
        try {
            checked(
                    (int) SETSOCKOPT.invokeExact(fd, Sockets.SOL_SOCKET, option, value, (int) value.byteSize()),
                    "setsockopt");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static int checked(int result, String call) {
        if (result < 0) {
            throw new AssertionError(call + " failed");
        }
        return result;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Posix.close(fd);
            fd = -1;
        }
    }
}
