package io.uring4j.buffer;

import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.util.BitSet;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Which group ids are taken, ring by ring. The kernel alone can't tell: it refuses a second buffer ring under an
 * id, but a group of the older kind whose buffers are all in use looks to it like none.
 */
final class GroupIds {
    private static final Map<Ring, BitSet> TAKEN = new WeakHashMap<>();

    /** Those of {@link BufferQueue}s, which a program may also register by hand. */
    private static final Map<Ring, BitSet> OF_QUEUES = new WeakHashMap<>();

    private static final BitSet NONE = new BitSet();

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

    /** Opens a group under an id. */
    @FunctionalInterface
    interface Opening<G extends BufferGroup> {
        G under(int id) throws UringException;
    }

    /**
     * Opens a group under the lowest id that is free.
     *
     * @param last the largest id that the group can have
     * @throws IllegalStateException if none is free
     */
    static <G extends BufferGroup> G openUnderFree(Ring ring, int last, Opening<G> opening) throws UringException {
        for (int id = nextFree(ring, 0); id <= last; id = nextFree(ring, id + 1)) {
            try {
                return opening.under(id);
            } catch (UringException e) {
                // Something that isn't ours may have the id.
                if (e.error() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException("all " + (last + 1) + " group ids of this ring are in use");
    }

    private static synchronized int nextFree(Ring ring, int from) {
        BitSet taken = TAKEN.getOrDefault(ring, NONE);
        BitSet ofQueues = OF_QUEUES.getOrDefault(ring, NONE);
        int id = from;
        while (taken.get(id) || ofQueues.get(id)) {
            id++;
        }
        return id;
    }

    /** A buffer ring was registered under an id. */
    static synchronized void noteQueue(Ring ring, int id) {
        OF_QUEUES.computeIfAbsent(ring, key -> new BitSet()).set(id);
    }

    /** The buffer ring of an id is gone. */
    static synchronized void forgetQueue(Ring ring, int id) {
        OF_QUEUES.getOrDefault(ring, NONE).clear(id);
    }

    static synchronized void free(Ring ring, int id) {
        BitSet taken = TAKEN.get(ring);
        if (taken != null) {
            taken.clear(id);
        }
    }
}
