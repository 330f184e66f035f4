package io.uring4j.buffer;

import io.uring4j.Ring;
import java.util.BitSet;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Which group ids are taken, ring by ring. The kernel alone can't tell: it refuses a second buffer ring under an
 * id, but a group of the older kind whose buffers are all in use looks to it like none.
 */
final class GroupIds {
    private static final Map<Ring, BitSet> TAKEN = new WeakHashMap<>();

    private GroupIds() {}

    /**
     * Takes an id.
     *
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if the ring has a group of this id
     */
    static synchronized void take(Ring ring, int id) {
        if (id < 0 || id > BufferGroup.MAX_ID) {
            throw new IllegalArgumentException("buffer group " + id + " not in 0.." + BufferGroup.MAX_ID);
        }
        BitSet taken = TAKEN.computeIfAbsent(ring, key -> new BitSet());
        if (taken.get(id)) {
            throw new IllegalStateException(
                    "buffer group " + id + " of this ring is in use, or was closed with requests in flight");
        }
        taken.set(id);
    }

    /** The lowest id from the given one on that is free; more than {@link BufferGroup#MAX_ID} if none is. */
    static synchronized int nextFree(Ring ring, int from) {
        BitSet taken = TAKEN.get(ring);
        return taken == null ? from : taken.nextClearBit(from);
    }

    static synchronized void free(Ring ring, int id) {
        BitSet taken = TAKEN.get(ring);
        if (taken != null) {
            taken.clear(id);
        }
    }
}
