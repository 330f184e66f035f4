package io.uring4j.buffer;

import io.uring4j.Errno;
import io.uring4j.Iovec;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_clone_buffers;
import io.uring4j.abi.io_uring_rsrc_register;
import io.uring4j.abi.io_uring_rsrc_update2;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * The table of buffers that a ring knows. The kernel pins their pages once, and operations such as
 * {@link io.uring4j.Sqe#readFixed} then save the pinning. A ring has one table at most.
 *
 * <p>The table holds on to the segments, so that memory of automatic arenas isn't freed while it is
 * registered. Memory of other arenas is the caller's to keep until {@link #close}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_buffers.3.html">io_uring_register_buffers(3)</a>
 */
public final class RegisteredBuffers implements AutoCloseable {
    /** In place of a buffer: the slot is empty. */
    public static final MemorySegment EMPTY = MemorySegment.NULL;

    private final Ring ring;
    private final MemorySegment[] buffers;
    private boolean closed;

    private RegisteredBuffers(Ring ring, MemorySegment[] buffers) {
        this.ring = ring;
        this.buffers = buffers;
    }

    /**
     * Registers buffers. From Linux 5.1; empty slots from 5.13.
     *
     * @param ring the ring
     * @param buffers native segments of at most 1 GiB each, at most 16384 of them
     * @return the table
     * @throws UringException with EBUSY if the ring has a table; with ENOMEM if more memory is to be pinned
     *     than RLIMIT_MEMLOCK allows, and the hint says so
     * @throws IllegalArgumentException if there is none, or one is on the heap
     */
    public static RegisteredBuffers register(Ring ring, MemorySegment... buffers) throws UringException {
        requireNative(buffers);
        try (Arena arena = Arena.ofConfined()) {
            register(ring, RegisterOpcode.REGISTER_BUFFERS, Iovec.of(arena, buffers), buffers.length);
        }
        return new RegisteredBuffers(ring, buffers.clone());
    }

    /**
     * Registers buffers with tags. When the kernel lets go of a buffer whose tag isn't 0, it posts a
     * completion with the tag as user data. From Linux 5.13.
     *
     * @param ring the ring
     * @param buffers native segments, or {@link #EMPTY}
     * @param tags as many tags; 0 for no completion
     * @return the table
     * @throws UringException as {@link #register}
     */
    public static RegisteredBuffers registerTagged(Ring ring, MemorySegment[] buffers, long[] tags)
            throws UringException {
        requireNative(buffers);
        requireSameLength(buffers.length, tags.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registration = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(registration, buffers.length);
            io_uring_rsrc_register.data(
                    registration, Iovec.of(arena, buffers).address());
            io_uring_rsrc_register.tags(
                    registration, arena.allocateFrom(ValueLayout.JAVA_LONG, tags).address());
            register(ring, RegisterOpcode.REGISTER_BUFFERS2, registration, (int) registration.byteSize());
        }
        return new RegisteredBuffers(ring, buffers.clone());
    }

    /**
     * Registers a table of empty slots. From Linux 5.13.
     *
     * @param ring the ring
     * @param slots how many, 1 to 16384
     * @return the table
     * @throws UringException as {@link #register}
     */
    public static RegisteredBuffers registerEmpty(Ring ring, int slots) throws UringException {
        if (slots < 1) {
            throw new IllegalArgumentException("a table of " + slots + " buffers");
        }
        MemorySegment[] none = new MemorySegment[slots];
        Arrays.fill(none, EMPTY);
        // Sparse tables came with the same kernel as buffer rings, 5.19; before it the kernel gets an array.
        if (!ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING)) {
            return registerTagged(ring, none, new long[slots]);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registration = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(registration, slots);
            io_uring_rsrc_register.flags(registration, Abi.IORING_RSRC_REGISTER_SPARSE());
            register(ring, RegisterOpcode.REGISTER_BUFFERS2, registration, (int) registration.byteSize());
        }
        return new RegisteredBuffers(ring, none);
    }

    /**
     * Takes over the buffers of another ring, without pinning them again. The tables are independent from
     * then on. From Linux 6.12.
     *
     * @param ring a ring without a table
     * @param source the table of another ring
     * @return the new table
     * @throws UringException with EBUSY if the ring has a table
     * @throws IllegalStateException if the other table is closed, or its ring has no descriptor (REGISTERED_FD_ONLY)
     */
    public static RegisteredBuffers cloneOf(Ring ring, RegisteredBuffers source) throws UringException {
        source.requireOpen();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clone = io_uring_clone_buffers.allocate(arena);
            io_uring_clone_buffers.src_fd(clone, source.ring.fd());
            register(ring, RegisterOpcode.REGISTER_CLONE_BUFFERS, clone, 1);
        }
        return new RegisteredBuffers(ring, source.buffers.clone());
    }

    /**
     * Takes over some buffers of another ring, in place of those in the same number of slots. From Linux 6.13.
     *
     * @param firstSlot the first slot of this table, from 0
     * @param source the table of another ring
     * @param sourceSlot the first slot of the other table, from 0
     * @param slots how many, from 1
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if a table is closed, or the other's ring has no descriptor (REGISTERED_FD_ONLY)
     * @throws IndexOutOfBoundsException if one of the tables has no such slots
     */
    public void cloneFrom(int firstSlot, RegisteredBuffers source, int sourceSlot, int slots) throws UringException {
        requireOpen();
        source.requireOpen();
        Objects.checkFromIndexSize(firstSlot, slots, buffers.length);
        Objects.checkFromIndexSize(sourceSlot, slots, source.buffers.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clone = io_uring_clone_buffers.allocate(arena);
            io_uring_clone_buffers.src_fd(clone, source.ring.fd());
            io_uring_clone_buffers.flags(clone, Abi.IORING_REGISTER_DST_REPLACE());
            io_uring_clone_buffers.src_off(clone, sourceSlot);
            io_uring_clone_buffers.dst_off(clone, firstSlot);
            io_uring_clone_buffers.nr(clone, slots);
            register(ring, RegisterOpcode.REGISTER_CLONE_BUFFERS, clone, 1);
        }
        System.arraycopy(source.buffers, sourceSlot, buffers, firstSlot, slots);
    }

    private static void register(Ring ring, RegisterOpcode opcode, MemorySegment argument, int count)
            throws UringException {
        try {
            ring.register(opcode, argument, count);
        } catch (UringException e) {
            throw Errno.ENOMEM.is(-e.errno()) ? MemlockLimit.explain(e) : e;
        }
    }

    private static void requireNative(MemorySegment... buffers) {
        if (buffers.length == 0) {
            throw new IllegalArgumentException("a table of no buffers");
        }
        for (MemorySegment buffer : buffers) {
            if (!buffer.isNative()) {
                throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
            }
        }
    }

    private static void requireSameLength(int buffers, int tags) {
        if (buffers != tags) {
            throw new IllegalArgumentException(buffers + " buffers, but " + tags + " tags");
        }
    }

    /** {@return how many slots there are} */
    public int capacity() {
        return buffers.length;
    }

    /**
     * The buffer in a slot.
     *
     * @param slot which, from 0
     * @return the buffer, or {@link #EMPTY}
     */
    public MemorySegment buffer(int slot) {
        return buffers[slot];
    }

    /**
     * Replaces the buffers of some slots. From Linux 5.13.
     *
     * @param firstSlot the first slot, from 0
     * @param replacements native segments, or {@link #EMPTY}
     * @throws UringException as {@link #register}
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public void update(int firstSlot, MemorySegment... replacements) throws UringException {
        updateTagged(firstSlot, replacements, new long[replacements.length]);
    }

    /**
     * Replaces the buffers of some slots, and their tags. From Linux 5.13.
     *
     * @param firstSlot the first slot, from 0
     * @param replacements native segments, or {@link #EMPTY}
     * @param tags as many tags; 0 for no completion
     * @throws UringException as {@link #register}
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public void updateTagged(int firstSlot, MemorySegment[] replacements, long[] tags) throws UringException {
        requireOpen();
        requireNative(replacements);
        requireSameLength(replacements.length, tags.length);
        Objects.checkFromIndexSize(firstSlot, replacements.length, buffers.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = io_uring_rsrc_update2.allocate(arena);
            io_uring_rsrc_update2.offset(update, firstSlot);
            io_uring_rsrc_update2.nr(update, replacements.length);
            io_uring_rsrc_update2.data(update, Iovec.of(arena, replacements).address());
            io_uring_rsrc_update2.tags(
                    update, arena.allocateFrom(ValueLayout.JAVA_LONG, tags).address());
            register(ring, RegisterOpcode.REGISTER_BUFFERS_UPDATE, update, (int) update.byteSize());
        }
        System.arraycopy(replacements, 0, buffers, firstSlot, replacements.length);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("registered buffers are closed");
        }
    }

    /**
     * Lets go of the buffers; requests in flight keep theirs until they end. Before Linux 6.13 this waits for
     * that end. Closing twice, or after the ring, does nothing.
     *
     * @throws UringException if the kernel refuses
     */
    @Override
    public void close() throws UringException {
        if (!closed && !ring.isClosed()) {
            ring.register(RegisterOpcode.UNREGISTER_BUFFERS, MemorySegment.NULL, 0);
        }
        closed = true;
    }
}
