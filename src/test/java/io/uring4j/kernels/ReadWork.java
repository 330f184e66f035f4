package io.uring4j.kernels;

import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Sqe;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferGroup;
import io.uring4j.buffer.BufferRing;
import io.uring4j.buffer.ProvidedBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** One-byte reads of /dev/zero, with the buffers of a group or without: as the benchmark {@code pbuf-table} does it. */
final class ReadWork implements GuestBenchmarks.Work {
    private static final int ENTRIES = 128;
    private static final int BATCH = 32;
    private static final int BUFFERS = 128;
    private static final int BUFFER_SIZE = 64;
    private static final int GROUP = 1;

    /** Where the buffers come from, and how many are given back at a time. */
    enum Buffers {
        OWN(0),
        LEGACY_32(32),
        LEGACY_1(1),
        RING_32(32),
        RING_1(1);

        private final int replenish;

        Buffers(int replenish) {
            this.replenish = replenish;
        }

        boolean isRing() {
            return this == RING_32 || this == RING_1;
        }

        String title() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
    }

    private final Buffers buffers;
    private final Arena arena = Arena.ofShared();
    private final Ring ring;
    private final BufferCache cache;
    private final @Nullable BufferGroup group;
    private final MemorySegment own;
    private int zero;
    private int reads;
    private int lacking;

    ReadWork(Buffers buffers) throws IOException {
        this.buffers = buffers;
        ring = Ring.open(RingConfig.best(ENTRIES));
        own = arena.allocate((long) BATCH * BUFFER_SIZE, BUFFER_SIZE);
        ring.submissions().next().openat(
                OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom("/dev/zero"), OpenFlags.READ_ONLY, 0);
        ring.submitAndWait(1);
        ring.completions().drain((userData, result, flags) -> zero = result);
        cache = new BufferCache(BufferCache.Settings.of(BUFFER_SIZE, 2 * BUFFERS));
        group = switch (buffers) {
            case OWN -> null;
            case LEGACY_32, LEGACY_1 -> ProvidedBuffers.open(ring, GROUP, cache, BUFFERS);
            case RING_32, RING_1 -> BufferRing.open(ring, GROUP, cache, BUFFERS).replenishEvery(buffers.replenish);
        };
    }

    @Override
    public int batch() throws IOException {
        for (int i = 0; i < BATCH; i++) {
            Sqe entry = ring.submissions().next();
            if (group == null) {
                entry.read(zero, own.asSlice((long) i * BUFFER_SIZE, BUFFER_SIZE), 1, 0);
            } else {
                entry.read(zero, MemorySegment.NULL, 1, 0).selectBuffer(GROUP);
            }
            entry.userData(i);
        }
        ring.submitAndWait(BATCH);
        reads = 0;
        // Before Linux 5.17 the entries that give buffers back complete, too.
        while (ring.completions().drain(this::completed) >= 0 && reads < BATCH) {
            ring.waitFor(1);
        }
        return BATCH;
    }

    private void completed(long userData, int result, int flags) {
        if (group instanceof ProvidedBuffers provided && provided.onCompletion(userData, result)) {
            return;
        }
        if (result != 1) {
            throw new IllegalStateException("read of one byte ended with " + result);
        }
        reads++;
        if (group != null) {
            group.take(result, flags).release();
            // A buffer ring replenishes by itself.
            if (!buffers.isRing() && ++lacking == buffers.replenish) {
                lacking = 0;
                giveBack(group);
            }
        }
    }

    private static void giveBack(BufferGroup group) {
        try {
            group.replenish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        ring.close();
        cache.close();
        arena.close();
    }
}
