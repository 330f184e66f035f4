package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Feature;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.UringException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the kernel begins in a buffer ring that is registered under an id which the same ring has had before. It
 * should be 0, but kernels from 5.19 on go on where the buffer ring before had ended, if the id is below 64, until
 * Linux 6.9 and the stable releases that took its mending over. There the tail must begin at the same place.
 */
final class GroupHeads {
    /** From this id on no kernel remembers anything. */
    private static final int FIRST_FORGOTTEN = 64;

    /** What is noted of a buffer ring of which nobody has counted what the kernel took. */
    static final int UNKNOWN = -1;

    private static final Map<Ring, Map<Integer, Integer>> ENDED = new WeakHashMap<>();

    private static volatile @Nullable Boolean forgets;

    private GroupHeads() {}

    /** Notes how far the kernel has come in a buffer ring that is let go, or {@link #UNKNOWN}. */
    static synchronized void note(Ring ring, int id, int head) {
        if (id < FIRST_FORGOTTEN) {
            ENDED.computeIfAbsent(ring, key -> new HashMap<>()).put(id, head);
        }
    }

    /**
     * Where the kernel will begin in a buffer ring of this id.
     *
     * @throws IllegalStateException if that can't be known
     */
    static int startOf(Ring ring, int id) throws UringException {
        int ended = endOf(ring, id);
        if (ended == 0 || forgets(ring)) {
            return 0;
        }
        if (ended == UNKNOWN) {
            throw new IllegalStateException("this kernel goes on where the ring of group " + id
                    + " before had ended, which isn't known: take another id, or one from " + FIRST_FORGOTTEN + " on");
        }
        return ended;
    }

    private static synchronized int endOf(Ring ring, int id) {
        return ENDED.getOrDefault(ring, Map.of()).getOrDefault(id, 0);
    }

    private static boolean forgets(Ring ring) throws UringException {
        // Bundles came after the mending.
        if (ring.capabilities().has(Feature.RECVSEND_BUNDLE)) {
            return true;
        }
        Boolean known = forgets;
        if (known == null) {
            known = tryOut();
            forgets = known;
        }
        return known;
    }

    /** Takes one buffer from a group of one, twice: a kernel that remembers finds the second group empty. */
    private static boolean tryOut() throws UringException {
        try (Arena arena = Arena.ofShared();
                Ring ring = Ring.open(RingConfig.plain(1))) {
            MemorySegment name = arena.allocateFrom("/dev/zero");
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, name, OpenFlags.READ_ONLY, 0);
            int file = complete(ring)[0];
            boolean twice = takesOne(ring, file, arena) && takesOne(ring, file, arena);
            ring.submissions().next().close(file);
            complete(ring);
            return twice;
        }
    }

    private static boolean takesOne(Ring ring, int file, Arena arena) throws UringException {
        try (BufferQueue queue = BufferQueue.registerAt(ring, 0, 1, 0)) {
            queue.add(0, arena.allocate(1));
            queue.publish();
            ring.submissions().next().read(file, MemorySegment.NULL, 1, 0).selectBuffer(0);
            return Cqe.hasBuffer(complete(ring)[1]);
        }
    }

    private static int[] complete(Ring ring) throws UringException {
        int[] outcome = new int[2];
        ring.submitAndWait(1);
        ring.completions().drain((userData, result, flags) -> {
            outcome[0] = result;
            outcome[1] = flags;
        });
        return outcome;
    }
}
