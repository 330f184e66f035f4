package io.uring4j.buffer;

import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one size that are recycled, not allocated: for groups of provided buffers, and for reads
 * and writes of any kind. It belongs to the thread that opened it, which is the one that reaps the
 * ring's completions; that thread takes and releases without any synchronisation. Every other thread,
 * virtual ones too, may release, which costs one compare-and-set.
 *
 * <p>When the cache is empty, it first takes over all that other threads have released; only then it
 * carves a new slab of buffers, up to the stated maximum. Slabs are freed when the cache is closed,
 * never while a lease is out or the kernel holds a buffer.
 */
public final class BufferCache implements AutoCloseable {
    /** The most buffers of one cache: ids have 16 bits. */
    public static final int MAX_BUFFERS = 65536;

    /** The largest buffer, in bytes. */
    public static final int MAX_BUFFER_SIZE = 1 << 30;

    private static final long CACHE_LINE = 64;

    /** In front of the ids on the shelf: there is none. */
    private static final int BOTTOM = Integer.MIN_VALUE;

    private final Settings settings;
    private final Thread owner = Thread.currentThread();
    private final int stride;
    private final Slabs slabs;
    private final Returns returns = new Returns();
    private final LeasePool leases = new LeasePool(this);
    private final Starvation starvation = new Starvation();
    private final @Nullable LeaseWatch watch;
    private final List<BufferGroup> groups = new ArrayList<>();
    private int lastGroupKey = Buffers.NO_GROUP;

    private final Buffers buffers = new Buffers();

    /**
     * The ids of the buffers that nobody has, from 1 on; the last one put there is taken first, being warm. A negative
     * number is the {@link #BOTTOM}, or the inverted id of a buffer with which more are out than ever before.
     */
    private int[] shelf = {BOTTOM};

    private int shelved;
    private int highWater;
    private long draws;

    /** How many draws found the shelf empty. */
    private long misses;
    private long exhausted;
    private boolean closed;

    /**
     * How a cache is made. Immutable: each method returns a changed copy.
     *
     * @param bufferSize the size of a buffer in bytes, 1 to {@value #MAX_BUFFER_SIZE}; it is rounded up to
     *     a multiple of 64
     * @param maxBuffers the most buffers, 1 to {@value #MAX_BUFFERS}
     * @param slabBuffers how many buffers are carved at once, from 1
     * @param hugePages whether slabs lie in huge pages
     * @param leakDetection whether leases record where they were taken and aren't used again, which is slow
     */
    public record Settings(int bufferSize, int maxBuffers, int slabBuffers, boolean hugePages, boolean leakDetection) {
        /** Checks the ranges. */
        public Settings {
            requireRange("buffer size", bufferSize, MAX_BUFFER_SIZE);
            requireRange("maximum of buffers", maxBuffers, MAX_BUFFERS);
            requireRange("buffers of a slab", slabBuffers, MAX_BUFFERS);
        }

        private static void requireRange(String what, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(what + " " + value + " not in 1.." + most);
            }
        }

        /**
         * Settings with slabs of at least 64 KiB and no extras.
         *
         * @param bufferSize the size of a buffer in bytes, 1 to {@value #MAX_BUFFER_SIZE}
         * @param maxBuffers the most buffers, 1 to {@value #MAX_BUFFERS}
         * @return the settings
         */
        public static Settings of(int bufferSize, int maxBuffers) {
            int slabBuffers = Math.clamp((64L << 10) / Math.max(1, bufferSize), 1, Math.clamp(maxBuffers, 1, MAX_BUFFERS));
            return new Settings(bufferSize, maxBuffers, slabBuffers, false, false);
        }

        /**
         * Sets how many buffers are carved at once.
         *
         * @param count from 1
         * @return changed settings
         */
        public Settings withSlabBuffers(int count) {
            return new Settings(bufferSize, maxBuffers, count, hugePages, leakDetection);
        }

        /**
         * Puts slabs in huge pages, which the system must have set aside (sysctl vm.nr_hugepages). A slab then
         * fills one at least, as far as the maximum of buffers goes.
         *
         * @return changed settings
         */
        public Settings withHugePages() {
            int pageful = Math.clamp(HugePages.SIZE / stride(), 1, maxBuffers);
            return new Settings(bufferSize, maxBuffers, Math.max(slabBuffers, pageful), true, leakDetection);
        }

        /**
         * Makes {@link BufferCache#close} name where leases that are still out were taken, and gives each taker a
         * lease of its own, so that a second release is refused however late. For tests: it allocates.
         *
         * @return changed settings
         */
        public Settings withLeakDetection() {
            return new Settings(bufferSize, maxBuffers, slabBuffers, hugePages, true);
        }

