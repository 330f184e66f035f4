package io.uring4j.loop;

import io.uring4j.Iovec;
import io.uring4j.MessageHeader;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import io.uring4j.abi.iovec;
import io.uring4j.abi.msghdr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A message that is sent or received with the other side's address. It can be used again and again, by one operation at a
 * time: to answer, send what was received, with another content.
 */
public final class Datagram {
    private final MemorySegment buffer;
    private final MemorySegment address;
    private final MemorySegment iovecs;
    private final MemorySegment header;
    private int length;

    /**
     * Makes a message.
     *
     * @param buffer room for the content; memory that can't vanish
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that can be closed
     */
    public Datagram(MemorySegment buffer) {
        LastingMemory.requireWithoutArena(buffer, true);
        Arena arena = Arena.ofAuto();
        this.buffer = buffer;
        this.address = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
        this.iovecs = Iovec.of(arena, buffer);
        this.header = MessageHeader.of(arena, address, iovecs, MemorySegment.NULL);
        this.length = Math.toIntExact(buffer.byteSize());
    }

    /** {@return the room for the content} */
    public MemorySegment buffer() {
        return buffer;
    }

    /**
     * Sets how much of the buffer is sent.
     *
     * @param bytes 0 to the buffer's size
     * @return this message
     */
    public Datagram length(int bytes) {
        if (bytes < 0 || bytes > buffer.byteSize()) {
            throw new IndexOutOfBoundsException(bytes + " bytes of a buffer of " + buffer.byteSize());
        }
        length = bytes;
        return this;
    }

    /**
     * Sets where it is sent.
     *
     * @param destination an internet or Unix-domain address
     * @return this message
     */
    public Datagram to(SocketAddress destination) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = SocketAddresses.of(arena, destination);
            address.copyFrom(bytes);
            msghdr.msg_namelen(header, (int) bytes.byteSize());
        }
        return this;
    }

    /** {@return where a received message came from; null for a Unix-domain socket without an address} */
    public @Nullable SocketAddress sender() {
        int length = MessageHeader.addressLength(header);
        return length < Short.BYTES ? null : SocketAddresses.read(address.asSlice(0, length));
    }

    /** {@return whether a received message was longer than the buffer} */
    public boolean isTruncated() {
        return (MessageHeader.flags(header) & Sockets.MSG_TRUNC) != 0;
    }

    MemorySegment headerToSend() {
        iovec.iov_len(iovecs, length);
        return header;
    }

    MemorySegment headerToReceive() {
        iovec.iov_len(iovecs, buffer.byteSize());
        msghdr.msg_namelen(header, (int) address.byteSize());
        return header;
    }
}
