package io.uring4j;

import io.uring4j.abi.Abi;
import java.lang.foreign.MemorySegment;

/** The operations that make, bind, connect, accept and shut down sockets. */
sealed interface SocketRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Makes a socket. The result is a descriptor. From Linux 5.19.
     *
     * @param domain such as {@link Sockets#AF_INET}
     * @param type such as {@link Sockets#SOCK_STREAM}, with {@link Sockets#SOCK_CLOEXEC} and the
     *     like
     * @param protocol 0 for the usual one
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_socket.3.html">io_uring_prep_socket(3)</a>
     */
    default Sqe socket(int domain, int type, int protocol) {
        return sqe().prepare(Abi.IORING_OP_SOCKET(), domain, 0, protocol, type);
    }

    /**
     * Makes a socket as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.19.
     *
     * @param domain such as {@link Sockets#AF_INET}
     * @param type such as {@link Sockets#SOCK_STREAM}; SOCK_CLOEXEC is refused by the kernel
     * @param protocol 0 for the usual one
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE} to let the kernel
     *     choose, which is then the result
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_socket_direct.3.html">io_uring_prep_socket_direct(3)</a>
     */
    default Sqe socketDirect(int domain, int type, int protocol, int slot) {
        return socket(domain, type, protocol).directSlot(slot);
    }

    /**
     * Binds a socket to an address. From Linux 6.11.
     *
     * @param fd the socket
     * @param address a socket address, see {@link SocketAddresses}; must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_bind.3.html">io_uring_prep_bind(3)</a>
     */
    default Sqe bind(int fd, MemorySegment address) {
        return sqe().prepare(Abi.IORING_OP_BIND(), fd, sqe().whole(address), 0, address.byteSize());
    }

    /**
     * Makes a socket listen. From Linux 6.11.
     *
     * @param fd the socket
     * @param backlog how many connections may wait to be accepted
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_listen.3.html">io_uring_prep_listen(3)</a>
     */
    default Sqe listen(int fd, int backlog) {
        return sqe().prepare(Abi.IORING_OP_LISTEN(), fd, 0, backlog, 0);
    }

    /**
     * Connects a socket. From Linux 5.5.
     *
     * @param fd the socket
     * @param address a socket address, see {@link SocketAddresses}; must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_connect.3.html">io_uring_prep_connect(3)</a>
     */
    default Sqe connect(int fd, MemorySegment address) {
        return sqe().prepare(
                Abi.IORING_OP_CONNECT(), fd, sqe().whole(address), 0, address.byteSize());
    }

    /**
     * Accepts a connection. The result is a descriptor. From Linux 5.5.
     *
     * @param fd a listening socket
     * @param address where the peer's address goes, or {@link MemorySegment#NULL}; must stay until
     *     the completion
     * @param addressLength an int that holds the room at {@code address} and receives the length,
     *     or {@link MemorySegment#NULL}; must stay until the completion
     * @param flags such as {@code SOCK_CLOEXEC}
     * @return this entry
     * @throws IllegalArgumentException if only one of the segments is null, or one is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept.3.html">io_uring_prep_accept(3)</a>
     */
    default Sqe accept(int fd, MemorySegment address, MemorySegment addressLength, int flags) {
        return sqe().prepare(
                        Abi.IORING_OP_ACCEPT(),
                        fd,
                        sqe().addressRoom(address, addressLength),
                        0,
                        addressLength.address())
                .operationFlags(flags);
    }

    /**
     * Accepts a connection as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.15.
     *
     * @param fd a listening socket
     * @param address where the peer's address goes, or {@link MemorySegment#NULL}; must stay until
     *     the completion
     * @param addressLength an int that holds the room at {@code address} and receives the length,
     *     or {@link MemorySegment#NULL}; must stay until the completion
     * @param flags such as {@code SOCK_CLOEXEC}
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE} to let the kernel
     *     choose, which is then the result
     * @return this entry
     * @throws IllegalArgumentException if only one of the segments is null, or one is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept_direct.3.html">io_uring_prep_accept_direct(3)</a>
     */
    default Sqe acceptDirect(int fd, MemorySegment address, MemorySegment addressLength, int flags, int slot) {
        return accept(fd, address, addressLength, flags).directSlot(slot);
    }

    /**
     * Accepts connections until it is cancelled. Each result is a descriptor; it goes on while completions
     * carry {@link Cqe#MORE}. From Linux 5.19.
     *
     * @param fd a listening socket
     * @param flags such as {@code SOCK_CLOEXEC}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_multishot_accept.3.html">io_uring_prep_multishot_accept(3)</a>
     */
    default Sqe acceptMultishot(int fd, int flags) {
        return accept(fd, MemorySegment.NULL, MemorySegment.NULL, flags)
                .require(Modifier.ACCEPT_MULTISHOT)
                .addPriority(Abi.IORING_ACCEPT_MULTISHOT());
    }

    /**
     * Accepts connections as direct descriptors, in slots that the kernel chooses, until it is cancelled. Each
     * result is a slot. From Linux 5.19.
     *
     * @param fd a listening socket
     * @param flags such as {@code SOCK_NONBLOCK}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_multishot_accept_direct.3.html">io_uring_prep_multishot_accept_direct(3)</a>
     */
    default Sqe acceptMultishotDirect(int fd, int flags) {
        return acceptMultishot(fd, flags).directSlot(DirectSlot.ALLOCATE);
    }

    /**
     * Modifies an accept: ends with EAGAIN when no connection waits. From Linux 6.10.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept.3.html">io_uring_prep_accept(3)</a>
     */
    default Sqe acceptDontWait() {
        return sqe().require(Modifier.ACCEPT_DONT_WAIT).addPriority(Abi.IORING_ACCEPT_DONTWAIT());
    }

    /**
     * Modifies an accept: waits for the socket to become ready before the first attempt. From Linux 6.10.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_accept.3.html">io_uring_prep_accept(3)</a>
     */
    default Sqe acceptPollFirst() {
        return sqe().require(Modifier.ACCEPT_POLL_FIRST).addPriority(Abi.IORING_ACCEPT_POLL_FIRST());
    }

    /**
     * Shuts down one or both directions of a connection. From Linux 5.11.
     *
     * @param fd the socket
     * @param how {@link Sockets#SHUT_RD}, {@link Sockets#SHUT_WR} or {@link Sockets#SHUT_RDWR}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_shutdown.3.html">io_uring_prep_shutdown(3)</a>
     */
    default Sqe shutdown(int fd, int how) {
        return sqe().prepare(Abi.IORING_OP_SHUTDOWN(), fd, 0, how, 0);
    }
}
