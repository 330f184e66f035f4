package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.SqeFlag;
import io.uring4j.SubmissionQueue;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The older kind of {@link BufferGroup}: buffers are given to the kernel by entries of their own
 * (PROVIDE_BUFFERS), and taken back at the end by another (REMOVE_BUFFERS). From Linux 5.7; {@link BufferRing}
 * is faster where the kernel has it.
 *
 * <p>{@link #replenish} sorts what has come back, in whatever order, and prepares one entry for each
 * run of neighbours. From Linux 5.17 these entries complete silently; before, and when one fails, and when
 * the group is closed, a completion comes, which {@link #onCompletion} must be shown. It is known by the
 * upper half of its user data, the group's {@link #tag}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_provide_buffers.3.html">io_uring_prep_provide_buffers(3)</a>
 */
public final class ProvidedBuffers implements BufferGroup {
    private static final long TAG_MARK = 0x7062_0000L << 32;
    private static final long TAG_MASK = 0xffff_ffff_0000_0000L;
    private static final int ID_BITS = 16;
    private static final int COUNT_MASK = 0xffff;

    /** The count of a run is in the lower half of the user data; 0 stands for the removal. */
    private static final int REMOVAL = 0;

    private final Ring ring;
    private final SubmissionQueue submissions;
    private final int id;
    private final BufferCache cache;
    private final Thread owner;
    private final Buffers buffers;
    private final int key;
    private final int capacity;
    private final int bufferSize;
    private final boolean silent;

    /** Drawn from the cache, and not yet given to the kernel for want of entries. */
    private final int[] waiting;

    private int waitingCount;
    private int held;
    private Closing closing = Closing.NOT;

    /** How many buffers the removal took from the kernel. Which ones is known when all others have come back. */
    private int removed;

    private long taken;
    private long replenished;
    private long publications;
    private long exhausted;
    private long refused;

    /** How far the end of the group has come. */
    private enum Closing {
        NOT,
        CLOSED,
        REMOVAL_PREPARED,
        REMOVAL_DONE,
        RECLAIMED
    }

    private ProvidedBuffers(Ring ring, int id, BufferCache cache, int capacity, boolean silent) {
        this.ring = ring;
        this.submissions = ring.submissions();
        this.id = id;
        this.cache = cache;
        this.owner = cache.owner();
        this.buffers = cache.buffers();
        this.capacity = capacity;
        this.bufferSize = cache.bufferSize();
        this.waiting = new int[capacity];
        this.silent = silent;
        this.key = cache.serve(this);
    }

    /**
     * Opens a group, and prepares the entries that fill it as far as the cache and the submission queue
     * go. When a {@link BufferQueue} that was registered by hand has the id, the kernel refuses these entries.
     *
     * @param ring the ring
     * @param id the group's id, 0 to 65535
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, 1 to 32768
     * @return the group
     * @throws UringException if memory for the buffers is refused
     * @throws IllegalArgumentException if id or capacity are out of range
     * @throws IllegalStateException if the ring has a group of this id, or the cache is closed or belongs to
     *     another thread
     */
    public static ProvidedBuffers open(Ring ring, int id, BufferCache cache, int capacity) throws UringException {
        return open(ring, id, cache, capacity, ring.capabilities().has(SqeFlag.CQE_SKIP_SUCCESS));
    }

    /**
     * Opens a group under the lowest id that is free, as {@link #open(Ring, int, BufferCache, int)} does.
     *
     * @param ring the ring
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, 1 to 32768
     * @return the group
     * @throws UringException if memory for the buffers is refused
     * @throws IllegalArgumentException if the capacity is out of range
     * @throws IllegalStateException if all ids of the ring are in use, or the cache is closed or belongs to another thread
     */
    public static ProvidedBuffers open(Ring ring, BufferCache cache, int capacity) throws UringException {
        return GroupIds.openUnderFree(ring, MAX_ID, id -> open(ring, id, cache, capacity));
    }

    /** Opens a group whose entries are silent, or not, as before Linux 5.17. */
    static ProvidedBuffers open(Ring ring, int id, BufferCache cache, int capacity, boolean silent)
            throws UringException {
        if (capacity < 1 || capacity > BufferQueue.MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "a group of " + capacity + " buffers, not in 1.." + BufferQueue.MAX_ENTRIES);
        }
        cache.requireOwner();
        GroupIds.take(ring, id);
        ProvidedBuffers group = new ProvidedBuffers(ring, id, cache, capacity, silent);
        try {
            group.replenish();
        } catch (UringException | RuntimeException e) {
            group.close();
            throw e;
        }
        return group;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int bufferSize() {
        return bufferSize;
    }

    /** {@return the upper 32 bits of the user data of this group's own entries; the lower are 0} */
    public long tag() {
        return TAG_MARK | (long) id << 32;
    }

    /**
     * To be shown every completion that may be the group's own.
     *
     * @param userData the completion's user data
     * @param result the completion's result
     * @return true if it was: the caller needn't do anything about it
     */
    public boolean onCompletion(long userData, int result) {
        if ((userData & TAG_MASK) != tag()) {
            return false;
        }
        cache.requireOwner();
        int count = (int) userData & COUNT_MASK;
        if (count == REMOVAL) {
            removed = Math.max(0, result);
            closing = Closing.REMOVAL_DONE;
            reclaimIfOver();
        } else if (result < 0) {
            takeBackRefused((int) userData >>> ID_BITS, count);
        }
        return true;
    }

    private void takeBackRefused(int first, int count) {
        for (int i = first; i < first + count; i++) {
            if (buffers.isWith(i, key)) {
                refused++;
                held--;
                cache.reclaim(i);
            }
        }
        reclaimIfOver();
    }

    @Override
    public BufferLease take(int result, int flags) {
        BufferLease lease = cache.lend(consume(result, flags), 0, Math.max(0, result));
        reclaimIfOver();
        return lease;
    }

    @Override
    public void visit(int result, int flags, BufferVisitor visitor) {
        int buffer = consume(result, flags);
        try {
            visitor.visit(buffers.memory(buffer), 0, Math.max(0, result));
        } finally {
            cache.putBack(buffer);
            reclaimIfOver();
        }
    }

    /** Notes that a buffer has come from the kernel; returns its id. */
    private int consume(int result, int flags) {
        requireOwner();
        int buffer = Cqe.bufferId(flags);
        if (!buffers.isWith(buffer, key)) {
            throw new IllegalArgumentException("group " + id + " has not given buffer " + buffer + " to the kernel");
        }
        if (result > bufferSize) {
            throw new IllegalArgumentException(result + " bytes fill more than a buffer of group " + id);
        }
        taken++;
        held--;
        buffers.takeBack(buffer);
        return buffer;
    }

    private void requireOwner() {
        if (Thread.currentThread() != owner) {
            cache.requireOwner();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>There is always one: bundles of more need a buffer ring.
     */
    @Override
    public int takeBundle(int result, int flags, Consumer<? super BufferLease> taker) {
        taker.accept(take(result, flags));
        return 1;
    }

    @Override
    public int replenish() throws UringException {
        requireOwner();
        if (closing != Closing.NOT) {
            throw new IllegalStateException("buffer group is closed");
        }
        if (held == capacity - 1 && waitingCount == 0 && cache.hasReady() && submissions.spaceLeft() > 0) {
            // As when each buffer goes back by itself.
            provide(cache.drawReady());
            return 1;
        }
        return replenishSorted();
    }

    private void provide(int buffer) {
        prepare(buffers.memory(buffer), 0, buffer, 1);
        buffers.giveTo(buffer, key);
        replenished++;
    }

    private int replenishSorted() throws UringException {
        while (held + waitingCount < capacity) {
            int buffer = cache.draw();
            if (buffer == Buffers.NONE) {
                break;
            }
            waiting[waitingCount++] = buffer;
        }
        if (waitingCount > 1) {
            // Whatever the order of release, neighbours end up in one entry.
            Arrays.sort(waiting, 0, waitingCount);
        }
        int given = 0;
        while (given < waitingCount && submissions.spaceLeft() > 0) {
            given += provideRun(given);
        }
        waitingCount -= given;
        if (waitingCount > 0) {
            System.arraycopy(waiting, given, waiting, 0, waitingCount);
        }
        replenished += given;
        return given;
    }

    private int provideRun(int from) {
        int end = from + 1;
        while (end < waitingCount && areNeighbours(waiting[end - 1], waiting[end])) {
            end++;
        }
        int count = end - from;
        int first = waiting[from];
        if (count == 1) {
            // One alone needs no search for its slab.
            prepare(buffers.memory(first), 0, first, 1);
        } else {
            prepare(cache.slabWith(first), cache.offsetInSlab(first), first, count);
        }
        for (int i = from; i < end; i++) {
            buffers.giveTo(waiting[i], key);
        }
        return count;
    }

    /** Prepares an entry for a run of buffers, which lie one behind the other. */
    private void prepare(MemorySegment memory, long offset, int first, int count) {
        Sqe entry = submissions
                .next()
                .provideBuffers(memory, offset, bufferSize, count, id, first)
                .userData(tag() | (long) first << ID_BITS | count);
        if (silent) {
            entry.skipSuccess();
        }
        held += count;
        publications++;
    }

    private boolean areNeighbours(int one, int other) {
        return other == one + 1 && cache.slabOf(one) == cache.slabOf(other);
    }

    @Override
    public void noteExhausted() {
        exhausted++;
    }

    @Override
    public long replenished() {
        return replenished;
    }

    @Override
    public BufferGroupStats stats() {
        return new BufferGroupStats(held, taken, replenished, publications, exhausted);
    }

    /** {@return how many buffers the kernel has refused, such as for an id that a buffer ring has} */
    public long refused() {
        return refused;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Prepares an entry that takes the buffers from the kernel, which the next submission passes on, unless
     * the submission queue is full: then call this again. When {@link #onCompletion} has been shown its completion,
     * and {@link #take} those of receives that had picked a buffer before, all buffers are back.
     */
    @Override
    public void close() {
        cache.requireOwnerToClose();
        if (closing == Closing.NOT) {
            closing = Closing.CLOSED;
            putBackWaiting();
        }
        if (held == 0 || ring.isClosed()) {
            reclaim();
        } else if (closing == Closing.CLOSED && submissions.spaceLeft() > 0) {
            submissions.next().removeBuffers(held, id).userData(tag() | REMOVAL);
            closing = Closing.REMOVAL_PREPARED;
        }
    }

    private void putBackWaiting() {
        for (int i = 0; i < waitingCount; i++) {
            cache.putBack(waiting[i]);
        }
        waitingCount = 0;
    }

    /** The buffers that the removal took are all that are still missing: then these are they. */
    private void reclaimIfOver() {
        if (closing == Closing.REMOVAL_DONE && held == removed) {
            reclaim();
        }
    }

    private void reclaim() {
        if (closing != Closing.RECLAIMED) {
            closing = Closing.RECLAIMED;
            held = 0;
            cache.reclaimAll(this, key);
            GroupIds.free(ring, id);
        }
    }
}
