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
    private Sqe[] entries;

    /** On a ring with SQE_MIXED: the entries of 128 bytes that start at each slot but the last. */
    private Sqe[] largeEntries;

    private int mask;

    /** Where the next entry goes: the tail that the kernel hasn't seen yet. */
    private int next;

    /** The tail that the kernel has seen. */
    private int published;

    /** What the head was when last looked at; only ever behind the real one, which makes the queue look fuller. */
    private int knownHead;

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
        attach(params, memory);
        this.next = tail.getPlain();
        this.published = next;
        this.knownHead = head.getPlain();
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
        entries = new Sqe[count];
        // The kernel tells by the operation alone how many slots an entry takes: the wrong one would make it swallow
        // the entry behind, or take the second half of this for one.
        OpcodeSet held = allLarge ? operations : operations.without(OpcodeSet.LARGE);
        for (int i = 0; i < count; i++) {
            entries[i] = new Sqe(this, memory.entries().asSlice(i * stride, stride), held);
        }
        largeEntries = new Sqe[mixed ? count - 1 : 0];
        OpcodeSet heldByLarge = operations.and(OpcodeSet.LARGE);
        for (int i = 0; i < largeEntries.length; i++) {
            largeEntries[i] = new Sqe(this, memory.entries().asSlice(i * stride, LARGE_SLOTS * stride), heldByLarge);
        }
        // With NO_SQARRAY the offset of the array is 0, where other words lie: never write there.
        if (!RingMemory.has(params, SetupFlag.NO_SQARRAY)) {
            long array = io_sqring_offsets.array(offsets);
            for (int i = 0; i < count; i++) {
                ring.set(ValueLayout.JAVA_INT, array + (long) i * Integer.BYTES, i);
            }
        }
    }

    /**
     * Hands out the next entry, without anything of an earlier one. It is valid until it is submitted; without an
     * operation it is a NOP.
     *
     * @return an entry to fill
     * @throws IllegalStateException if the queue is full, or the ring is closed
     */
    public Sqe next() {
        int index = next;
        if (index - knownHead == entries.length) {
            refreshHead();
        }
        Sqe entry = entries[index & mask].clear();
        if (allLarge) {
            entry.clearSecondHalf();
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
        Sqe entry = largeEntries[next & mask].clear();
        entry.clearSecondHalf();
        next += LARGE_SLOTS;
        return entry;
    }

    private void refreshHead() {
        requireOpen();
        if (!rewinds) {
            // Acquire: the kernel has read an entry before it moves the head past it.
            knownHead = head.getAcquire();
        }
        if (next - knownHead == entries.length) {
            throw new IllegalStateException(
                    "submission queue is full: all " + entries.length + " entries wait to be submitted; submit first");
        }
    }

    /** {@return how many entries {@link #next} can hand out before the queue is full} */
    public int spaceLeft() {
        requireOpen();
        if (!rewinds) {
            knownHead = head.getAcquire();
        }
        return entries.length - (next - knownHead);
    }

    /** {@return how many entries wait to be taken by the kernel, published or not} */
    public int pending() {
        requireOpen();
        return rewinds ? next : next - head.getAcquire();
    }

    /** {@return the number of entries, a power of two} */
    public int capacity() {
        return entries.length;
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
        int last = next - 1;
        if (next != published && entries[last & mask] == entry) {
            next = last;
        } else if (mixed && next != published && largeEntries[(next - LARGE_SLOTS) & mask] == entry) {
            next -= LARGE_SLOTS;
        } else {
            entry.clear();
            if (mixed && entry.memory().byteSize() > RingMemory.SQE_BYTES) {
                entry.clearSecondHalf();
                entry.nop128();
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
        return next - head.getAcquire();
    }

    /** How many entries have been prepared since the last publication. */
    int unpublished() {
        return next - published;
    }

    /** Accounts for what an enter call has taken. */
    void taken(int count) {
        submitted += count;
        if (!rewinds) {
            // Here, so that next() finds room without looking: a look in its midst would keep the compiler from
            // holding anything in registers from one entry to the next.
            knownHead = head.getAcquire();
        } else if (count > 0) {
            // The kernel always starts at entry 0: what it has left moves there.
            for (int i = count; i < next; i++) {
                entries[i - count].copyFrom(entries[i]);
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
        knownHead = next - entries.length;
        for (Sqe entry : entries) {
            entry.close();
        }
        for (Sqe entry : largeEntries) {
            entry.close();
        }
    }

    /** Lets entries that somebody still holds write elsewhere, when the memory is the caller's own again. */
    void leaveMemory() {
        for (Sqe entry : entries) {
            entry.leaveMemory();
        }
        for (Sqe entry : largeEntries) {
            entry.leaveMemory();
        }
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
                .append(entries.length)
                .append(", head=")
                .append(Integer.toUnsignedString(from))
                .append(", tail=")
                .append(Integer.toUnsignedString(next));
        for (int i = from; i != next; i++) {
            text.append("\n  ").append(entries[i & mask]);
        }
        return text.append(']').toString();
    }
}
