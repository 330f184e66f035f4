package io.uring4j.buffer;

import java.util.Arrays;

/**
 * The leases of a cache. They go out in turn, but for those that are out or were released only a few takes ago: so a
 * late second release meets a lease at rest, and is refused, although somebody else has the buffer by then. There are
 * few, for all buffers together, which keeps them close to the processor. Only the cache's thread uses it.
 */
final class LeasePool {
    /** After how many other takes a lease goes out again at the earliest. */
    static final int RESTING = 64;

    private final BufferCache cache;

    /** A power of two of them; at first one alone, which never goes out. */
    private BufferLease[] leases;

    private int made;

    /** How many were taken so far; wraps. */
    private int takes;

    /** How many came back so far; wraps. */
    private int returns;

    /** How many were passed over so far: together with {@link #takes}, where the next one is looked for. */
    private int passed;

    LeasePool(BufferCache cache) {
        this.cache = cache;
        leases = new BufferLease[] {takeFresh()};
    }

    /** A lease that goes out. */
    BufferLease take() {
        BufferLease[] all = leases;
        int now = takes;
        BufferLease lease = all[now + passed & all.length - 1];
        if (now - lease.restingSince() >= RESTING && lease.takeOut()) {
            takes = now + 1;
            return lease;
        }
        return takeAnother();
    }

    private BufferLease takeAnother() {
        // Half of them at least can go out then, so that each take passes over one on average.
        if (takes - returns + RESTING > made / 2) {
            grow();
            return take();
        }
        for (int i = 1; i < leases.length; i++) {
            passed++;
            BufferLease lease = leases[takes + passed & leases.length - 1];
            if (takes - lease.restingSince() >= RESTING && lease.takeOut()) {
                takes++;
                return lease;
            }
        }
        // Some were released twice at once, and still stand in the comp list.
        grow();
        return take();
    }

    /** A lease that goes out and is never used again. */
    BufferLease takeFresh() {
        BufferLease lease = new BufferLease(cache);
        lease.takeOut();
        return lease;
    }

    /** A lease is back. */
    void putBack(BufferLease lease) {
        lease.restSince(takes);
        returns++;
    }

    /** Makes as many as there are, and goes on with those. */
    private void grow() {
        int first = made;
        made = Math.max(2 * RESTING, 2 * first);
        leases = Arrays.copyOf(leases, made);
        for (int i = first; i < made; i++) {
            leases[i] = new BufferLease(cache);
            leases[i].restSince(takes - RESTING);
        }
        passed = first - takes;
    }
}
