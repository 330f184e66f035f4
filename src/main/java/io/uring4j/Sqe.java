package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.sys.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A submission queue entry. {@link SubmissionQueue#next} hands it out cleared; one method names the
 * operation, and others behind it modify it:
 *
 * <pre>{@code
 * ring.submissions().next().read(fd, buffer, 4096, 0).userData(7).link();
 * }</pre>
 *
 * <p>An entry is valid until the next submission, after which the object stands for another, and belongs to the
 * thread that took it. The one of {@link SubmissionQueue#nextFlyweight} stands for another as soon as that is called
 * again. An argument that is refused takes the entry back out of the queue.
 *
 * <p><b>Memory.</b> An entry holds addresses, not segments. What they point at (buffers, paths,
 * timespecs, socket addresses) must stay where it is until the completion that ends the operation:
 * the last one without {@link Cqe#MORE}. Cancelling doesn't shorten that. To close or free an arena
 * earlier lets the kernel write to memory that is no longer yours. What a method lets go at the submission, the
 * kernel has copied by then; a submission thread (SQPOLL) has when it has taken the entry, which
 * {@link SubmissionQueue#pending} tells.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
 */
public final class Sqe
        implements FileRequests,
                PathRequests,
                SocketRequests,
                TransferRequests,
                PollRequests,
                TimeoutRequests,
                BufferRequests,
                WaitRequests,
                CommandRequests,
                RingRequests {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int FLAGS_SHIFT = LITTLE_ENDIAN ? 8 : 16;
    private static final int PRIORITY_SHIFT = LITTLE_ENDIAN ? 16 : 0;
    private static final long FLAGS = io_uring_sqe.flags$offset();
    private static final long OFFSET = io_uring_sqe.off$offset();
    private static final long ADDRESS = io_uring_sqe.addr$offset();
    private static final long LENGTH = io_uring_sqe.len$offset();
    private static final long USER_DATA = io_uring_sqe.user_data$offset();
    private static final long GROUP = io_uring_sqe.buf_group$offset();

    /** The word of buffer index or group, personality, and file index. */
    private static final long INDEXES = io_uring_sqe.buf_index$offset();

    /** What stands behind them. */
    private static final long EXTENSION = INDEXES + Long.BYTES;

    /** A part of an entry: the word of indexes. */
    static final int INDEXES_PART = 1;

    /** A part of an entry: all behind that. */
    static final int EXTENSION_PART = 2;

    /** Where the entries of closed rings write to, if somebody still holds one: nobody reads it. */
    private static final SubmissionSlots NOWHERE = SubmissionSlots.spare(2 * RingMemory.SQE_BYTES);

    private static final long NOWHERE_ADDRESS = NOWHERE.address(0);

    private final SubmissionQueue queue;

    /** What changes seldom stands elsewhere: an entry less than half a cache line long is the faster one. */
    private SubmissionSlots slots;

    private long base;

    /** The half word of opcode, flags and priority, but for the opcode: to read it from the entry would cost more. */
    private int modifiers;

    Sqe(SubmissionQueue queue, SubmissionSlots slots) {
        this.queue = queue;
        this.slots = slots;
        moveTo(slots.address(0));
    }

    /** Stands for the slot that starts at an address from now on. */
    Sqe moveTo(long address) {
        base = address;
        return this;
    }

    /** Whether this stands for the slot that starts at an address. */
    boolean isAt(long address) {
        return base == address;
    }

    /**
     * Zeroes what most operations use, but for what {@link #prepare} always writes. Of that the opcode is zeroed all the
     * same: without an operation an entry must not do once more what an earlier one did. Each store spared is felt.
     */
    Sqe clear() {
        long at = base;
        RawMemory.putLong(at, 0, 0L);
        RawMemory.putLong(at, USER_DATA, 0L);
        modifiers = 0;
        return this;
    }

    /** Zeroes what {@link #clear} leaves. After both of the parts no field of an earlier operation survives. */
    void clearParts(int parts) {
        if ((parts & INDEXES_PART) != 0) {
            RawMemory.putLong(base, INDEXES, 0L);
        }
        if ((parts & EXTENSION_PART) != 0) {
            long end = slots.at(base).byteSize();
            for (long offset = EXTENSION; offset < end; offset += Long.BYTES) {
                RawMemory.putLong(base, offset, 0L);
            }
        }
    }

    /** From now on this refuses everything, and what races with that goes nowhere. */
    void close() {
        slots = NOWHERE;
        moveTo(NOWHERE_ADDRESS);
    }

    /**
     * The primitive that every operation goes through, for one that has no method here. The arguments
     * are written as they are: the kernel will use the address. The operation's own flags become 0.
     *
     * @param opcode the number of the operation
     * @param fd a descriptor, or the index of a registered file
     * @param address an address, or what the operation puts in its place
     * @param length a length in bytes, or what the operation puts in its place
     * @param offset an offset in bytes, or what the operation puts in its place
     * @return this entry
     * @throws UnsupportedOperationException if the kernel lacks the operation
     * @throws IllegalArgumentException if the operation needs an entry of another size
     * @throws IllegalStateException if the ring is closed
     */
    public Sqe prepare(int opcode, int fd, long address, int length, long offset) {
        SubmissionSlots holder = slots;
        if (!OpcodeSet.has(opcode, holder.lowOperations, holder.highOperations)) {
            throw queue.refusal(opcode, this);
        }
        long at = base;
        RawMemory.putLong(at, 0, firstWord(opcode, fd));
        RawMemory.putLong(at, OFFSET, offset);
        RawMemory.putLong(at, ADDRESS, address);
        // With the operation's own flags, which are 0 until a modifier sets them.
        RawMemory.putLong(at, LENGTH, LITTLE_ENDIAN ? Integer.toUnsignedLong(length) : (long) length << 32);
        return this;
    }

    /** Opcode, flags, priority and descriptor, as they lie in memory. */
    private long firstWord(int opcode, int fd) {
        return LITTLE_ENDIAN
                ? Integer.toUnsignedLong(opcode | modifiers) | (long) fd << 32
                : (long) (opcode << 24 | modifiers) << 32 | Integer.toUnsignedLong(fd);
    }

    /**
     * Sets what the completion will carry to tell which operation ended.
     *
     * @param value any 64 bits
     * @return this entry
     */
    public Sqe userData(long value) {
        requireOpen();
        RawMemory.putLong(base, USER_DATA, value);
        return this;
    }

    /**
     * The descriptor is the index of a registered file. From Linux 5.1.
     *
     * @return this entry
     */
    public Sqe fixedFile() {
        return flag(Abi.IOSQE_FIXED_FILE());
    }

    /**
     * Starts after everything that was submitted before has completed. A ring that has used
     * {@link #skipSuccess} refuses this (EOPNOTSUPP). From Linux 5.2.
     *
     * @return this entry
     */
    public Sqe drain() {
        return flag(Abi.IOSQE_IO_DRAIN());
    }

    /**
     * The next entry starts when this one has succeeded; when it fails, the rest of the chain ends
     * with ECANCELED. A short read or write counts as a failure. From Linux 5.3.
     *
     * @return this entry
     */
    public Sqe link() {
        return flag(Abi.IOSQE_IO_LINK());
    }

    /**
     * The next entry starts when this one has ended, however it did. From Linux 5.5.
     *
     * @return this entry
     */
    public Sqe hardLink() {
        return flag(Abi.IOSQE_IO_HARDLINK());
    }

    /**
     * Goes to a worker thread at once, without a first attempt in the submitter. From Linux 5.6.
     *
     * @return this entry
     */
    public Sqe async() {
        return flag(Abi.IOSQE_ASYNC());
    }

    /**
     * The kernel picks a buffer of a group of provided buffers. The operation ends with ENOBUFS when the group has
     * none, or there is no such group. From Linux 5.7.
     *
     * @param group the group's id, 0 to 65535
     * @return this entry
     */
    public Sqe selectBuffer(int group) {
        return bufferGroup(group).flag(Abi.IOSQE_BUFFER_SELECT());
    }

    /**
     * No completion when the operation succeeds. A ring that has used this refuses {@link #drain} from
     * then on (EOPNOTSUPP). From Linux 5.17.
     *
     * @return this entry
     */
    public Sqe skipSuccess() {
        if (!queue.capabilities().has(SqeFlag.CQE_SKIP_SUCCESS)) {
            throw refuse(new UnsupportedOperationException("this kernel lacks IOSQE_CQE_SKIP_SUCCESS, which needs Linux "
                    + SqeFlag.CQE_SKIP_SUCCESS.since()));
        }
        return flag(Abi.IOSQE_CQE_SKIP_SUCCESS());
    }

    /**
     * Runs with registered credentials ({@link Personality}); the operation ends with EINVAL if there are none of this
     * id. From Linux 5.6.
     *
     * @param id what registering them returned, 1 to 65535
     * @return this entry
     */
    public Sqe personality(int id) {
        queue.use(INDEXES_PART);
        io_uring_sqe.personality(fields(), (short) unsignedShort(id, "personality"));
        return this;
    }

    /** Refuses what the kernel lacks: it would answer EINVAL, or overlook it. */
    Sqe require(Modifier modifier) {
        if (!queue.capabilities().has(modifier)) {
            throw refuse(new UnsupportedOperationException(
                    "this kernel lacks " + modifier + " of operations, which needs Linux " + modifier.since()));
        }
        return this;
    }

    /** Refuses it if any of the bits is set that stand for it. */
    Sqe requireFor(int bits, int flags, Modifier modifier) {
        return (flags & bits) == 0 ? this : require(modifier);
    }

    private void requireOpen() {
        if (base == NOWHERE_ADDRESS) {
            queue.requireOpen();
        }
    }

    private Sqe flag(int bit) {
        requireOpen();
        modifiers |= bit << FLAGS_SHIFT;
        RawMemory.putByte(base, FLAGS, (byte) (modifiers >> FLAGS_SHIFT));
        return this;
    }

    Sqe operationFlags(int flags) {
        io_uring_sqe.rw_flags(fields(), flags);
        return this;
    }

    Sqe timeoutFlags(int flags) {
        return requireFor(TimeoutFlags.BOOTTIME | TimeoutFlags.REALTIME, flags, Modifier.TIMEOUT_CLOCK)
                .requireFor(TimeoutFlags.ETIME_SUCCESS, flags, Modifier.TIMEOUT_SUCCESS)
                .requireFor(TimeoutFlags.MULTISHOT, flags, Modifier.TIMEOUT_MULTISHOT)
                .operationFlags(flags);
    }

    Sqe cancelFlags(int flags) {
        return requireFor(CancelFlags.ALL, flags, Modifier.CANCEL_ALL)
                .requireFor(CancelFlags.FD, flags, Modifier.CANCEL_FD)
                .requireFor(CancelFlags.ANY, flags, Modifier.CANCEL_ANY)
                .requireFor(CancelFlags.FIXED_FILE, flags, Modifier.CANCEL_FIXED_FILE)
                .requireFor(CancelFlags.USER_DATA, flags, Modifier.CANCEL_USER_DATA)
                .requireFor(CancelFlags.OPCODE, flags, Modifier.CANCEL_OPCODE)
                .operationFlags(flags);
    }

    Sqe priority(int bits) {
        int value = unsignedShort(bits, "priority");
        modifiers = modifiers & ~(0xffff << PRIORITY_SHIFT) | value << PRIORITY_SHIFT;
        io_uring_sqe.ioprio(fields(), (short) value);
        return this;
    }

    /** Sets a bit of the field that sends, receives and accepts use for flags of io_uring's own. */
    Sqe addPriority(int bit) {
        return priority(modifiers >> PRIORITY_SHIFT & 0xffff | bit);
    }

    Sqe bufferIndex(int index) {
        queue.use(INDEXES_PART);
        io_uring_sqe.buf_index(fields(), (short) unsignedShort(index, "registered buffer"));
        return this;
    }

    Sqe bufferGroup(int group) {
        int id = unsignedShort(group, "buffer group");
        queue.use(INDEXES_PART);
        RawMemory.putShort(base, GROUP, id);
        return this;
    }

    /** Asks for a direct descriptor. The kernel counts slots from 1 here, because 0 means none. */
    Sqe directSlot(int slot) {
        if (slot < 0 && slot != DirectSlot.ALLOCATE) {
            throw refuse(new IllegalArgumentException("slot " + slot + " of the registered files is negative"));
        }
        require(slot == DirectSlot.ALLOCATE ? Modifier.DIRECT_ALLOCATION : Modifier.DIRECT_SLOT);
        queue.use(INDEXES_PART);
        io_uring_sqe.file_index(fields(), slot == DirectSlot.ALLOCATE ? DirectSlot.ALLOCATE : slot + 1);
        return this;
    }

    /** Names a slot that must be one: the kernel can't choose which to close. */
    Sqe explicitSlot(int slot) {
        if (slot < 0) {
            throw refuse(new IllegalArgumentException("slot " + slot + " of the registered files is negative"));
        }
        return directSlot(slot);
    }

    Sqe command(int opcode, int fd, int command) {
        prepare(opcode, fd, 0, 0, 0);
        io_uring_sqe.cmd_op(fields(), command);
        return this;
    }

    /** Copies what goes into the entry behind its fields. */
    Sqe payload(MemorySegment payload) {
        requirePresent(payload);
        requireAlive(payload);
        requireAccessible(payload);
        MemorySegment entry = memory();
        long room = entry.byteSize() - io_uring_sqe.cmd$offset();
        if (payload.byteSize() > room) {
            throw refuse(new IndexOutOfBoundsException(
                    "payload of " + payload.byteSize() + " bytes; the entry has room for " + room));
        }
        MemorySegment.copy(payload, 0, entry, io_uring_sqe.cmd$offset(), payload.byteSize());
        return this;
    }

    Sqe option(int operation, int fd, int level, int option, long value, int length) {
        command(Abi.IORING_OP_URING_CMD(), fd, operation).require(Modifier.SOCKET_COMMANDS);
        MemorySegment entry = memory();
        io_uring_sqe.level(entry, level);
        io_uring_sqe.optname(entry, option);
        io_uring_sqe.optval(entry, value);
        io_uring_sqe.optlen(entry, length);
        return this;
    }

    private int unsignedShort(int value, String what) {
        if (value < 0 || value > 0xffff) {
            throw refuse(new IllegalArgumentException(what + " " + value + " not in 0..65535"));
        }
        return value;
    }

    /** The entry itself, for the families of operations that set fields of their own. */
    MemorySegment memory() {
        queue.use(INDEXES_PART);
        queue.use(EXTENSION_PART);
        return fields();
    }

    /** The entry, for a field in front of the user data, or to look at. */
    MemorySegment fields() {
        return slots.at(base);
    }

    /** The address of a segment that the operation only reads. */
    long readable(MemorySegment segment, long bytes) {
        requirePresent(segment);
        if (!segment.isNative()) {
            throw refuse(new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena"));
        }
        if (isNull(segment) && bytes >= 0) {
            // For a buffer that the kernel picks; without selectBuffer it answers EFAULT.
            return 0;
        }
        if (bytes < 0 || bytes > segment.byteSize()) {
            throw refuse(new IndexOutOfBoundsException(bytes + " bytes of a segment of " + segment.byteSize()));
        }
        requireAlive(segment);
        return segment.address();
    }

    /** The number of an operation that an entry names. */
    int number(@Nullable Opcode named) {
        if (named == null) {
            throw refuse(new NullPointerException("no operation"));
        }
        return named.code();
    }

    private void requireAlive(MemorySegment segment) {
        if (!segment.scope().isAlive()) {
            throw refuse(new IllegalStateException("segment's arena is closed"));
        }
    }

    private void requirePresent(@Nullable MemorySegment segment) {
        if (segment == null) {
            throw refuse(new NullPointerException("no segment; MemorySegment.NULL means none"));
        }
    }

    /** For a segment that is read here: one of another thread's confined arena can't be. */
    private void requireAccessible(MemorySegment segment) {
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw refuse(new WrongThreadException("segment belongs to another thread's confined arena"));
        }
    }

    private static boolean isNull(MemorySegment segment) {
        return segment.address() == 0 && segment.byteSize() == 0;
    }

    /** The address of a segment that the operation reads as a whole. */
    long whole(MemorySegment segment) {
        requirePresent(segment);
        return readable(segment, segment.byteSize());
    }

    /** The address of a segment that the operation writes to as a whole. */
    long writable(MemorySegment segment) {
        requirePresent(segment);
        return writable(segment, segment.byteSize());
    }

    /** The address of a segment that the operation writes to. */
    long writable(MemorySegment segment, long bytes) {
        requirePresent(segment);
        if (segment.isReadOnly()) {
            throw refuse(new IllegalArgumentException("read-only segment: the kernel would write to it"));
        }
        return readable(segment, bytes);
    }

    /** The address of a C string, whose end must lie within the segment. */
    long string(MemorySegment segment) {
        requirePresent(segment);
        requireAccessible(segment);
        long address = readable(segment, segment.byteSize());
        long size = segment.byteSize();
        for (long i = 0; i < size; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, i) == 0) {
                return address;
            }
        }
        throw refuse(new IllegalArgumentException("path has no terminating zero byte; Arena.allocateFrom(String) writes one"));
    }

    /** The address of the room for a peer's address: both it and its length, or neither. */
    long addressRoom(MemorySegment address, MemorySegment length) {
        requirePresent(address);
        requirePresent(length);
        requireAccessible(length);
        boolean none = MemorySegment.NULL.equals(address);
        if (none != MemorySegment.NULL.equals(length)) {
            throw refuse(new IllegalArgumentException("a peer's address needs both room and length, or neither"));
        }
        if (none) {
            return 0;
        }
        if (writable(length, Integer.BYTES) % Integer.BYTES != 0) {
            throw refuse(new IllegalArgumentException("the length of an address is an int, which must be aligned"));
        }
        return writable(address, Integer.toUnsignedLong(length.get(ValueLayout.JAVA_INT, 0)));
    }

    /** Takes this entry out of the queue again, for an argument that is refused. */
    <X extends RuntimeException> X refuse(X reason) {
        queue.withdraw(this);
        return reason;
    }

    int opcode() {
        return Byte.toUnsignedInt(io_uring_sqe.opcode(fields()));
    }

    /** {@return the entry's fields, for a person who debugs} */
    @Override
    public String toString() {
        MemorySegment entry = fields();
        Opcode[] known = Opcode.values();
        return (opcode() < known.length ? known[opcode()].name() : "opcode " + opcode())
                + " fd=" + io_uring_sqe.fd(entry)
                + " addr=0x" + Long.toHexString(io_uring_sqe.addr(entry))
                + " len=" + Integer.toUnsignedString(io_uring_sqe.len(entry))
                + " off=" + io_uring_sqe.off(entry)
                + " flags=0x" + Integer.toHexString(Byte.toUnsignedInt(io_uring_sqe.flags(entry)))
                + " user_data=" + io_uring_sqe.user_data(entry);
    }
}
