package io.uring4j.buffer;

import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_buf;
import io.uring4j.abi.io_uring_buf_reg;
import io.uring4j.abi.io_uring_buf_ring;
import io.uring4j.abi.io_uring_buf_status;
import io.uring4j.sys.Mapping;
import io.uring4j.sys.RawMemory;
import io.uring4j.sys.RingMappings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * The ring of provided buffers (IORING_REGISTER_PBUF_RING) as the kernel has it, for programs that bring
 * their own buffers; {@link BufferRing} manages them on top of it. The program adds buffers, the
 * kernel takes one whenever an entry with {@link io.uring4j.Sqe#selectBuffer} has data. Giving a
 * buffer back costs no system call. From Linux 5.19.
 *
 * <pre>
 *  entry 0: addr | len | bid | tail    the tail lies where entry 0 has a reserved field,
 *  entry 1: addr | len | bid | resv    so adding to entry 0 must not touch it
 *  ...
 * </pre>
 *
 * <p>The tail has 16 bits and wraps. Use it from one thread at a time. The memory of the
 * buffers is the caller's: a buffer must stay until the kernel has returned it, or the group is closed.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_buf_ring.3.html">io_uring_register_buf_ring(3)</a>
 */
public final class BufferQueue implements AutoCloseable {
    /** The most entries of a buffer ring. */
    public static final int MAX_ENTRIES = 32768;

    private static final int MAX_GROUP = 65535;

    /** The bits of an offset above an id say what is mapped: a larger id would reach into them. */
    private static final int MAX_MAPPED_GROUP =
            (int) ((~Abi.IORING_OFF_MMAP_MASK() & 0xffff_ffffL) >> Abi.IORING_OFF_PBUF_SHIFT());

    private static final long ENTRY_BYTES = io_uring_buf.layout().byteSize();
    private static final long ADDRESS = io_uring_buf.addr$offset();
    private static final long LENGTH = io_uring_buf.len$offset();
    private static final long ID = io_uring_buf.bid$offset();
    private static final long TAIL = io_uring_buf_ring.tail$offset();

    /** How a buffer ring works. */
    public enum Option {
        /**
         * The kernel allocates the ring's memory, and the program maps it. For group ids from 0 to 2047 only: the
         * offset by which the memory is mapped has no room for larger ones. From Linux 6.4.
         */
        KERNEL_MEMORY(Abi.IOU_PBUF_RING_MMAP()),

        /**
         * A buffer is consumed piece by piece: a completion with {@link io.uring4j.Cqe#BUFFER_MORE} leaves
         * the rest of it to the kernel. From Linux 6.12.
         */
        INCREMENTAL(Abi.IOU_PBUF_RING_INC());

        private final int bit;

        Option(int bit) {
            this.bit = bit;
        }
    }

    private final Ring ring;
    private final int group;

    /** Kept, because it is mapped for as long as something refers to it; and its address. */
    private final MemorySegment memory;

    private final long entries;
    private final int mask;
    private int tail;
    private int published;
    private boolean closed;

    private BufferQueue(Ring ring, int group, int capacity, MemorySegment memory, int start) {
        this.ring = ring;
        this.group = group;
        this.memory = memory;
        this.entries = memory.address();
        this.mask = capacity - 1;
        this.tail = start;
        this.published = start;
    }

    /**
     * Registers an empty buffer ring.
     *
     * @param ring the ring
     * @param group the group's id, 0 to 65535, or to 2047 with {@link Option#KERNEL_MEMORY}
     * @param capacity how many buffers fit, a power of two from 1 to {@value #MAX_ENTRIES}
     * @param options how it works
     * @return the buffer ring
     * @throws UringException with EEXIST if the ring has such a group, EINVAL if the kernel lacks an option, ENOMEM if
     *     memory for the entries, 16 bytes each, is refused; the message then says which limit may be the cause
     * @throws IllegalArgumentException if group or capacity are out of range
     * @throws IllegalStateException if the ring has had such a group before, with an id below 64, and the kernel is one
     *     of those before 6.9 that would go on where that had ended
     * @throws UnsupportedOperationException if the kernel lacks buffer rings
     */
    public static BufferQueue register(Ring ring, int group, int capacity, Option... options) throws UringException {
        return registerAt(ring, group, capacity, GroupHeads.startOf(ring, group), options);
    }

    /** Registers one in which the kernel will begin at this place. */
    static BufferQueue registerAt(Ring ring, int group, int capacity, int start, Option... options)
            throws UringException {
        if (group < 0 || group > MAX_GROUP) {
            throw new IllegalArgumentException("buffer group " + group + " not in 0.." + MAX_GROUP);
        }
        if (capacity < 1 || capacity > MAX_ENTRIES || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException(
                    "a buffer ring of " + capacity + " entries; it has a power of two from 1 to " + MAX_ENTRIES);
        }
        ring.capabilities().require(RegisterOpcode.REGISTER_PBUF_RING);
        Set<Option> chosen = EnumSet.noneOf(Option.class);
        chosen.addAll(Set.of(options));
        if (group > maxGroup(chosen)) {
            throw new IllegalArgumentException("buffer group " + group + " can't have its ring in the kernel's memory, which"
                    + " is mapped by an offset that has room for ids 0.." + MAX_MAPPED_GROUP + " only");
        }
        MemorySegment memory = map(ring, group, capacity, start, chosen);
        GroupIds.noteQueue(ring, group);
        return new BufferQueue(ring, group, capacity, memory, start);
    }

    /** The largest id that a group with these options can have. */
    static int maxGroup(Collection<Option> options) {
        return options.contains(Option.KERNEL_MEMORY) ? MAX_MAPPED_GROUP : MAX_GROUP;
    }

    private static MemorySegment map(Ring ring, int group, int capacity, int start, Set<Option> options)
            throws UringException {
        Arena arena = Arena.ofAuto();
        long bytes = capacity * ENTRY_BYTES;
        boolean kernelMemory = options.contains(Option.KERNEL_MEMORY);
        // Before anything is registered: a ring without a descriptor can't map what the kernel allocates.
        int fd = kernelMemory ? ring.fd() : -1;
        MemorySegment memory = kernelMemory ? MemorySegment.NULL : checked(Mapping.anonymous(bytes, arena));
        if (!kernelMemory) {
            RawMemory.putShortRelease(memory.address() + TAIL, start);
        }
        int bits = 0;
        for (Option option : options) {
            bits |= option.bit;
        }
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment registration = io_uring_buf_reg.allocate(confined);
            io_uring_buf_reg.ring_addr(registration, memory.address());
            io_uring_buf_reg.ring_entries(registration, capacity);
            io_uring_buf_reg.bgid(registration, (short) group);
            io_uring_buf_reg.flags(registration, (short) bits);
            ring.register(RegisterOpcode.REGISTER_PBUF_RING, registration, 1);
        } catch (UringException e) {
            // Many kernels count the entries as locked memory, whoever allocates them.
            throw e.error() == Errno.ENOMEM ? MemlockLimit.explain(e) : e;
        }
        if (!kernelMemory) {
            return memory;
        }
        long offset = Abi.IORING_OFF_PBUF_RING() | (long) group << Abi.IORING_OFF_PBUF_SHIFT();
        Mapping mapping = Mapping.ofDescriptor(fd, offset, bytes, arena);
        if (mapping.failed()) {
            unregister(ring, group);
        } else {
            RawMemory.putShortRelease(mapping.segment().address() + TAIL, start);
            RingMappings.add(ring, mapping.segment());
        }
        return checked(mapping);
    }

    private static MemorySegment checked(Mapping mapping) throws UringException {
        if (mapping.failed()) {
            throw new UringException("mmap", mapping.errno());
        }
        return mapping.segment();
    }

    /** {@return the group's id} */
    public int group() {
        return group;
    }

    /** {@return how many buffers fit} */
    public int capacity() {
        return mask + 1;
    }

    /**
     * Adds a buffer, which the kernel sees after {@link #publish}. Nothing checks that there is room: an
     * id that is added while the kernel still has it overwrites another.
     *
     * @param id what completions will call the buffer, 0 to 65535
     * @param buffer native memory, of at least one byte
     * @throws IllegalArgumentException if the buffer is on the heap or read-only, or the id out of range
     * @throws IllegalStateException if the buffer's arena is closed, or the group
     */
    public void add(int id, MemorySegment buffer) {
        if (!buffer.isNative() || buffer.isReadOnly()) {
            throw new IllegalArgumentException("the kernel needs native memory that it may write to, not " + buffer);
        }
        if (!buffer.scope().isAlive()) {
            throw new IllegalStateException("segment's arena is closed");
        }
        if (id < 0 || id > MAX_GROUP) {
            throw new IllegalArgumentException("buffer id " + id + " not in 0.." + MAX_GROUP);
        }
        if (buffer.byteSize() < 1 || buffer.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a buffer of " + buffer.byteSize() + " bytes");
        }
        requireOpen();
        add(id, buffer.address(), (int) buffer.byteSize());
    }

    /** For a buffer that needs no check, while this is open. */
    void add(int id, long address, int length) {
        long entry = nextEntry();
        RawMemory.putLong(entry, ADDRESS, address);
        RawMemory.putInt(entry, LENGTH, length);
        RawMemory.putShort(entry, ID, id);
        tail++;
    }

    /** Adds the buffer whose entry stands at the next place still. */
    void addAgain(int length) {
        RawMemory.putInt(nextEntry(), LENGTH, length);
        tail++;
    }

    /**
     * The length in the entry at a place, which kernels shorten when a bundle is to end within a buffer. It stays as it
     * is until the next buffer is added there. What the kernel has made of it can be read still when this is closed.
     */
    int lengthAt(int place) {
        return RawMemory.getInt(entries + (place & mask) * ENTRY_BYTES, LENGTH);
    }

    /** Where the next buffer will be added: its last bits are the entry's number. */
    int nextPlace() {
        return tail;
    }

    private long nextEntry() {
        // From the first entry on, never from behind a header: the ring has none.
        return entries + (tail & mask) * ENTRY_BYTES;
    }

    /** Shows the buffers that were added to the kernel, all at once. Doesn't enter the kernel. */
    public void publish() {
        if (tail != published) {
            published = tail;
            // Release: the kernel sees an entry's content before it sees the tail that covers it.
            RawMemory.putShortRelease(entries + TAIL, tail);
        }
    }

    /**
     * How far the kernel has consumed the ring: a 16-bit counter that wraps. From Linux 6.8.
     *
     * @return the head, 0 to 65535
     * @throws UringException with ENOENT if the ring has no such group any more, as when it was unregistered by hand
     * @throws IllegalStateException if this or the ring is closed
     * @throws UnsupportedOperationException if the kernel can't tell
     */
    public int head() throws UringException {
        requireOpen();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment status = io_uring_buf_status.allocate(confined);
            io_uring_buf_status.buf_group(status, group);
            ring.register(RegisterOpcode.REGISTER_PBUF_STATUS, status, 1);
            return io_uring_buf_status.head(status) & 0xffff;
        }
    }

    /**
     * How many buffers the kernel has, counting those that are added. Enters the kernel. From Linux 6.8.
     *
     * @return the number of buffers that it can still take
     * @throws UringException as {@link #head}
     * @throws IllegalStateException if this or the ring is closed
     * @throws UnsupportedOperationException if the kernel can't tell
     */
    public int available() throws UringException {
        return published - head() & 0xffff;
    }

    /** Notes how many of the buffers the kernel hadn't taken when it let go of the group, or that this isn't known. */
    void endedWith(int left) {
        GroupHeads.note(ring, group, left == GroupHeads.UNKNOWN ? GroupHeads.UNKNOWN : published - left & 0xffff);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("buffer ring is closed");
        }
    }

    private static void unregister(Ring ring, int group) throws UringException {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment registration = io_uring_buf_reg.allocate(confined);
            io_uring_buf_reg.bgid(registration, (short) group);
            ring.register(RegisterOpcode.UNREGISTER_PBUF_RING, registration, 1);
        }
    }

    /**
     * Lets go of the group. Requests that have taken a buffer keep it; others end with ENOBUFS when they
     * want one. Closing twice, or after the ring, does nothing more than freeing the memory.
     *
     * @throws UringException if the kernel refuses: with ENOENT if the group was unregistered by hand. This then stays
     *     open until it is closed after the ring
     */
    @Override
    public void close() throws UringException {
        if (closed) {
            return;
        }
        if (!ring.isClosed()) {
            unregister(ring, group);
        }
        closed = true;
        GroupIds.forgetQueue(ring, group);
        endedWith(GroupHeads.UNKNOWN);
        RingMappings.retire(ring, memory);
    }
}
