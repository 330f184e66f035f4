package io.uring4j;

import io.uring4j.abi.msghdr;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A struct msghdr in native memory: where a message's address, buffers and control data are.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/sendmsg.2.html">sendmsg(2)</a>
 */
public final class MessageHeader {
    /** Its size in bytes. */
    public static final long BYTES = msghdr.layout().byteSize();

    private MessageHeader() {}

    /**
     * Makes a header. All that it points at must stay until the operation has completed.
     *
     * @param allocator decides how long it lives
     * @param address the destination, or room for the sender's address; or {@link MemorySegment#NULL}
     * @param iovecs an array of struct iovec, see {@link Iovec}; or {@link MemorySegment#NULL}
     * @param control control data, or room for it; or {@link MemorySegment#NULL}
     * @return the header
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IllegalStateException if a segment's arena is closed
     */
    public static MemorySegment of(
            SegmentAllocator allocator, MemorySegment address, MemorySegment iovecs, MemorySegment control) {
        for (MemorySegment part : new MemorySegment[] {address, iovecs, control}) {
            if (!part.isNative()) {
                throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
            }
            if (!part.scope().isAlive()) {
                throw new IllegalStateException("segment's arena is closed");
            }
        }
        MemorySegment header = allocator.allocate(msghdr.layout());
        msghdr.msg_name(header, address);
        msghdr.msg_namelen(header, (int) address.byteSize());
        msghdr.msg_iov(header, iovecs);
        msghdr.msg_iovlen(header, iovecs.byteSize() / Iovec.BYTES);
        msghdr.msg_control(header, control);
        msghdr.msg_controllen(header, control.byteSize());
        return header;
    }

    /**
     * How long the sender's address is.
     *
     * @param header a header that a receive has filled
     * @return its length in bytes
     */
    public static int addressLength(MemorySegment header) {
        return msghdr.msg_namelen(header);
    }

    /**
     * How much control data came.
     *
     * @param header a header that a receive has filled
     * @return its length in bytes
     */
    public static long controlLength(MemorySegment header) {
        return msghdr.msg_controllen(header);
    }

    /**
     * What the kernel says of the message.
     *
     * @param header a header that a receive has filled
     * @return {@code MSG_} bits, such as {@link Sockets#MSG_TRUNC}
     */
    public static int flags(MemorySegment header) {
        return msghdr.msg_flags(header);
    }
}
