package io.uring4j.bench.buffer;

import java.io.IOException;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Acquires buffers and has them released on another thread, to which they are handed in batches: one at a time, the
 * hand-over would take longer than all the rest. The twin of buffer_cache.c.
 */
@State(Scope.Thread)
public class CrossThreadReleaseBenchmark {
    /** How many buffers are handed over at once. */
    public static final int BATCH = 32;

    /** How many batches there are. */
    public static final int BATCHES = 16;

    @Param("CACHE")
    public BufferSource.Kind source;

    private final SpscArrayQueue<AutoCloseable[]> full = new SpscArrayQueue<>(BATCHES);
    private final SpscArrayQueue<AutoCloseable[]> empty = new SpscArrayQueue<>(BATCHES);
    private BufferSource buffers;
    private Thread releaser;
    private volatile boolean ending;

    @Setup
    public void open() throws IOException {
        for (int i = 0; i < BATCHES; i++) {
            empty.add(new AutoCloseable[BATCH]);
        }
        buffers = new BufferSource(source, 2 * BATCH * BATCHES);
        // Else the cache may get by with few, and takes over two or three released ones at a time.
        buffers.fill();
        releaser = Thread.ofPlatform().start(this::release);
    }

    private void release() {
        while (true) {
            // In this order: what was queued before the end is seen after it.
            boolean last = ending;
            AutoCloseable[] batch = full.poll();
            if (batch != null) {
                for (AutoCloseable owner : batch) {
                    BufferSource.release(owner);
                }
                empty.add(batch);
            } else if (last) {
                return;
            } else {
                Thread.onSpinWait();
            }
        }
    }

    @TearDown
    public void close() throws InterruptedException {
        ending = true;
        releaser.join();
        buffers.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void batch() throws IOException {
        AutoCloseable[] batch = empty.poll();
        while (batch == null) {
            Thread.onSpinWait();
            batch = empty.poll();
        }
        for (int i = 0; i < BATCH; i++) {
            batch[i] = acquire();
        }
        full.add(batch);
    }

    private AutoCloseable acquire() throws IOException {
        AutoCloseable owner = buffers.acquireWhole();
        while (owner == null) {
            Thread.onSpinWait();
            owner = buffers.acquireWhole();
        }
        return owner;
    }
}
