package io.uring4j;

import io.uring4j.abi.io_uring_recvmsg_out;
import io.uring4j.abi.msghdr;
import java.lang.foreign.MemorySegment;

/**
 * What {@link Sqe#recvmsgMultishot} leaves in a provided buffer:
 *
 * <pre>
 *  io_uring_recvmsg_out | room for the address | room for control data | payload
 *   16 bytes              msg_namelen            msg_controllen          the rest
 * </pre>
 *
 * <p>The room for address and control data is what the header of the request asked for; the lengths
 * in front tell how much of it is filled, or would have been, had there been room.
 *
 * @param buffer the filled part of the provided buffer: as many bytes as the completion's result
 * @param addressRoom the room for the address, in bytes
 * @param controlRoom the room for control data, in bytes
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_recvmsg_out.3.html">io_uring_recvmsg_out(3)</a>
 */
public record ReceivedMessage(MemorySegment buffer, int addressRoom, long controlRoom) {
    private static final long HEADER_BYTES = io_uring_recvmsg_out.layout().byteSize();

    /**
     * Reads a received message.
     *
     * @param buffer the provided buffer that the completion names
     * @param result the completion's result
     * @param header the msghdr of the request
     * @return the message
     * @throws IllegalArgumentException if the buffer is too short for what the header asks for
     */
    public static ReceivedMessage of(MemorySegment buffer, int result, MemorySegment header) {
        return new ReceivedMessage(
                buffer.asSlice(0, result), msghdr.msg_namelen(header), msghdr.msg_controllen(header));
    }

    /** Checks that the fixed parts lie within the buffer. */
    public ReceivedMessage {
        long fixed = HEADER_BYTES + addressRoom + controlRoom;
        if (addressRoom < 0 || controlRoom < 0 || buffer.byteSize() < fixed) {
            throw new IllegalArgumentException(
                    "a message of " + buffer.byteSize() + " bytes is shorter than its fixed parts of " + fixed);
        }
    }

    /** {@return the sender's address, empty when there is none} */
    public MemorySegment address() {
        int length = io_uring_recvmsg_out.namelen(buffer);
        return buffer.asSlice(HEADER_BYTES, Math.min(Integer.toUnsignedLong(length), addressRoom));
    }

    /** {@return the control data, empty when there is none} */
    public MemorySegment control() {
        int length = io_uring_recvmsg_out.controllen(buffer);
        return buffer.asSlice(HEADER_BYTES + addressRoom, Math.min(Integer.toUnsignedLong(length), controlRoom));
    }

    /** {@return the payload, as much of it as fitted} */
    public MemorySegment payload() {
        return buffer.asSlice(HEADER_BYTES + addressRoom + controlRoom);
    }

    /**
     * {@return the payload's length in bytes: as it was sent when the request passed MSG_TRUNC, which is more than
     * {@link #payload} has when it was cut; else as it fitted}
     */
    public long payloadLength() {
        return Integer.toUnsignedLong(io_uring_recvmsg_out.payloadlen(buffer));
    }

    /** {@return {@code MSG_} bits, such as {@link Sockets#MSG_TRUNC}} */
    public int flags() {
        return io_uring_recvmsg_out.flags(buffer);
    }
}
