package io.uring4j.loop;

import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.sys.Libc;
import io.uring4j.sys.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/**
 * A socket that operations can use: it listens, is bound, or is to be connected. Made by ordinary system calls, none of
 * which blocks, so that it works on every kernel and on every thread. Programs that are executed don't get it.
 *
 * <pre>{@code
 * try (LocalSocket listener = LocalSocket.listen(new InetSocketAddress("::", 8080), 1024)) { ... }
 * }</pre>
 */
public final class LocalSocket implements AutoCloseable {
    private final int fd;
    private boolean closed;

    private LocalSocket(int fd) {
        this.fd = fd;
    }

    /**
     * Makes a stream socket that listens. The address may be used again at once after a restart (SO_REUSEADDR).
     *
     * @param address an internet address, port 0 for any; or a Unix-domain address
     * @param backlog how many connections may wait to be accepted
     * @return the socket
     * @throws UringException if the kernel refuses, such as with EADDRINUSE
     * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
     */
    public static LocalSocket listen(SocketAddress address, int backlog) throws UringException {
        LocalSocket socket = open(address, Sockets.SOCK_STREAM);
        return socket.prepared(() -> {
            if (!(address instanceof UnixDomainSocketAddress)) {
                socket.option(Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
            }
            socket.bind(address);
            check("listen", SocketCalls.listen(socket.fd, backlog));
        });
    }

    /**
     * As {@link #listen}, for several sockets on one port among which the kernel spreads connections (SO_REUSEPORT): one
     * per loop.
     *
     * @param address an internet address
     * @param backlog how many connections may wait to be accepted
     * @return the socket
     * @throws UringException if the kernel refuses
     */
    public static LocalSocket listenShared(InetSocketAddress address, int backlog) throws UringException {
        LocalSocket socket = open(address, Sockets.SOCK_STREAM);
        return socket.prepared(() -> {
            socket.option(Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
            socket.bind(address);
            check("listen", SocketCalls.listen(socket.fd, backlog));
        });
    }

    /**
     * Makes a datagram socket that receives at an address.
     *
     * @param address an internet address, port 0 for any; or a Unix-domain address
     * @return the socket
     * @throws UringException if the kernel refuses, such as with EADDRINUSE
     */
    public static LocalSocket datagram(SocketAddress address) throws UringException {
        LocalSocket socket = open(address, Sockets.SOCK_DGRAM);
        return socket.prepared(() -> socket.bind(address));
    }

    /**
     * Makes a stream socket of the family of an address, for {@link EventLoop#connect}.
     *
     * @param address where it is to be connected to
     * @return the socket, not yet connected
     * @throws UringException if the kernel refuses, such as with EMFILE
     */
    public static LocalSocket streamTo(SocketAddress address) throws UringException {
        return open(address, Sockets.SOCK_STREAM);
    }

    private static LocalSocket open(SocketAddress address, int type) throws UringException {
        int domain = address instanceof UnixDomainSocketAddress
                ? Sockets.AF_UNIX
                : address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet6Address
                        ? Sockets.AF_INET6
                        : Sockets.AF_INET;
        return new LocalSocket(check("socket", SocketCalls.socket(domain, type | Sockets.SOCK_CLOEXEC, 0)));
    }

    private interface Step {
        void run() throws UringException;
    }

    private LocalSocket prepared(Step step) throws UringException {
        try {
            step.run();
            return this;
        } catch (UringException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void bind(SocketAddress address) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            check("bind", SocketCalls.bind(fd, SocketAddresses.of(arena, address)));
        }
    }

    private static int check(String call, int result) throws UringException {
        if (result < 0) {
            throw new UringException(call, result);
        }
        return result;
    }

    /** {@return the descriptor, which belongs to this object until {@link #release}} */
    public int fd() {
        return fd;
    }

    /**
     * Sets an option whose value is a number.
     *
     * @param level such as {@link Sockets#IPPROTO_TCP}
     * @param option such as {@link Sockets#TCP_NODELAY}
     * @param value the value
     * @return this socket
     * @throws UringException if the kernel refuses
     * @see <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a>
     */
    public LocalSocket option(int level, int option, int value) throws UringException {
        setOption(fd, level, option, value);
        return this;
    }

    /**
     * Sets an option, whose value is a number, of any socket, such as one that was accepted.
     *
     * @param fd the socket
     * @param level such as {@link Sockets#IPPROTO_TCP}
     * @param option such as {@link Sockets#TCP_NODELAY}
     * @param value the value
     * @throws UringException if the kernel refuses
     */
    public static void setOption(int fd, int level, int option, int value) throws UringException {
        check("setsockopt", SocketCalls.setOption(fd, level, option, value));
    }

    /**
     * The address that it is bound to, such as with the port that the kernel chose.
     *
     * @return the address
     * @throws UringException if the kernel refuses
     */
    public SocketAddress address() throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
            int length = check("getsockname", SocketCalls.name(fd, room));
            return SocketAddresses.read(room.asSlice(0, Math.min(length, room.byteSize())));
        }
    }

    /**
     * Leaves the descriptor to the caller: {@link #close} does nothing any more.
     *
     * @return the descriptor
     */
    public int release() {
        closed = true;
        return fd;
    }

    /** Closes the descriptor. Operations that wait on it don't end by that: cancel them, or shut the socket down. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }
}
