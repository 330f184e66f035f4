package io.uring4j.loop;

import io.uring4j.Iovec;
import io.uring4j.MessageHeader;
import io.uring4j.buffer.BufferLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The operations that send and receive. */
sealed interface TransferOperations permits EventLoop {
    private Operation make(Preparation preparation, int mode) {
        return ((EventLoop) this).make(preparation, mode);
    }

    /**
     * Sends from a buffer. The result is the number of bytes. From Linux 5.6.
     *
     * @param fd a connected socket
     * @param buffer memory that can't vanish
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link io.uring4j.Sockets}
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send.3.html">io_uring_prep_send(3)</a>
     */
    default Operation send(int fd, MemorySegment buffer, int nbytes, int flags) {
        return make(Preparation.SEND, Operation.TRANSFER)
                .on(fd)
                .reading(buffer, nbytes)
                .at(-1)
                .flags(flags);
    }

    /**
     * Sends a whole buffer, as {@link #send(int, MemorySegment, int, int)}.
     *
     * @param fd a connected socket
     * @param buffer memory that can't vanish
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     */
    default Operation send(int fd, MemorySegment buffer) {
        return send(fd, buffer, Math.toIntExact(buffer.byteSize()), 0);
    }

    /**
     * Sends the filled part of a buffer of a cache, and releases it when the operation has ended. Not started, the lease
     * stays the caller's.
     *
     * @param fd a connected socket
     * @param lease the buffer
     * @return the operation, to be started
     */
    default Operation send(int fd, BufferLease lease) {
        return make(Preparation.SEND, Operation.TRANSFER)
                .on(fd)
                .reading(lease)
                .at(-1)
                .flags(0);
    }

    /**
     * Sends without copying: the network takes the bytes from the buffer itself. The operation ends when the kernel is
     * done with the buffer, which may be when the peer has confirmed the bytes. For large buffers only. Without
     * {@link LoopFeature#ZERO_COPY_SEND} it is an ordinary send. From Linux 6.0.
     *
     * @param fd a connected socket
     * @param buffer memory that can't vanish
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link io.uring4j.Sockets}
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_send_zc.3.html">io_uring_prep_send_zc(3)</a>
     */
    default Operation sendZeroCopy(int fd, MemorySegment buffer, int nbytes, int flags) {
        if (!((EventLoop) this).uses(LoopFeature.ZERO_COPY_SEND)) {
            return send(fd, buffer, nbytes, flags);
        }
        return make(Preparation.SEND_ZERO_COPY, Operation.TRANSFER | Operation.ZERO_COPY)
                .on(fd)
                .reading(buffer, nbytes)
                .at(-1)
                .flags(flags);
    }

    /**
     * Sends from several buffers, one after the other. The result is the number of bytes. From Linux 5.3.
     *
     * @param fd a connected socket
     * @param flags {@code MSG_} bits, see {@link io.uring4j.Sockets}
     * @param buffers memory that can't vanish, at most 1024 segments
     * @return the operation, to be started
     * @throws IllegalArgumentException if a buffer is on the heap or of an arena that can be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sendmsg.3.html">io_uring_prep_sendmsg(3)</a>
     */
    default Operation sendVectored(int fd, int flags, MemorySegment... buffers) {
        for (MemorySegment buffer : buffers) {
            LastingMemory.requireWithoutArena(buffer, false);
        }
        Arena arena = Arena.ofAuto();
        MemorySegment iovecs = Iovec.of(arena, buffers);
        Operation operation = make(Preparation.SEND_MESSAGE, 0)
                .on(fd)
                .with(MessageHeader.of(arena, MemorySegment.NULL, iovecs, MemorySegment.NULL))
                .flags(flags);
        operation.otherMemory = iovecs;
        operation.other = buffers.clone();
        return operation;
    }

    /**
     * Receives into a buffer. The result is the number of bytes, 0 at the end of the stream. From Linux 5.6.
     *
     * @param fd a connected socket
     * @param buffer memory that can't vanish, to be filled
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param flags {@code MSG_} bits, see {@link io.uring4j.Sockets}
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that could be closed
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recv.3.html">io_uring_prep_recv(3)</a>
     */
    default Operation receive(int fd, MemorySegment buffer, int nbytes, int flags) {
        return make(Preparation.RECEIVE, Operation.TRANSFER)
                .on(fd)
                .writing(buffer, nbytes)
                .at(-1)
                .flags(flags);
    }

    /**
     * Receives what comes, as {@link #receive(int, MemorySegment, int, int)}.
     *
     * @param fd a connected socket
     * @param buffer memory that can't vanish, to be filled
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that could be closed
     */
    default Operation receive(int fd, MemorySegment buffer) {
        return receive(fd, buffer, Math.toIntExact(buffer.byteSize()), 0);
    }

    /**
     * Sends a datagram. The result is the number of bytes. From Linux 5.3.
     *
     * @param fd a socket
     * @param message what to send, and where; not to be used until the operation has ended
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sendmsg.3.html">io_uring_prep_sendmsg(3)</a>
     */
    default Operation send(int fd, Datagram message) {
        Operation operation =
                make(Preparation.SEND_MESSAGE, 0).on(fd).with(message.headerToSend()).flags(0);
        operation.other = message;
        return operation;
    }

    /**
     * Receives a datagram. The result is the number of bytes. From Linux 5.3.
     *
     * @param fd a socket
     * @param message where it goes; not to be used until the operation has ended
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_recvmsg.3.html">io_uring_prep_recvmsg(3)</a>
     */
    default Operation receive(int fd, Datagram message) {
        Operation operation = make(Preparation.RECEIVE_MESSAGE, 0)
                .on(fd)
                .with(message.headerToReceive())
                .flags(0);
        operation.other = message;
        return operation;
    }
}
