package io.uring4j;

import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_params;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The submission queue: where the program puts entries and the kernel takes them.
 *
 * <p>Use it from one thread at a time. {@link #next} hands out entries; nothing is seen by the kernel
 * until {@link Ring#submit} or one of its relatives publishes them. Head and tail are 32-bit counters
 * that wrap, so they are only ever compared by their difference.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/io_uring.7.html">io_uring(7)</a>
 */
public final class SubmissionQueue {
    private static final int LARGE_SLOTS = 2;

    private final boolean rewinds;
    private final boolean takenByThread;
    private final boolean mixed;
    private final boolean allLarge;
    private final OpcodeSet operations;
    private final Capabilities capabilities;

    /** Kept, because it is mapped for as long as something refers to it. */
    private RingMemory memory;

    private SharedWord head;
    private SharedWord tail;
    private SharedWord flags;
    private SharedWord dropped;
    private SubmissionSlots slots;
    private int capacity;
    private int mask;

    /**
     * The objects that stand for the entries since the last publication, in turn. Few are in use at a time, which
     * keeps them close to the processor.
     */
    private Sqe[] entries;

    /** On a ring with SQE_MIXED: those for entries of 128 bytes. */
    private Sqe[] largeEntries;

    /** Stands for whatever entry {@link #nextFlyweight} has handed out last. */
    private Sqe flyweight;

    /** Where the next entry goes: the tail that the kernel hasn't seen yet. */
    private int next;

    /** The tail that the kernel has seen. */
    private int published;

    /**
     * The tail at which the queue is full, by what the head was when last looked at: only ever behind the real one, which
     * makes the queue look fuller.
     */
    private int limit;

    /**
     * Which parts of an entry that few operations have a field in may hold something. Once is for good: to know it
     * for each entry would cost more than to zero what may be zero.
     */
    private int partsUsed;

    private long submitted;
    private boolean closed;

    @SuppressWarnings("NullAway.Init") // attach sets what depends on the mapping
    SubmissionQueue(MemorySegment params, RingMemory memory, Capabilities capabilities) {
        this.rewinds = RingMemory.has(params, SetupFlag.SQ_REWIND);
        this.takenByThread = RingMemory.has(params, SetupFlag.SQPOLL);
        this.mixed = RingMemory.has(params, SetupFlag.SQE_MIXED);
        this.allLarge = RingMemory.has(params, SetupFlag.SQE128);
        this.operations = capabilities.opcodeSet();
        this.capabilities = capabilities;
        // The caller's memory may hold anything.
        this.partsUsed = RingMemory.has(params, SetupFlag.NO_MMAP) ? Sqe.INDEXES_PART | Sqe.EXTENSION_PART : 0;
        attach(params, memory);
        this.next = tail.getPlain();
        this.published = next;
    }

    /** Takes over new memory, at the start and when the ring is resized: head and tail go on counting. */
    void attach(MemorySegment params, RingMemory shared) {
        memory = shared;
        MemorySegment offsets = io_uring_params.sq_off(params);
        MemorySegment ring = memory.submission();
        head = new SharedWord(ring, io_sqring_offsets.head(offsets));
        tail = new SharedWord(ring, io_sqring_offsets.tail(offsets));
        flags = new SharedWord(ring, io_sqring_offsets.flags(offsets));
        dropped = new SharedWord(ring, io_sqring_offsets.dropped(offsets));
        mask = new SharedWord(ring, io_sqring_offsets.ring_mask(offsets)).getPlain();
        int count = io_uring_params.sq_entries(params);
        if (mask != count - 1) {
            throw new IllegalStateException(
                    "kernel returned a submission ring of " + count + " entries with mask " + mask);
        }
        long stride = RingMemory.submissionStride(params);
        capacity = count;
        limit = head.getAcquire() + count;
        // The kernel tells by the operation alone how many slots an entry takes: the wrong one would make it swallow
        // the entry behind, or take the second half of this for one.
        OpcodeSet held = allLarge ? operations : operations.without(OpcodeSet.LARGE);
        slots = SubmissionSlots.of(memory.entries(), count, stride, held);
        entries = entries(slots, count);
        flyweight = new Sqe(this, slots);
        largeEntries = mixed && count > 1
                ? entries(slots.inPairs(memory.entries(), operations.and(OpcodeSet.LARGE)), count)
                : new Sqe[0];
        // With NO_SQARRAY the offset of the array is 0, where other words lie: never write there.
        if (!RingMemory.has(params, SetupFlag.NO_SQARRAY)) {
            long array = io_sqring_offsets.array(offsets);
            for (int i = 0; i < count; i++) {
                ring.set(ValueLayout.JAVA_INT, array + (long) i * Integer.BYTES, i);
            }
        }
    }

    private Sqe[] entries(SubmissionSlots slots, int count) {
        Sqe[] objects = new Sqe[count];
        for (int i = 0; i < count; i++) {
            objects[i] = new Sqe(this, slots);
        }
        return objects;
    }

    /**
     * Hands out the next entry, without anything of an earlier one. It is valid until the next submission;
     * name its operation first. Without one it does nothing, and may end with EINVAL.
     *
     * @return an entry to fill
     * @throws IllegalStateException if the queue is full, or the ring is closed
     */
    public Sqe next() {
        Sqe[] objects = entries;
        // The mask does nothing but to show the compiler that the index lies within.
        return take(objects[next - published & objects.length - 1]);
    }

    /**
     * As {@link #next}, but with the same object each time: it stands for this entry only until this method is called
     * again, or the next submission. That is the faster way for whoever fills one entry after the other: a batch touches
     * one object instead of many, and the compiler can keep what it holds in registers. The library never calls this on
     * a ring of the program's.
     *
     * @return an entry to fill
     * @throws IllegalStateException if the queue is full, or the ring is closed
     */
    public Sqe nextFlyweight() {
        return take(flyweight);
    }

    private Sqe take(Sqe object) {
        int index = next;
        if (index == limit) {
            refreshLimit();
        }
        Sqe entry = object.moveTo(slots.address(index & mask)).clear();
        if (partsUsed != 0) {
            entry.clearParts(partsUsed);
        }
        next = index + 1;
        return entry;
    }

    /**
     * Hands out the next entry of 128 bytes, on a ring with SQE_MIXED. It takes two slots, and a third
     * when it would otherwise wrap: a NOP without completion fills that, see {@link Sqe#skipSuccess} for what follows.
     *
     * @return an entry to fill with {@link Sqe#nop128} or {@link Sqe#uringCmd128}
     * @throws IllegalStateException if the queue hasn't room, or the ring is closed
     * @throws UnsupportedOperationException if the ring lacks SQE_MIXED
     */
    public Sqe nextLarge() {
        if (!mixed) {
            throw new UnsupportedOperationException("entries of two sizes need a ring with SQE_MIXED");
        }
        boolean wraps = (next & mask) == mask;
        if (spaceLeft() < (wraps ? LARGE_SLOTS + 1 : LARGE_SLOTS)) {
            throw new IllegalStateException("submission queue has no room for an entry of 128 bytes; submit first");
        }
        if (wraps) {
            next().nop().skipSuccess();
        }
        int slot = next & mask;
        Sqe entry = largeEntries[next - published].moveTo(slots.address(slot)).clear();
        use(Sqe.INDEXES_PART | Sqe.EXTENSION_PART);
        entry.clearParts(partsUsed);
        next += LARGE_SLOTS;
        return entry;
    }

    private void refreshLimit() {
        if (spaceLeft() == 0) {
            throw new IllegalStateException(
                    "submission queue is full: all " + capacity + " entries wait to be submitted; submit first");
        }
    }

    /** {@return how many entries {@link #next} can hand out before the queue is full} */
    public int spaceLeft() {
        requireOpen();
        if (!rewinds) {
            // Acquire: the kernel has read an entry before it moves the head past it.
            limit = head.getAcquire() + capacity;
        }
        return limit - next;
    }

    /** {@return how many entries wait to be taken by the kernel, published or not} */
    public int pending() {
        requireOpen();
        return rewinds ? next : next - head.getAcquire();
    }

    /** {@return the number of entries, a power of two} */
    public int capacity() {
        return capacity;
    }

    /** {@return how many entries the kernel has refused because of a bad index in its array; 0 unless memory was corrupted} */
    public int dropped() {
        requireOpen();
        return dropped.getOpaque();
    }

    /**
     * Takes back an entry that couldn't be filled, so that a refused argument leaves no trace. Only
     * the newest entry can be taken back; an older one stays in the queue as a NOP.
     */
    void withdraw(Sqe entry) {
        if (closed) {
            return;
        }
        boolean isLarge = mixed && entry.fields().byteSize() > RingMemory.SQE_BYTES;
        int taken = isLarge ? LARGE_SLOTS : 1;
        // By its place, for an object may stand for one entry after the other.
        if (next - published >= taken && entry.isAt(slots.address(next - taken & mask))) {
            next -= taken;
        } else {
            entry.clear();
            entry.clearParts(Sqe.INDEXES_PART | Sqe.EXTENSION_PART);
            if (isLarge) {
                entry.nop128();
            } else {
                entry.nop();
            }
        }
    }

    /** Why an entry doesn't take an operation: the kernel would answer with EINVAL, or misread the queue. */
    RuntimeException refusal(int opcode, Sqe entry) {
        requireOpen();
        withdraw(entry);
        Opcode known = opcode >= 0 && opcode < Opcode.values().length ? Opcode.values()[opcode] : null;
        if (known == null) {
            return new UnsupportedOperationException("this kernel has no operation " + opcode);
        }
        if (!operations.has(opcode)) {
            return new UnsupportedOperationException(
                    "this kernel lacks IORING_OP_" + known + ", which needs Linux " + known.since());
        }
        return new IllegalArgumentException(
                OpcodeSet.LARGE.has(opcode)
                        ? "IORING_OP_" + known + " needs an entry of 128 bytes: nextLarge(), or a ring with SQE128"
                        : "IORING_OP_" + known + " needs an entry of 64 bytes: next()");
    }

    /** Notes that something is about to be written to these parts of an entry. */
    void use(int parts) {
        partsUsed |= parts;
    }

    /** What an entry may carry. */
    Capabilities capabilities() {
        return capabilities;
    }

    /**
     * Shows the new entries to the kernel.
     *
     * @return how many entries the kernel may now take
     */
    int publish() {
        if (rewinds) {
            return next;
        }
        if (next != published) {
            if (takenByThread) {
                submitted += next - published;
            }
            published = next;
            // Release: the kernel sees an entry's content before it sees the tail that covers it.
            tail.setRelease(next);
        }
        // Only the submission thread takes entries by itself.
        return takenByThread ? next - head.getAcquire() : next - (limit - capacity);
    }

    /** How many entries have been prepared since the last publication. */
    int unpublished() {
        return next - published;
    }

    /** Accounts for what an enter call has taken. */
    void taken(int count) {
        submitted += count;
        if (!rewinds) {
            // So far the kernel has moved the head: to look costs more, and is for when it hasn't taken all.
            limit += count;
            if (limit - capacity != published) {
                limit = head.getAcquire() + capacity;
            }
        } else if (count > 0) {
            // The kernel always starts at entry 0: what it has left moves there.
            for (int i = count; i < next; i++) {
                slots.copy(i, i - count);
            }
            next -= count;
        }
    }

    /** Drops what was prepared or published but not taken. Only for a ring without a submission thread. */
    void discardPending() {
        next = rewinds ? 0 : head.getAcquire();
        publish();
    }

    /** The flags by which the kernel asks for a system call. Opaque: each is acted upon when it is seen. */
    int kernelFlags() {
        return flags.getOpaque();
    }

    /** How many entries the kernel has been given: taken by calls, or published to the submission thread. */
    long submittedCount() {
        return submitted;
    }

    void close() {
        closed = true;
        // Makes next() look again, and find the ring closed; and an entry that somebody still holds, too.
        limit = next;
        for (Sqe entry : entries) {
            entry.close();
        }
        for (Sqe entry : largeEntries) {
            entry.close();
        }
        flyweight.close();
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("ring is closed");
        }
    }

    /** {@return the entries that the kernel hasn't taken, for a person who debugs} */
    @Override
    public String toString() {
        if (closed) {
            return "SubmissionQueue[closed]";
        }
        int from = rewinds ? 0 : head.getAcquire();
        StringBuilder text = new StringBuilder("SubmissionQueue[capacity=")
                .append(capacity)
                .append(", head=")
                .append(Integer.toUnsignedString(from))
                .append(", tail=")
                .append(Integer.toUnsignedString(next));
        for (int i = from; i != next; i++) {
            text.append("\n  ").append(new Sqe(this, slots).moveTo(slots.address(i & mask)));
        }
        return text.append(']').toString();
    }
}
