package io.uring4j.buffer;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Remembers where the leases that are out were taken. Only the cache's thread uses it. */
final class LeaseWatch {
    private final Set<BufferLease> out = Collections.newSetFromMap(new IdentityHashMap<>());

    void taken(BufferLease lease) {
        lease.recordTaker();
        out.add(lease);
    }

    void returned(BufferLease lease) {
        out.remove(lease);
    }

    /** Adds to an exception where each lease that is out was taken. */
    void explain(Throwable refusal) {
        for (BufferLease lease : out) {
            Throwable taker = lease.taker();
            if (taker != null) {
                refusal.addSuppressed(taker);
            }
        }
    }
}
