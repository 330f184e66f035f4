package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.SqeFlag;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The older kind of {@link BufferGroup}: buffers are given to the kernel by entries of their own
 * (PROVIDE_BUFFERS). From Linux 5.7; {@link BufferRing} is faster where the kernel has it.
 *
 * <p>{@link #replenish} sorts what has come back, in whatever order, and prepares one entry for each
 * run of neighbours. From Linux 5.17 these entries complete silently; before, and when one fails, a
 * completion comes, which {@link #onCompletion} must be shown. It is known by the upper half of its
 * user data, the group's {@link #tag}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_provide_buffers.3.html">io_uring_prep_provide_buffers(3)</a>
 */
public final class ProvidedBuffers implements BufferGroup {
    private static final long TAG_MARK = 0x7062_0000L << 32;
    private static final long TAG_MASK = 0xffff_ffff_0000_0000L;
    private static final int ID_BITS = 16;
    private static final int MAX_RUN = 65535;

    private final Ring ring;
    private final int id;
    private final BufferCache cache;
    private final int capacity;
    private final boolean silent;

    /** Acquired, and not yet given to the kernel for want of entries; sorted. */
    private final int[] waiting;

    private int waitingCount;
    private int held;
    private boolean closed;
    private boolean reclaimed;
    private long taken;
    private long replenished;
    private long publications;
    private long exhausted;
    private long refused;

    private ProvidedBuffers(Ring ring, int id, BufferCache cache, int capacity) {
        this.ring = ring;
        this.id = id;
        this.cache = cache;
        this.capacity = capacity;
        this.waiting = new int[capacity];
        this.silent = ring.capabilities().has(SqeFlag.CQE_SKIP_SUCCESS);
    }

    /**
     * Opens a group, and prepares the entries that fill it as far as the cache and the submission queue
     * go. It isn't checked here whether the id is in use: the kernel refuses the entries then.
     *
     * @param ring the ring
     * @param id the group's id, 0 to 65535
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, 1 to 32768
     * @return the group
     * @throws UringException if memory for the buffers is refused
     * @throws IllegalArgumentException if id or capacity are out of range
     */
    public static ProvidedBuffers open(Ring ring, int id, BufferCache cache, int capacity) throws UringException {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException("buffer group " + id + " not in 0.." + MAX_ID);
        }
        if (capacity < 1 || capacity > BufferQueue.MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "a group of " + capacity + " buffers, not in 1.." + BufferQueue.MAX_ENTRIES);
        }
        ProvidedBuffers group = new ProvidedBuffers(ring, id, cache, capacity);
        cache.serve(group);
        group.replenish();
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
        if (result < 0) {
            int first = (int) userData >>> ID_BITS;
            int count = (int) userData & MAX_RUN;
            refused += count;
            for (int i = first; i < first + count; i++) {
                giveBack(cache.buffer(i));
            }
        }
        return true;
    }

    private void giveBack(BufferLease buffer) {
        cache.takeFromKernel(buffer);
        held--;
        buffer.release();
    }

    @Override
    public int bufferSize() {
        return cache.bufferSize();
    }

    @Override
    public BufferLease take(int result, int flags) {
        int buffer = Cqe.bufferId(flags);
        BufferLease lease = cache.buffer(buffer);
        if (lease.holder() != this) {
            throw new IllegalArgumentException("group " + id + " has not given buffer " + buffer + " to the kernel");
        }
        taken++;
        held--;
        cache.takeFromKernel(lease);
        return lease.fill(0, Math.max(0, result));
    }

    @Override
    public int takeBundle(int result, int flags, Consumer<? super BufferLease> taker) {
        if (result > cache.bufferSize()) {
            throw new IllegalArgumentException("bundles need a buffer ring: the order of these buffers is not known");
        }
        taker.accept(take(result, flags));
        return 1;
    }

    @Override
    public int replenish() throws UringException {
        if (closed) {
            throw new IllegalStateException("buffer group is closed");
        }
        while (held + waitingCount < capacity) {
            BufferLease buffer = cache.acquire();
            if (buffer == null) {
                break;
            }
            waiting[waitingCount++] = buffer.id();
        }
        // Whatever the order of release, neighbours end up in one entry.
        Arrays.sort(waiting, 0, waitingCount);
        int given = 0;
        while (given < waitingCount && ring.submissions().spaceLeft() > 0) {
            given += provideRun(given);
        }
        waitingCount -= given;
        System.arraycopy(waiting, given, waiting, 0, waitingCount);
        replenished += given;
        return given;
    }

    private int provideRun(int from) {
        int end = from + 1;
        while (end < waitingCount && end - from < MAX_RUN && areNeighbours(waiting[end - 1], waiting[end])) {
            end++;
        }
        int count = end - from;
        MemorySegment run = cache.run(waiting[from], count);
        Sqe entry = ring.submissions()
                .next()
                .provideBuffers(run, cache.bufferSize(), count, id, waiting[from])
                .userData(tag() | (long) waiting[from] << ID_BITS | count);
        if (silent) {
            entry.skipSuccess();
        }
        publications++;
        for (int i = from; i < end; i++) {
            cache.giveToKernel(cache.buffer(waiting[i]), this, 0);
            held++;
        }
        return count;
    }

    private boolean areNeighbours(int one, int other) {
        return other == one + 1 && cache.slabOf(cache.buffer(one)) == cache.slabOf(cache.buffer(other));
    }

    @Override
    public void noteExhausted() {
        exhausted++;
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
     * Ends the group. What waits for entries goes back to the cache at once. The kernel keeps what it
     * holds until the ring is closed: closing the group once more then gives it back.
     */
    @Override
    public void close() {
        closed = true;
        for (int i = 0; i < waitingCount; i++) {
            cache.buffer(waiting[i]).release();
        }
        waitingCount = 0;
        if (!reclaimed && ring.isClosed()) {
            reclaimed = true;
            cache.reclaim(this);
            held = 0;
        }
    }
}
