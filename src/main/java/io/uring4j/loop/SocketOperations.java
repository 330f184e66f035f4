package io.uring4j.loop;

import io.uring4j.DirectSlot;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;

/** The operations that make, bind, connect, accept and shut down sockets. */
sealed interface SocketOperations permits EventLoop {
    private Operation make(Preparation preparation, int mode) {
        return ((EventLoop) this).make(preparation, mode);
    }

    /**
     * Makes a socket. The result is a descriptor, which programs that are executed don't get. From Linux 5.19;
     * {@link LocalSocket} does so on any.
     *
     * @param domain such as {@link Sockets#AF_INET}
     * @param type such as {@link Sockets#SOCK_STREAM}
     * @param protocol 0 for the usual one
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_socket.3.html">io_uring_prep_socket(3)</a>
     */
    default Operation socket(int domain, int type, int protocol) {
        Operation operation = make(Preparation.SOCKET, 0).on(domain);
        operation.number = type | Sockets.SOCK_CLOEXEC;
        operation.length = protocol;
        return operation;
    }

    /**
     * Makes a socket as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.19.
     *
     * @param domain such as {@link Sockets#AF_INET}
     * @param type such as {@link Sockets#SOCK_STREAM}
     * @param protocol 0 for the usual one
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_socket_direct.3.html">io_uring_prep_socket_direct(3)</a>
     */
    default Operation socketDirect(int domain, int type, int protocol, int slot) {
        Operation operation = make(Preparation.SOCKET_DIRECT, 0).on(domain);
        operation.number = type;
        operation.length = protocol;
        operation.otherFd = slot;
        return operation;
    }

    /**
     * Binds a socket to an address. From Linux 6.11; {@link LocalSocket} does so on any.
     *
     * @param fd the socket
     * @param address an internet or Unix-domain address
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_bind.3.html">io_uring_prep_bind(3)</a>
     */
    default Operation bind(int fd, SocketAddress address) {
        return make(Preparation.BIND, 0).on(fd).with(SocketAddresses.of(Arena.ofAuto(), address));
    }

    /**
     * Makes a socket listen. From Linux 6.11; {@link LocalSocket} does so on any.
     *
     * @param fd the socket
     * @param backlog how many connections may wait to be accepted
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_listen.3.html">io_uring_prep_listen(3)</a>
     */
    default Operation listen(int fd, int backlog) {
        Operation operation = make(Preparation.LISTEN, 0).on(fd);
        operation.number = backlog;
        return operation;
    }

    /**
     * Connects a socket. From Linux 5.5.
     *
     * @param fd the socket
     * @param address an internet or Unix-domain address
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_connect.3.html">io_uring_prep_connect(3)</a>
     */
    default Operation connect(int fd, SocketAddress address) {
        return make(Preparation.CONNECT, 0).on(fd).with(SocketAddresses.of(Arena.ofAuto(), address));
    }

    /**
     * Accepts a connection. The result is a descriptor, which programs that are executed don't get. From Linux 5.5.
     *
     * @param fd a listening socket
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept.3.html">io_uring_prep_accept(3)</a>
     */
    default Operation accept(int fd) {
        return make(Preparation.ACCEPT, 0).on(fd).flags(Sockets.SOCK_CLOEXEC);
    }

    /**
     * Accepts a connection as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.15.
     *
     * @param fd a listening socket
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept_direct.3.html">io_uring_prep_accept_direct(3)</a>
     */
    default Operation acceptDirect(int fd, int slot) {
        Operation operation = make(Preparation.ACCEPT_DIRECT, 0).on(fd).flags(0);
        operation.otherFd = slot;
        return operation;
    }

    /**
     * Accepts connections until it is cancelled; each result is a descriptor. It may end for want of descriptors or by
     * the kernel's own reasons; an {@link Acceptor} goes on after that. From Linux 5.19.
     *
     * @param fd a listening socket
     * @return the operation, to be started with a handler
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_multishot_accept.3.html">io_uring_prep_multishot_accept(3)</a>
     */
    default Operation acceptMultishot(int fd) {
        return make(Preparation.ACCEPT_MULTISHOT, Operation.MULTISHOT).on(fd).flags(Sockets.SOCK_CLOEXEC);
    }

    /**
     * Accepts connections as direct descriptors, in slots that the kernel chooses, until it is cancelled; each result is
     * a slot. From Linux 5.19.
     *
     * @param fd a listening socket
     * @return the operation, to be started with a handler
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_multishot_accept_direct.3.html">io_uring_prep_multishot_accept_direct(3)</a>
     */
    default Operation acceptMultishotDirect(int fd) {
        return make(Preparation.ACCEPT_MULTISHOT_DIRECT, Operation.MULTISHOT)
                .on(fd)
                .flags(0);
    }

    /**
     * Shuts down one or both directions of a connection. From Linux 5.11.
     *
     * @param fd the socket
     * @param how {@link Sockets#SHUT_RD}, {@link Sockets#SHUT_WR} or {@link Sockets#SHUT_RDWR}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_shutdown.3.html">io_uring_prep_shutdown(3)</a>
     */
    default Operation shutdown(int fd, int how) {
        Operation operation = make(Preparation.SHUTDOWN, 0).on(fd);
        operation.number = how;
        return operation;
    }

    /**
     * Asks for an option of a socket. The result is the value's length in bytes. From Linux 6.7.
     *
     * @param fd the socket
     * @param level {@link Sockets#SOL_SOCKET}; the kernel answers EOPNOTSUPP for others, as of Linux 6.18
     * @param option such as {@link Sockets#SO_ERROR}
     * @param value where the value goes; memory that can't vanish
     * @return the operation, to be started
     * @throws IllegalArgumentException if the memory is on the heap, read-only, or of an arena that could be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Operation getOption(int fd, int level, int option, MemorySegment value) {
        return option(Preparation.GET_OPTION, fd, level, option)
                .writing(value, Math.toIntExact(value.byteSize()));
    }

    /**
     * Sets an option of a socket. From Linux 6.7.
     *
     * @param fd the socket
     * @param level such as {@link Sockets#IPPROTO_TCP}
     * @param option such as {@link Sockets#TCP_NODELAY}
     * @param value the value; memory that can't vanish
     * @return the operation, to be started
     * @throws IllegalArgumentException if the memory is on the heap or of an arena that could be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Operation setOption(int fd, int level, int option, MemorySegment value) {
        return option(Preparation.SET_OPTION, fd, level, option)
                .reading(value, Math.toIntExact(value.byteSize()));
    }

    private Operation option(Preparation preparation, int fd, int level, int option) {
        Operation operation = make(preparation, 0).on(fd);
        operation.number = level;
        operation.otherFd = option;
        return operation;
    }
}
