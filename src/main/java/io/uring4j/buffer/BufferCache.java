package io.uring4j.buffer;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.sys.Libc;
import io.uring4j.sys.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
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
    private static final long HUGE_PAGE_SIZE = 2 << 20;

    private final Lists lists;
    private final Settings settings;
    private final int stride;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> slabs = new ArrayList<>();
    private final List<BufferGroup> groups = new ArrayList<>();
    private BufferLease[] buffers = new BufferLease[0];
    private int out;
    private int heldByKernel;
    private int highWater;
    private long exhausted;
    private boolean closed;
    private volatile @Nullable Runnable wakeUp;
    private volatile boolean starved;

    /**
     * How a cache is made. Immutable: each method returns a changed copy.
     *
     * @param bufferSize the size of a buffer in bytes, 1 to {@value #MAX_BUFFER_SIZE}; it is rounded up to
     *     a multiple of 64
     * @param maxBuffers the most buffers, 1 to {@value #MAX_BUFFERS}
     * @param slabBuffers how many buffers are carved at once, from 1
     * @param hugePages whether slabs lie in huge pages
     * @param leakDetection whether each lease records where it was taken, which is slow
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

        /** {@return settings whose slabs lie in huge pages, which the system must have set aside} */
        public Settings withHugePages() {
            return new Settings(bufferSize, maxBuffers, slabBuffers, true, leakDetection);
        }

        /** {@return settings by which {@link BufferCache#close} names where lost leases were taken} */
        public Settings withLeakDetection() {
            return new Settings(bufferSize, maxBuffers, slabBuffers, hugePages, true);
        }
    }

    private final class Lists extends Recycler<BufferLease> {
        Lists() {
            super(Thread.currentThread());
        }

        @Override
        void onReturn(BufferLease returned) {
            out--;
        }

        @Override
        void onReturnElsewhere() {
            Runnable action = wakeUp;
            if (starved && action != null) {
                starved = false;
                action.run();
            }
        }
    }

    /**
     * Opens a cache that the current thread owns. Nothing is allocated until a buffer is asked for.
     *
     * @param settings sizes and limits
     */
    public BufferCache(Settings settings) {
        this.settings = settings;
        this.lists = new Lists();
        // Whole cache lines, so that buffers of different takers don't share one; and without gaps,
        // because the kernel expects a run of provided buffers one behind the other.
        this.stride = Math.toIntExact(roundUp(settings.bufferSize(), CACHE_LINE));
    }

    private static long roundUp(long value, long multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    /**
     * Takes a buffer, on the owner's thread.
     *
     * @return an empty buffer, or null when the maximum is out: release some first
     * @throws UringException if memory for a new slab is refused
     * @throws IllegalStateException if the cache is closed or belongs to another thread
     */
    public @Nullable BufferLease acquire() throws UringException {
        if (!lists.isOwner()) {
            throw new IllegalStateException("buffer cache belongs to " + lists.owner() + ", not to " + Thread.currentThread());
        }
        requireOpen();
        BufferLease lease = lists.take();
        if (lease == null) {
            lease = carve();
            if (lease == null) {
                return null;
            }
        }
        int now = ++out;
        if (now > highWater) {
            highWater = now;
        }
        if (settings.leakDetection()) {
            lease.recordTaker();
        }
        return lease.fill(0, 0);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("buffer cache is closed");
        }
    }

    private @Nullable BufferLease carve() throws UringException {
        int count = Math.min(settings.slabBuffers(), settings.maxBuffers() - buffers.length);
        if (count == 0) {
            exhausted++;
            starved = true;
            // A release may have come between the last look and the flag.
            return lists.splice() ? lists.take() : null;
        }
        MemorySegment slab = allocateSlab(count);
        slabs.add(slab);
        int first = buffers.length;
        buffers = Arrays.copyOf(buffers, first + count);
        // From the last to the first, so that they are taken in the order of their addresses.
        for (int i = count - 1; i >= 0; i--) {
            MemorySegment memory = slab.asSlice((long) i * stride, stride);
            buffers[first + i] = new BufferLease(lists, first + i, memory);
            lists.add(buffers[first + i]);
        }
        return lists.take();
    }

    private MemorySegment allocateSlab(int count) throws UringException {
        long bytes = (long) count * stride;
        Mapping mapping = settings.hugePages()
                ? Mapping.hugePages(roundUp(bytes, HUGE_PAGE_SIZE), arena)
                : Mapping.anonymous(roundUp(bytes, Libc.PAGE_SIZE), arena);
        if (mapping.failed()) {
            boolean noHugePages = settings.hugePages() && mapping.errno() == Errno.ENOMEM.number();
            throw new UringException(
                    "mmap",
                    mapping.errno(),
                    noHugePages ? "The system has too few huge pages set aside: raise the sysctl vm.nr_hugepages" : "");
        }
        return mapping.segment();
    }

    /**
     * Finds a buffer by its id.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    BufferLease buffer(int id) {
        return buffers[Objects.checkIndex(id, buffers.length)];
    }

    /** Notes a group that takes its buffers from here. */
    void serve(BufferGroup group) {
        groups.add(group);
    }

    /** The memory of neighbouring buffers of one slab. */
    MemorySegment run(int firstId, int count) {
        MemorySegment slab = slabs.get(firstId / settings.slabBuffers());
        return slab.asSlice((long) (firstId % settings.slabBuffers()) * stride, (long) count * stride);
    }

    /** Notes that a group has given a buffer to the kernel. */
    void giveToKernel(BufferLease lease, BufferGroup group, int position) {
        lease.heldBy(group, position);
        heldByKernel++;
    }

    /** Notes that the kernel has returned a buffer. */
    void takeFromKernel(BufferLease lease) {
        lease.heldBy(null, 0);
        heldByKernel--;
    }

    /** Gives back all buffers that a group has given to the kernel, which must be done with them. */
    void reclaim(BufferGroup group) {
        for (BufferLease lease : buffers) {
            if (lease.holder() == group) {
                takeFromKernel(lease);
                if (!lease.hasPieces()) {
                    lease.release();
                }
            }
        }
    }

    /** The thread that takes; groups of this cache live on it too. */
    Thread owner() {
        return lists.owner();
    }

    /** {@return the size of a buffer in bytes: what was asked for, rounded up to a multiple of 64} */
    public int bufferSize() {
        return stride;
    }

    /** {@return the slabs so far, such as to register them; they stay until the cache is closed} */
    public List<MemorySegment> slabs() {
        return Collections.unmodifiableList(slabs);
    }

    /**
     * The index of the slab that a buffer lies in: its slot, when all slabs are registered in order.
     *
     * @param lease a lease of this cache
     * @return the index, from 0
     */
    public int slabOf(BufferLease lease) {
        return lease.id() / settings.slabBuffers();
    }

    /**
     * Sets what another thread runs when it releases a buffer after the cache had run out: it lets the
     * owner, which may sleep in a wait, give the buffer to whom it was short of. Runs once each time.
     *
     * @param action wakes the owner; must not block
     */
    public void onRelease(Runnable action) {
        wakeUp = Objects.requireNonNull(action);
    }

    /** {@return what the cache has done and holds; of use on the owner's thread} */
    public BufferCacheStats stats() {
        return new BufferCacheStats(
                lists.hits(),
                lists.splices(),
                slabs.size(),
                buffers.length,
                out - heldByKernel,
                heldByKernel,
                highWater,
                exhausted,
                lists.doubleReleases());
    }

    private void closeGroups() {
        for (BufferGroup group : groups) {
            try {
                group.close();
            } catch (UringException e) {
                // Then it holds its buffers, and the count below says so.
            }
        }
    }

    /**
     * Frees the slabs. Groups of this cache are closed first.
     *
     * @throws IllegalStateException if leases are out or the kernel holds buffers; the message says how
     *     many, and with leak detection where the leases were taken; the cache then stays open
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!lists.isOwner()) {
            throw new IllegalStateException("buffer cache belongs to " + lists.owner() + ", not to " + Thread.currentThread());
        }
        closeGroups();
        lists.splice();
        if (out > 0) {
            IllegalStateException refusal = new IllegalStateException((out - heldByKernel)
                    + " leases are out and the kernel holds " + heldByKernel + " buffers: release the leases, and "
                    + "close the ring, if requests may be in flight, first");
            if (settings.leakDetection()) {
                Arrays.stream(buffers)
                        .filter(buffer -> !buffer.inCache && buffer.holder() == null)
                        .map(BufferLease::taker)
                        .filter(Objects::nonNull)
                        .forEach(refusal::addSuppressed);
            }
            throw refusal;
        }
        closed = true;
        arena.close();
        buffers = new BufferLease[0];
    }
}
