package io.uring4j.bench.buffer;

import io.uring4j.CompletionHandler;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Sqe;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferGroup;
import io.uring4j.buffer.BufferLease;
import io.uring4j.buffer.BufferRing;
import io.uring4j.buffer.BufferVisitor;
import io.uring4j.buffer.ProvidedBuffers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One-byte reads of /dev/zero, 32 submitted at a time, with the buffers of a group or with one's own. The
 * twin of provided_buffers.c.
 */
@State(Scope.Thread)
public class ProvidedBufferBenchmark {
    /** The size of the submission queue. */
    public static final int ENTRIES = 128;

    /** How many reads go to the kernel together. */
    public static final int BATCH = 32;

    private static final int BUFFERS = 128;
    private static final int BUFFER_SIZE = 64;
    private static final int GROUP = 1;

    /** Until what runs once per batch is compiled, the JDK's downcall allocates a segment. */
    private static final int FIRST_BATCHES = 20_000;

    /** Where the buffers come from. */
    public enum Kind {
        NONE,
        LEGACY,
        RING
    }

    @Param("RING")
    public Kind kind;

    /** How many buffers are given back at a time. */
    @Param("1")
    public int replenish;

    /** Whether each buffer is lent, or visited, which is what C does. */
    @Param("false")
    public boolean lent;

    private final BufferVisitor visitor = this::visit;
    private final CompletionHandler own = this::completedWithOwn;
    private final CompletionHandler provided = this::completedWithProvided;
    private final Arena arena = Arena.ofShared();
    private Ring ring;
    private BufferCache cache;
    private BufferGroup group;
    private MemorySegment[] buffers;
    private int zero;
    private int lacking;
    private long sum;

    /** Opens all on the thread that will own it. */
    @Setup
    public void open() throws IOException {
        ring = Ring.open(RingConfig.best(ENTRIES));
        MemorySegment memory = arena.allocate((long) BATCH * BUFFER_SIZE, BUFFER_SIZE);
        buffers = memory.elements(MemoryLayout.sequenceLayout(BUFFER_SIZE, ValueLayout.JAVA_BYTE))
                .toArray(MemorySegment[]::new);
        cache = new BufferCache(BufferCache.Settings.of(BUFFER_SIZE, 2 * BUFFERS));
        switch (kind) {
            case NONE -> {}
            case LEGACY -> group = ProvidedBuffers.open(ring, GROUP, cache, BUFFERS);
            case RING -> group = BufferRing.open(ring, GROUP, cache, BUFFERS).replenishEvery(replenish);
        }
        ring.submissions().next().openat(
                OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom("/dev/zero"), OpenFlags.READ_ONLY, 0);
        ring.submitAndWait(1);
        ring.completions().drain((userData, result, flags) -> zero = result);
        for (int i = 0; i < FIRST_BATCHES; i++) {
            batch();
        }
    }

    @TearDown
    public void close() throws IOException {
        ring.close();
        cache.close();
        arena.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long batch() throws IOException {
        for (int i = 0; i < BATCH; i++) {
            Sqe entry = ring.submissions().nextFlyweight();
            if (kind == Kind.NONE) {
                entry.read(zero, buffers[i], 1, 0);
            } else {
                entry.read(zero, MemorySegment.NULL, 1, 0).selectBuffer(GROUP);
            }
            entry.userData(i);
        }
        ring.submitAndWait(BATCH);
        int count = ring.completions().drain(kind == Kind.NONE ? own : provided);
        if (count != BATCH) {
            throw new IllegalStateException(count + " completions of " + BATCH);
        }
        return sum;
    }

    private void completedWithOwn(long userData, int result, int flags) {
        requireByte(result);
        sum += buffers[(int) userData].get(ValueLayout.JAVA_BYTE, 0);
    }

    private void completedWithProvided(long userData, int result, int flags) {
        requireByte(result);
        if (lent) {
            BufferLease lease = group.take(result, flags);
            sum += lease.memory().get(ValueLayout.JAVA_BYTE, lease.offset());
            lease.release();
        } else {
            group.visit(result, flags, visitor);
        }
        // A buffer ring replenishes by itself.
        if (kind == Kind.LEGACY && ++lacking == replenish) {
            lacking = 0;
            giveBack();
        }
    }

    private void visit(MemorySegment memory, long offset, int length) {
        sum += memory.get(ValueLayout.JAVA_BYTE, offset);
    }

    private void giveBack() {
        try {
            group.replenish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireByte(int result) {
        if (result != 1) {
            throw new IllegalStateException("read of one byte ended with " + result);
        }
    }
}