        /** The size of a buffer as it is: whole cache lines, so that different takers don't share one. */
        private int stride() {
            return Math.toIntExact(Slabs.roundUp(bufferSize, CACHE_LINE));
        }
    }


    private final class Returns extends Recycler<BufferLease> {
        Returns() {
            super(Thread.currentThread());
        }

        @Override
        void returned(BufferLease lease) {
            takeIn(lease);
        }

        @Override
        void releasedElsewhere() {
            starvation.released();
        }
    }

    /**
     * Opens a cache that the current thread owns. Nothing is allocated until a buffer is asked for.
     *
     * @param settings sizes and limits
     */
    public BufferCache(Settings settings) {
        this.settings = settings;
        this.stride = settings.stride();
        this.slabs = new Slabs(settings.hugePages());
        this.watch = settings.leakDetection() ? new LeaseWatch() : null;
    }

    /**
     * Takes a buffer, on the owner's thread.
     *
     * @return an empty buffer, or null when the maximum is out: release some first
     * @throws UringException if memory for a new slab is refused
     * @throws IllegalStateException if the cache is closed or belongs to another thread
     */
    public @Nullable BufferLease acquire() throws UringException {
        requireOwner();
        int id = draw();
        return id == Buffers.NONE ? null : lend(id, 0, 0);
    }

    /**
     * Carves slabs until there are so many buffers, taken ones included: to have all memory from the start, or to
     * register the slabs.
     *
     * @param count how many, 0 to the maximum
     * @throws UringException if memory is refused
     * @throws IllegalArgumentException if the maximum is less
     * @throws IllegalStateException if the cache is closed or belongs to another thread
     */
    public void reserve(int count) throws UringException {
        requireOwner();
        requireOpen();
        if (count < 0 || count > settings.maxBuffers()) {
            throw new IllegalArgumentException(count + " buffers, not in 0.." + settings.maxBuffers());
        }
        while (buffers.count() < count) {
            carve();
        }
    }

    /** Takes a buffer for the kernel, or to be lent, on the owner's thread; {@link Buffers#NONE} when the maximum is out. */
    int draw() throws UringException {
        int id = shelf[shelved];
        if (id < 0) {
            return drawDeeper();
        }
        shelved--;
        draws++;
        return id;
    }

    private int drawDeeper() throws UringException {
        if (shelved == 0) {
            if (!refill()) {
                return Buffers.NONE;
            }
            misses++;
        }
        return drawReady();
    }

    /** Whether a buffer can be drawn without looking further than to the shelf. */
    boolean hasReady() {
        return shelved > 0;
    }

    /** Takes a buffer from the shelf. */
    int drawReady() {
        int id = shelf[shelved--];
        draws++;
        if (id < 0) {
            highWater = Math.max(highWater, buffers.count() - shelved);
            return ~id;
        }
        return id;
    }

    private boolean refill() throws UringException {
        requireOpen();
        if (takeReleased()) {
            return true;
        }
        if (buffers.count() == settings.maxBuffers()) {
            return takeReleasedOrStarve();
        }
        try {
            carve();
            return true;
        } catch (UringException e) {
            if (takeReleasedOrStarve()) {
                return true;
            }
            throw e;
        }
    }

    private boolean takeReleased() {
        returns.splice();
        return shelved > 0;
    }

    private boolean takeReleasedOrStarve() {
        starvation.raise();
        // Again, since a release may have come between the last look and the flag.
        if (takeReleased()) {
            starvation.lower();
            return true;
        }
        exhausted++;
        return false;
    }

    private void carve() throws UringException {
        int first = buffers.count();
        int count = Math.min(settings.slabBuffers(), settings.maxBuffers() - first);
        MemorySegment slab = slabs.add((long) count * stride);
        int carved = first + count;
        if (carved > buffers.capacity()) {
            int room = Math.min(Math.max(carved, 2 * buffers.capacity()), settings.maxBuffers());
            buffers.reserve(room);
            shelf = Arrays.copyOf(shelf, 1 + room);
        }
        for (int i = 0; i < count; i++) {
            // Without gaps: the kernel expects a run of provided buffers one behind the other.
            buffers.add(slab.asSlice((long) i * stride, stride));
        }
        // Below those that were out already, and from the last to the first, so that they are taken in the order of their
        // addresses.
        System.arraycopy(shelf, 1, shelf, 1 + count, shelved);
        for (int i = 0; i < count; i++) {
            shelf[1 + i] = ~(carved - 1 - i);
        }
        shelved += count;
    }

    /** Puts a buffer back that nobody has. */
    void putBack(int id) {
        shelf[++shelved] = id;
    }

    private void putBackIfIdle(int id) {
        if (buffers.isIdle(id)) {
            putBack(id);
        }
    }

    /** A lease of a part of a buffer that nobody else has. */
    BufferLease lend(int id, long offset, int length) {
        return watch == null ? leases.take().fill(id, offset, length) : lendShared(id, offset, length);
    }

    /** A lease of a part of a buffer, of which there may be others. */
    BufferLease lendShared(int id, long offset, int length) {
        buffers.leaseTaken(id);
        if (watch == null) {
            return leases.take().fillShared(id, offset, length);
        }
        BufferLease lease = leases.takeFresh().fillShared(id, offset, length);
        watch.taken(lease);
        return lease;
    }

    /** Takes a lease back, on any thread. */
    void release(BufferLease lease) {
        if (Thread.currentThread() == owner) {
            Recycler.retire(lease);
            takeIn(lease);
        } else {
            returns.releaseElsewhere(lease);
        }
    }

    private void takeIn(BufferLease lease) {
        leases.putBack(lease);
        if (lease.isSole()) {
            putBack(lease.id());
            return;
        }
        if (watch != null) {
            watch.returned(lease);
        }
        buffers.leaseReturned(lease.id());
        putBackIfIdle(lease.id());
    }

    /** The memory of a buffer that a lease stands for, on any thread that has the lease. */
    MemorySegment memory(int id) {
        return buffers.memory(id);
    }

    /** The buffers, for the groups to ask about theirs. */
    Buffers buffers() {
        return buffers;
    }

    /** Notes a group that takes its buffers from here, and gives it a key. */
    int serve(BufferGroup group) {
        groups.add(group);
        return ++lastGroupKey;
    }

    /** Takes a buffer back that the kernel hasn't used, or is done with. */
    void reclaim(int id) {
        buffers.takeBack(id);
        putBackIfIdle(id);
    }

    /** Ends the service of a group: takes back all that it has given to the kernel, which must be done with it. */
    void reclaimAll(BufferGroup group, int groupKey) {
        for (int id = 0; id < buffers.count(); id++) {
            if (buffers.group(id) == groupKey) {
                reclaim(id);
            }
        }
        groups.remove(group);
    }

    /** The slab that a buffer lies in. */
    MemorySegment slabWith(int bufferId) {
        return slabs.get(slabOf(bufferId));
    }

    /** Where a buffer starts in its slab, in bytes. */
    long offsetInSlab(int bufferId) {
        return (long) (bufferId % settings.slabBuffers()) * stride;
    }

    /** The index of the slab that a buffer lies in. */
    int slabOf(int bufferId) {
        return bufferId / settings.slabBuffers();
    }

    /** {@return the size of a buffer in bytes: what was asked for, rounded up to a multiple of 64} */
    public int bufferSize() {
        return stride;
    }

    /** {@return the slabs so far, such as to register them; they stay until the cache is closed} */
    public List<MemorySegment> slabs() {
        return slabs.view();
    }

    /**
     * The index of the slab that a buffer lies in: its slot, when all slabs are registered in order.
     *
     * @param lease a lease of this cache
     * @return the index, from 0
     */
    public int slabOf(BufferLease lease) {
        return slabOf(lease.id());
    }

    /**
     * Sets what another thread runs when it releases a buffer after the cache had run out: it lets the
     * owner, which may sleep in a wait, give the buffer to whom it was short of. Runs once for each time that the
     * cache has run out since.
     *
     * @param action wakes the owner; must neither block nor throw
     */
    public void onRelease(Runnable action) {
        starvation.onRelease(action);
    }

    /** {@return what the cache has done and holds; of use on the owner's thread} */
    public BufferCacheStats stats() {
        return new BufferCacheStats(
                draws - misses,
                returns.splices(),
                slabs.count(),
                buffers.count(),
                leased(),
                buffers.countHeld(),
                highWater,
                exhausted,
                returns.doubleReleases());
    }

    private int leased() {
        return buffers.count() - shelved - buffers.countHeld();
    }

    /** The thread that takes buffers. */
    Thread owner() {
        return owner;
    }

    /** Refuses all threads but the owner's. */
    void requireOwner() {
        if (Thread.currentThread() != owner) {
            throw foreignThread();
        }
    }

    /** Refuses all threads but the owner's, unless that one has ended. */
    void requireOwnerToClose() {
        if (owner.isAlive()) {
            requireOwner();
        }
    }

    private IllegalStateException foreignThread() {
        return new IllegalStateException(
                "buffer cache belongs to " + owner + ", not to " + Thread.currentThread());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("buffer cache is closed");
        }
    }

    /**
     * Frees the slabs, after the groups of this cache, which it closes. When the owner's thread has ended, any
     * thread may close it.
     *
     * @throws IllegalStateException if leases are out, or the kernel holds buffers because requests may be in
     *     flight; the message says how many, and with leak detection where the leases were taken. The cache
     *     then stays open: close it again when they are back and the ring is closed
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        requireOwnerToClose();
        returns.splice();
        if (leased() > 0) {
            throw refusedClose();
        }
        closeGroups();
        if (buffers.countHeld() > 0) {
            throw refusedClose();
        }
        slabs.free();
        closed = true;
        buffers.clear();
        shelved = 0;
    }

    private void closeGroups() {
        for (BufferGroup group : List.copyOf(groups)) {
            try {
                group.close();
            } catch (UringException e) {
                // Then it keeps its buffers, and the count says so.
            }
        }
    }

    private IllegalStateException refusedClose() {
        IllegalStateException refusal = new IllegalStateException(leased() + " leases are out and the kernel holds "
                + buffers.countHeld() + " buffers: release the leases, and close the ring, if requests may be in flight, first");
        if (watch != null) {
            watch.explain(refusal);
        }
        return refusal;
    }
}
