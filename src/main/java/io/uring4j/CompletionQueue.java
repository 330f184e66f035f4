package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_cqring_offsets;
import io.uring4j.abi.io_uring_cqe;
import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.RawMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * The completion queue: where the kernel puts results and the program takes them. Nothing here enters
 * the kernel.
 *
 * <p>Use it from one thread at a time; on a ring without SINGLE_ISSUER that may be another thread than
 * the submitter. There are two ways to read: {@link #drain} calls a handler for each completion, and
 * {@link #next} moves a cursor. Either way the entries are given back to the kernel together, when a
 * batch is over, which costs one ordered store instead of one per completion.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/io_uring.7.html">io_uring(7)</a>
 */
public final class CompletionQueue {
    private static final long USER_DATA = io_uring_cqe.user_data$offset();
    private static final long RESULT = io_uring_cqe.res$offset();
    private static final long FLAGS = io_uring_cqe.flags$offset();
    private static final long EXTRA = io_uring_cqe.big_cqe$offset();
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int RESULT_SHIFT = LITTLE_ENDIAN ? 0 : Integer.SIZE;
    private static final int FLAGS_SHIFT = Integer.SIZE - RESULT_SHIFT;
    private static final int SKIP = Abi.IORING_CQE_F_SKIP();

    private final int strideShift;
    private final boolean large;
    private final boolean mixed;
    private final RingOwner owner;

    private SharedWord head;
    private SharedWord tail;
    private SharedWord flags;
    private SharedWord overflow;
    /** Kept, because it is mapped for as long as something refers to it; and the address of its entries. */
    private MemorySegment memory;

    private long base;
    private int capacity;
    private int mask;

    /** The next entry to read: ahead of the head that the kernel sees until {@link #release}. */
    private int position;

    /** The head that the kernel sees. */
    private int released;

    /** A tail that was seen; the real one may be further. */
    private int knownTail;

    /** The address of the cursor's entry. */
    private long current = -1;

    private long completed;
    private long ended;
    private boolean closed;

    @SuppressWarnings("NullAway.Init") // attach sets what depends on the mapping
    CompletionQueue(MemorySegment params, RingMemory memory, RingOwner owner) {
        this.owner = owner;
        this.strideShift = Long.numberOfTrailingZeros(RingMemory.completionStride(params));
        this.large = RingMemory.has(params, SetupFlag.CQE32);
        this.mixed = RingMemory.has(params, SetupFlag.CQE_MIXED);
        attach(params, memory);
        this.position = head.getPlain();
        this.released = position;
        this.knownTail = position;
    }

    /** Takes over new memory, at the start and when the ring is resized: head and tail go on counting. */
    void attach(MemorySegment params, RingMemory shared) {
        MemorySegment offsets = io_uring_params.cq_off(params);
        MemorySegment ring = shared.completion();
        head = new SharedWord(ring, io_cqring_offsets.head(offsets));
        tail = new SharedWord(ring, io_cqring_offsets.tail(offsets));
        overflow = new SharedWord(ring, io_cqring_offsets.overflow(offsets));
        flags = new SharedWord(ring, io_cqring_offsets.flags(offsets));
        mask = new SharedWord(ring, io_cqring_offsets.ring_mask(offsets)).getPlain();
        capacity = io_uring_params.cq_entries(params);
        if (mask != capacity - 1) {
            throw new IllegalStateException(
                    "kernel returned a completion ring of " + capacity + " entries with mask " + mask);
        }
        memory = ring.asSlice(io_cqring_offsets.cqes(offsets), (long) capacity << strideShift);
        base = memory.address();
    }

    /**
     * Hands every completion that is ready to the handler, in order, and gives the entries back.
     *
     * <p>A handler may prepare and submit new entries. When it throws, the completion that it was
     * called for counts as consumed, those behind it stay, and the exception goes to the caller.
     *
     * @param handler called once per completion
     * @return how many there were
     * @throws IllegalStateException if the ring is closed, or belongs to another thread (SINGLE_ISSUER)
     */
    public int drain(CompletionHandler handler) {
        return drain(handler, Integer.MAX_VALUE);
    }

    /**
     * Hands completions that are ready to the handler, up to a number.
     *
     * @param handler called once per completion
     * @param most the most completions to hand out, not negative
     * @return how many there were
     * @throws IllegalStateException if the ring is closed, or belongs to another thread (SINGLE_ISSUER)
     */
    public int drain(CompletionHandler handler, int most) {
        if (most < 0) {
            throw new IllegalArgumentException("at most " + most + " completions");
        }
        boolean twoSizes = mixed;
        int left = most;
        int unended = 0;
        // Written twice, which makes this too large to be inlined into a caller, whose other accesses to memory could
        // leave the compiler no room for these: each would become a call then.
        try {
            while (!twoSizes && left > 0 && (position != knownTail || refreshTail())) {
                int index = position;
                // Before the handler runs: it may drain too, or throw.
                position = index + 1;
                long entry = base + ((long) (index & mask) << strideShift);
                long user = RawMemory.getLong(entry, USER_DATA);
                long outcome = RawMemory.getLong(entry, RESULT);
                int entryFlags = (int) (outcome >> FLAGS_SHIFT);
                left--;
                if (Cqe.hasMore(entryFlags)) {
                    unended++;
                }
                handler.completed(user, (int) (outcome >> RESULT_SHIFT), entryFlags);
            }
            while (twoSizes && left > 0 && (position != knownTail || refreshTail())) {
                int index = position;
                long entry = base + ((long) (index & mask) << strideShift);
                int entryFlags = RawMemory.getInt(entry, FLAGS);
                position = index + slots(entryFlags);
                if ((entryFlags & SKIP) == 0) {
                    left--;
                    if (Cqe.hasMore(entryFlags)) {
                        unended++;
                    }
                    handler.completed(
                            RawMemory.getLong(entry, USER_DATA), RawMemory.getInt(entry, RESULT), entryFlags);
                }
            }
        } finally {
            current = -1;
            completed += most - left;
            ended += most - left - unended;
            release();
        }
        return most - left;
    }

    /**
     * Moves the cursor to the next completion that is ready. When there is none, the entries that
     * were read are given back to the kernel.
     *
     * @return false when no completion is ready
     * @throws IllegalStateException if the ring is closed, or belongs to another thread (SINGLE_ISSUER)
     */
    public boolean next() {
        if (advance()) {
            return true;
        }
        current = -1;
        release();
        return false;
    }

    private boolean advance() {
        while (position != knownTail || refreshTail()) {
            int index = position;
            long entry = base + ((long) (index & mask) << strideShift);
            int entryFlags = RawMemory.getInt(entry, FLAGS);
            if (mixed && (entryFlags & SKIP) != 0) {
                // Fills the gap in front of an entry of 32 bytes that would have wrapped.
                position = index + 1;
                continue;
            }
            position = index + slots(entryFlags);
            current = entry;
            completed++;
            if (!Cqe.hasMore(entryFlags)) {
                ended++;
            }
            return true;
        }
        return false;
    }

    /** Looks at the tail again; false when nothing has come. */
    private boolean refreshTail() {
        requireOpen();
        owner.require();
        // Acquire: an entry is read after the tail that covers it.
        knownTail = tail.getAcquire();
        return position != knownTail;
    }

    private int slots(int entryFlags) {
        return mixed && (entryFlags & Cqe.LARGE) != 0 ? 2 : 1;
    }

    /**
     * Gives the entries that were read back to the kernel. {@link #drain} and the end of a
     * {@link #next} loop do this by themselves; a loop that stops early calls it.
     */
    public void release() {
        if (position != released) {
            requireOpen();
            released = position;
            // Release: the entries have been read before the kernel may write to them again.
            head.setRelease(position);
        }
    }

    /** {@return the user data of the cursor's completion} */
    public long userData() {
        return RawMemory.getLong(cursor(), USER_DATA);
    }

    /** {@return the result of the cursor's completion: 0 or more, else minus an {@link Errno}} */
    public int result() {
        return RawMemory.getInt(cursor(), RESULT);
    }

    /** {@return the flags of the cursor's completion; {@link Cqe} names them} */
    public int flags() {
        return RawMemory.getInt(cursor(), FLAGS);
    }

    /**
     * One of the two extra words of a completion of 32 bytes.
     *
     * @param index 0 or 1
     * @return the word
     * @throws IllegalStateException if the cursor's completion has 16 bytes
     */
    public long extra(int index) {
        if (index < 0 || index > 1) {
            throw new IndexOutOfBoundsException("extra word " + index + " of 2");
        }
        if (!large && slots(flags()) != 2) {
            throw new IllegalStateException("completion has 16 bytes and no extra words");
        }
        return RawMemory.getLong(cursor(), EXTRA + (long) index * Long.BYTES);
    }

    private long cursor() {
        if (current == -1) {
            throw new IllegalStateException("no completion under the cursor: call next() first");
        }
        return current;
    }

    /** {@return how many completions are ready to be read without a system call} */
    public int ready() {
        requireOpen();
        int end = tail.getAcquire();
        knownTail = end;
        if (!mixed) {
            return end - position;
        }
        int count = 0;
        int index = position;
        while (index != end) {
            int entryFlags = RawMemory.getInt(base + ((long) (index & mask) << strideShift), FLAGS);
            count += (entryFlags & SKIP) == 0 ? 1 : 0;
            index += slots(entryFlags);
        }
        return count;
    }

    /**
     * What to ask of the kernel so that so many completions become ready. It counts slots, of which a
     * completion of 32 bytes takes two, and among them those that were read but not given back.
     */
    int slotsFor(int completionCount) {
        if (completionCount == 0) {
            return 0;
        }
        int unreleased = position - released;
        if (!mixed) {
            return completionCount + unreleased;
        }
        // Each one that is missing takes a slot at least; whoever waits looks again.
        int missing = completionCount - ready();
        return knownTail - released + missing;
    }

    /** Whether so many completions can ever be ready, with what is there and was not given back. */
    boolean canHold(int completionCount) {
        int ready = ready();
        return completionCount <= ready + capacity - (knownTail - released);
    }

    /** Whether the kernel has posted what the program hasn't given back. Unlike {@link #ready}, for any thread. */
    boolean isUnread() {
        return tail.getAcquire() != head.getAcquire();
    }

    /** {@return the number of entries, a power of two} */
    public int capacity() {
        return capacity;
    }

    /**
     * How many completions the kernel has lost for want of memory: 0 but in the direst need, since a
     * full queue alone loses nothing (NODROP).
     *
     * @return the kernel's counter, unsigned
     */
    public int lost() {
        requireOpen();
        return overflow.getOpaque();
    }

    /** {@return whether completions signal the registered eventfd} */
    public boolean isEventFdEnabled() {
        requireOpen();
        return (flags.getOpaque() & Abi.IORING_CQ_EVENTFD_DISABLED()) == 0;
    }

    /**
     * Switches the signals of the registered eventfd. They are signalled again only by completions from then on.
     *
     * @param enabled whether completions signal it
     */
    public void enableEventFd(boolean enabled) {
        requireOpen();
        int disabled = Abi.IORING_CQ_EVENTFD_DISABLED();
        int bits = flags.getOpaque();
        flags.setOpaque(enabled ? bits & ~disabled : bits | disabled);
    }

    long completed() {
        return completed;
    }

    /** How many completions were the last of their operation. */
    long ended() {
        return ended;
    }

    void close() {
        closed = true;
        // Makes next() look again, and find the ring closed.
        knownTail = position;
        released = position;
        current = -1;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("ring is closed");
        }
    }

    /** {@return the completions that are ready, for a person who debugs; consumes nothing} */
    @Override
    public String toString() {
        if (closed) {
            return "CompletionQueue[closed]";
        }
        int end = tail.getAcquire();
        StringBuilder text = new StringBuilder("CompletionQueue[capacity=")
                .append(capacity)
                .append(", head=")
                .append(Integer.toUnsignedString(position))
                .append(", tail=")
                .append(Integer.toUnsignedString(end));
        int index = position;
        while (index != end) {
            long entry = base + ((long) (index & mask) << strideShift);
            int entryFlags = RawMemory.getInt(entry, FLAGS);
            if (!mixed || (entryFlags & SKIP) == 0) {
                int result = RawMemory.getInt(entry, RESULT);
                text.append("\n  user_data=")
                        .append(RawMemory.getLong(entry, USER_DATA))
                        .append(" result=")
                        .append(result < 0 ? "-" + Errno.nameOf(result) : Integer.toString(result))
                        .append(" flags=0x")
                        .append(Integer.toHexString(entryFlags));
            }
            index += slots(entryFlags);
        }
        return text.append(']').toString();
    }
}
