package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;
import java.lang.foreign.MemorySegment;

/** Commands that the driver of a file defines, and those of sockets. */
sealed interface CommandRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * A command that the file's driver defines. From Linux 5.19.
     *
     * @param fd the file
     * @param command the driver's number of the command
     * @param payload what is copied into the entry behind its fields: up to 16 bytes, up to 80 in an
     *     entry of 128 bytes (SQE128)
     * @return this entry
     * @throws IndexOutOfBoundsException if the payload is too long
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_uring_cmd.3.html">io_uring_prep_uring_cmd(3)</a>
     */
    default Sqe uringCmd(int fd, int command, MemorySegment payload) {
        return sqe().command(Abi.IORING_OP_URING_CMD(), fd, command).payload(payload);
    }

    /**
     * A command with an entry of 128 bytes, on a ring with SQE_MIXED; for an entry of {@link SubmissionQueue#nextLarge}.
     * From Linux 6.19.
     *
     * @param fd the file
     * @param command the driver's number of the command
     * @param payload what is copied into the entry behind its fields: up to 80 bytes
     * @return this entry
     * @throws IndexOutOfBoundsException if the payload is too long
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_uring_cmd.3.html">io_uring_prep_uring_cmd(3)</a>
     */
    default Sqe uringCmd128(int fd, int command, MemorySegment payload) {
        return sqe().command(Abi.IORING_OP_URING_CMD128(), fd, command).payload(payload);
    }

    /**
     * Modifies a command: uses a registered buffer. From Linux 6.1.
     *
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_uring_cmd.3.html">io_uring_prep_uring_cmd(3)</a>
     */
    default Sqe commandBuffer(int index) {
        return sqe().require(Modifier.COMMAND_BUFFER)
                .operationFlags(Abi.IORING_URING_CMD_FIXED())
                .bufferIndex(index);
    }

    /**
     * Modifies a command: it goes on while completions carry {@link Cqe#MORE}, and may use provided buffers. For
     * drivers that have such commands; it can't have a registered buffer too. From Linux 6.18.
     *
     * @param group the group of provided buffers, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_uring_cmd.3.html">io_uring_prep_uring_cmd(3)</a>
     */
    default Sqe commandMultishot(int group) {
        return sqe().require(Modifier.COMMAND_MULTISHOT)
                .operationFlags(Abi.IORING_URING_CMD_MULTISHOT())
                .selectBuffer(group);
    }

    /**
     * The number of bytes that can be received from a socket (SIOCINQ), as the result. From Linux 6.7.
     *
     * @param fd the socket
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe socketInputQueue(int fd) {
        return sqe().command(Abi.IORING_OP_URING_CMD(), fd, Abi.SOCKET_URING_OP_SIOCINQ())
                .require(Modifier.SOCKET_COMMANDS);
    }

    /**
     * The number of bytes that a socket has yet to send (SIOCOUTQ), as the result. From Linux 6.7.
     *
     * @param fd the socket
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe socketOutputQueue(int fd) {
        return sqe().command(Abi.IORING_OP_URING_CMD(), fd, Abi.SOCKET_URING_OP_SIOCOUTQ())
                .require(Modifier.SOCKET_COMMANDS);
    }

    /**
     * Reads a socket option. The result is the length of the value. The kernel serves the level SOL_SOCKET. From Linux 6.7.
     *
     * @param fd the socket
     * @param level such as {@link Sockets#SOL_SOCKET}
     * @param option the option's number
     * @param value room for the value, which must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe getsockopt(int fd, int level, int option, MemorySegment value) {
        long room = sqe().writable(value);
        return sqe().option(Abi.SOCKET_URING_OP_GETSOCKOPT(), fd, level, option, room, (int) value.byteSize());
    }

    /**
     * Sets a socket option. From Linux 6.7.
     *
     * @param fd the socket
     * @param level such as {@link Sockets#SOL_SOCKET}
     * @param option the option's number
     * @param value the value, which must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe setsockopt(int fd, int level, int option, MemorySegment value) {
        return sqe().option(Abi.SOCKET_URING_OP_SETSOCKOPT(), fd, level, option, sqe().whole(value), (int) value.byteSize());
    }

    /**
     * Reads a socket's own address or its peer's. From Linux 6.19.
     *
     * @param fd the socket
     * @param address room for the address, which must stay until the completion
     * @param addressLength an int that holds the room and receives the length; must stay until the
     *     completion
     * @param peer true for the peer's address
     * @return this entry
     * @throws IllegalArgumentException if only one of the segments is null, or one is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe getsockname(int fd, MemorySegment address, MemorySegment addressLength, boolean peer) {
        Sqe entry = sqe().command(Abi.IORING_OP_URING_CMD(), fd, Abi.SOCKET_URING_OP_GETSOCKNAME())
                .require(Modifier.SOCKET_NAME);
        io_uring_sqe.addr(entry.memory(), sqe().addressRoom(address, addressLength));
        io_uring_sqe.addr3(entry.memory(), addressLength.address());
        io_uring_sqe.optlen(entry.memory(), peer ? 1 : 0);
        return entry;
    }

    /**
     * Reads the timestamps of sent packets, again and again; needs a ring with completions of 32 bytes. The result
     * is the packet's number, the extra words are seconds and nanoseconds, and the flags tell what kind of time it is:
     * {@link Cqe#timestampKind}, {@link Cqe#isHardwareTimestamp}. The socket's option SO_TIMESTAMPING says which
     * timestamps are taken. From Linux 6.17.
     *
     * @param fd the socket
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cmd.3.html">io_uring_prep_cmd(3)</a>
     */
    default Sqe transmitTimestamps(int fd) {
        return sqe().command(Abi.IORING_OP_URING_CMD(), fd, Abi.SOCKET_URING_OP_TX_TIMESTAMP())
                .require(Modifier.TRANSMIT_TIMESTAMPS);
    }
}
