package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.abi.msghdr;
import java.lang.foreign.MemorySegment;

/** The operations that send and receive. */
sealed interface TransferRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Sends. The result is the number of bytes, which may be fewer than asked for. From Linux 5.6.
     *
     * @param fd the socket
     * @param buffer native memory to send, which must stay until the completion; {@link
     *     MemorySegment#NULL} with {@code selectBuffer}
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send.3.html">io_uring_prep_send(3)</a>
     */
    default Sqe send(int fd, MemorySegment buffer, int nbytes, int flags) {
        return sqe().prepare(Abi.IORING_OP_SEND(), fd, sqe().readable(buffer, nbytes), nbytes, 0)
                .operationFlags(flags);
    }

    /**
     * Sends a datagram to an address. The result is the number of bytes. From Linux 6.0.
     *
     * @param fd the socket
     * @param buffer native memory to send, which must stay until the completion
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @param address a socket address, see {@link SocketAddresses}; must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sendto.3.html">io_uring_prep_sendto(3)</a>
     */
    default Sqe sendTo(int fd, MemorySegment buffer, int nbytes, int flags, MemorySegment address) {
        return send(fd, buffer, nbytes, flags).destination(address);
    }

    /**
     * Modifies a send or a zero-copy send: its destination. From Linux 6.0.
     *
     * @param address a socket address, see {@link SocketAddresses}; must stay until the completion,
     *     of a zero-copy send until the first
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_set_addr.3.html">io_uring_prep_send_set_addr(3)</a>
     */
    default Sqe destination(MemorySegment address) {
        sqe().require(Modifier.SEND_ADDRESS);
        io_uring_sqe.addr2(sqe().memory(), sqe().whole(address));
        io_uring_sqe.addr_len(sqe().memory(), (short) address.byteSize());
        return sqe();
    }

    /**
     * Sends a message. The result is the number of bytes. From Linux 5.3.
     *
     * @param fd the socket
     * @param message a struct msghdr, see {@link MessageHeader}; it and all that it points at must
     *     stay until the completion
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sendmsg.3.html">io_uring_prep_sendmsg(3)</a>
     */
    default Sqe sendmsg(int fd, MemorySegment message, int flags) {
        return sqe().prepare(Abi.IORING_OP_SENDMSG(), fd, sqe().readable(message, msghdr.layout().byteSize()), 1, 0)
                .operationFlags(flags);
    }

    /**
     * Sends without copying the buffer. The first completion has the number of bytes and {@link Cqe#MORE}; when the
     * buffer may be used again, another with {@link Cqe#NOTIFICATION} follows. From Linux 6.0.
     *
     * @param fd the socket
     * @param buffer native memory to send, which must stay until the notification
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_zc.3.html">io_uring_prep_send_zc(3)</a>
     */
    default Sqe sendZeroCopy(int fd, MemorySegment buffer, int nbytes, int flags) {
        return sqe().prepare(Abi.IORING_OP_SEND_ZC(), fd, sqe().readable(buffer, nbytes), nbytes, 0)
                .operationFlags(flags);
    }

    /**
     * Sends a message without copying the buffers. The first completion has the number of bytes and {@link Cqe#MORE}; when the
     * buffers may be used again, another with {@link Cqe#NOTIFICATION} follows. From Linux 6.1.
     *
     * @param fd the socket
     * @param message a struct msghdr, see {@link MessageHeader}; it and all that it points at must stay until the
     *     first completion, the buffers themselves until the notification
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sendmsg_zc.3.html">io_uring_prep_sendmsg_zc(3)</a>
     */
    default Sqe sendmsgZeroCopy(int fd, MemorySegment message, int flags) {
        return sqe().prepare(Abi.IORING_OP_SENDMSG_ZC(), fd, sqe().readable(message, msghdr.layout().byteSize()), 1, 0)
                .operationFlags(flags);
    }

    /**
     * Modifies a zero-copy send: its buffer lies in a registered buffer. From Linux 6.0, with messages from
     * 6.15. An ordinary send is refused with EINVAL by the kernels that this was tried on.
     *
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_zc_fixed.3.html">io_uring_prep_send_zc_fixed(3)</a>
     */
    default Sqe fixedBuffer(int index) {
        if (sqe().opcode() == Abi.IORING_OP_SENDMSG_ZC()) {
            sqe().require(Modifier.SENDMSG_FIXED_BUFFER);
        }
        return sqe().addPriority(Abi.IORING_RECVSEND_FIXED_BUF()).bufferIndex(index);
    }

    /**
     * Modifies a zero-copy send: the result of the notification tells whether the kernel copied all the same
     * ({@link Cqe#wasCopied}). From Linux 6.2.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_zc.3.html">io_uring_prep_send_zc(3)</a>
     */
    default Sqe reportUsage() {
        return sqe().require(Modifier.REPORT_USAGE).addPriority(Abi.IORING_SEND_ZC_REPORT_USAGE());
    }

    /**
     * Sends from several buffers. The result is the number of bytes. From Linux 6.17.
     *
     * @param fd the socket
     * @param iovecs an array of struct iovec, see {@link Iovec}; it and the buffers must stay until the
     *     completion
     * @param count how many of them to use, at most 1024
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send.3.html">io_uring_prep_send(3)</a>
     */
    default Sqe sendVectorized(int fd, MemorySegment iovecs, int count, int flags) {
        return sqe().prepare(Abi.IORING_OP_SEND(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, 0)
                .operationFlags(flags)
                .require(Modifier.SEND_VECTORIZED)
                .addPriority(Abi.IORING_SEND_VECTORIZED());
    }

    /**
     * Sends from several buffers without copying them. The first completion has the number of bytes and
     * {@link Cqe#MORE}; when the buffers may be used again, another with {@link Cqe#NOTIFICATION} follows. From
     * Linux 6.17.
     *
     * @param fd the socket
     * @param iovecs an array of struct iovec, see {@link Iovec}; it must stay until the first completion, the buffers
     *     until the notification
     * @param count how many of them to use, at most 1024
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_zc.3.html">io_uring_prep_send_zc(3)</a>
     */
    default Sqe sendVectorizedZeroCopy(int fd, MemorySegment iovecs, int count, int flags) {
        return sqe().prepare(Abi.IORING_OP_SEND_ZC(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, 0)
                .operationFlags(flags)
                .require(Modifier.SEND_VECTORIZED)
                .addPriority(Abi.IORING_SEND_VECTORIZED());
    }

    /**
     * Receives. The result is the number of bytes, 0 when the peer has shut down. From Linux 5.6.
     *
     * @param fd the socket
     * @param buffer native memory to fill, which must stay until the completion; {@link
     *     MemorySegment#NULL} with {@code selectBuffer}
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recv.3.html">io_uring_prep_recv(3)</a>
     */
    default Sqe recv(int fd, MemorySegment buffer, int nbytes, int flags) {
        return sqe().prepare(Abi.IORING_OP_RECV(), fd, sqe().writable(buffer, nbytes), nbytes, 0)
                .operationFlags(flags);
    }

    /**
     * Receives again and again, each time into a provided buffer. Each result is a number of bytes; it goes on
     * while completions carry {@link Cqe#MORE}, and ends without a buffer at the end of the stream, by ENOBUFS or
     * by cancellation. From Linux 6.0. Kernels before 7.0, but for stable releases that mended it, may lose the end of a
     * stream that comes right after the last data.
     *
     * @param fd the socket
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @param group the group of provided buffers, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recv_multishot.3.html">io_uring_prep_recv_multishot(3)</a>
     */
    default Sqe recvMultishot(int fd, int flags, int group) {
        return sqe().prepare(Abi.IORING_OP_RECV(), fd, 0, 0, 0)
                .require(Modifier.RECV_MULTISHOT)
                .operationFlags(flags)
                .addPriority(Abi.IORING_RECV_MULTISHOT())
                .selectBuffer(group);
    }

    /**
     * Modifies a multishot receive of bytes, not of messages: how many it takes. It ends with the receive that
     * reaches the limit, which has a buffer but no {@link Cqe#MORE}, and isn't cut to it. From Linux 6.17.
     *
     * @param nbytesEach how many bytes each time at most; 0 for what a buffer holds
     * @param nbytesInAll after how many bytes altogether it ends; 0 for no limit
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recv_multishot.3.html">io_uring_prep_recv_multishot(3)</a>
     */
    default Sqe receiveAtMost(int nbytesEach, int nbytesInAll) {
        sqe().require(Modifier.RECV_LIMIT);
        io_uring_sqe.len(sqe().memory(), nbytesEach);
        io_uring_sqe.optlen(sqe().memory(), nbytesInAll);
        return sqe();
    }

    /**
     * Receives a message. The result is the number of bytes. From Linux 5.3.
     *
     * @param fd the socket
     * @param message a struct msghdr, see {@link MessageHeader}; it and all that it points at must
     *     stay until the completion
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recvmsg.3.html">io_uring_prep_recvmsg(3)</a>
     */
    default Sqe recvmsg(int fd, MemorySegment message, int flags) {
        return sqe().prepare(Abi.IORING_OP_RECVMSG(), fd, sqe().writable(message, msghdr.layout().byteSize()), 1, 0)
                .operationFlags(flags);
    }

    /**
     * Receives messages again and again, each time into a provided buffer that holds header, address, control
     * data and payload: {@link ReceivedMessage} reads it. From Linux 6.0.
     *
     * @param fd the socket
     * @param message a struct msghdr that says how much room address and control data get; must
     *     stay until the last completion
     * @param flags {@code MSG_} bits, see {@link Sockets}
     * @param group the group of provided buffers, 0 to 65535
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recvmsg_multishot.3.html">io_uring_prep_recvmsg_multishot(3)</a>
     */
    default Sqe recvmsgMultishot(int fd, MemorySegment message, int flags, int group) {
        return recvmsg(fd, message, flags)
                .require(Modifier.RECV_MULTISHOT)
                .addPriority(Abi.IORING_RECV_MULTISHOT())
                .selectBuffer(group);
    }

    /**
     * Receives without copying, through a registered queue of a network device. From Linux 6.15.
     *
     * @param fd the socket
     * @param nbytes how many bytes in all, 0 for no limit
     * @param queue the id that registering the queue returned
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
     */
    default Sqe recvZeroCopy(int fd, int nbytes, int queue) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_RECV_ZC(), fd, 0, nbytes, 0).addPriority(Abi.IORING_RECV_MULTISHOT());
        io_uring_sqe.zcrx_ifq_idx(entry.memory(), queue);
        return entry;
    }

    /**
     * Modifies a send or receive: waits for the socket to become ready before the first attempt. From Linux 5.19.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
     */
    default Sqe pollFirst() {
        return sqe().require(Modifier.POLL_FIRST).addPriority(Abi.IORING_RECVSEND_POLL_FIRST());
    }

    /**
     * Modifies a send or receive with {@code selectBuffer}: uses as many provided buffers as it takes. The
     * completion names the first, the others follow it in the group. From Linux 6.10.
     *
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_bundle.3.html">io_uring_prep_send_bundle(3)</a>
     */
    default Sqe bundle() {
        return sqe().require(Modifier.BUNDLE).addPriority(Abi.IORING_RECVSEND_BUNDLE());
    }
}
