package io.uring4j.buffer;

import java.util.Arrays;

/**
 * The leases of a cache. The one that has rested longest goes out next, so that a late second release meets a
 * lease at rest, and is refused, although somebody else has the buffer by then. There are few, for all buffers
 * together, which keeps them close to the processor; and they queue by their numbers, since storing references
 * costs more. Only the cache's thread uses it.
 */
final class LeasePool {
    /** How many rest at least, and so how many takes later a lease goes out again at the earliest. */
    static final int RESTING = 64;

    private static final int OF_NO_POOL = -1;

    private final BufferCache cache;

    /** By their numbers. */
    private BufferLease[] leases = {};

    /** The numbers of those that rest, from head to tail. */
    private int[] resting = {};

    private int head;
    private int tail;

    LeasePool(BufferCache cache) {
        this.cache = cache;
    }

    /** A lease that goes out. */
    BufferLease take() {
        for (int tries = tail - head; tries > RESTING; tries--) {
            BufferLease lease = leases[resting[head++ & resting.length - 1]];
            if (lease.takeOut()) {
                return lease;
            }
            // It was released twice at once, and still stands in the comp list.
            queue(lease);
        }
        grow();
        return take();
    }

    /** A lease that goes out and is never used again. */
    BufferLease takeFresh() {
        BufferLease lease = new BufferLease(cache, OF_NO_POOL);
        lease.takeOut();
        return lease;
    }

    /** A lease is back. */
    void putBack(BufferLease lease) {
        if (lease.number() != OF_NO_POOL) {
            queue(lease);
        }
    }

    private void queue(BufferLease lease) {
        resting[tail++ & resting.length - 1] = lease.number();
    }

    private void grow() {
        int had = leases.length;
        int has = Math.max(2 * RESTING, 2 * had);
        int[] queued = new int[has];
        int count = 0;
        while (head != tail) {
            queued[count++] = resting[head++ & resting.length - 1];
        }
        leases = Arrays.copyOf(leases, has);
        resting = queued;
        head = 0;
        tail = count;
        for (int i = had; i < has; i++) {
            leases[i] = new BufferLease(cache, i);
            queue(leases[i]);
        }
    }
}
