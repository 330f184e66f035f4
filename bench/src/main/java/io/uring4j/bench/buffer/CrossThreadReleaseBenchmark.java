package io.uring4j.bench.buffer;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Acquires buffers, writes a byte to each, and has them released on another thread. The twin of buffer_cache.c. */
@State(Scope.Thread)
public class CrossThreadReleaseBenchmark {
    /** How many buffers are handed over per call. */
    public static final int BATCH = 32;

    /** How many buffers wait for their release at most. */
    public static final int QUEUE = 1024;

    @Param("CACHE")
    public BufferSource.Kind source;

    private final SpscArrayQueue<AutoCloseable> queue = new SpscArrayQueue<>(QUEUE);
    private BufferSource buffers;
    private Thread releaser;
    private volatile boolean ending;

    @Setup
    public void open() {
        buffers = new BufferSource(source, 2 * QUEUE);
        releaser = Thread.ofPlatform().start(this::release);
    }

    private void release() {
        while (true) {
            // In this order: what was queued before the end is seen after it.
            boolean last = ending;
            AutoCloseable owner = queue.poll();
            if (owner != null) {
                BufferSource.release(owner);
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
        for (int i = 0; i < BATCH; i++) {
            AutoCloseable owner = acquire();
            BufferSource.memory(owner).set(ValueLayout.JAVA_BYTE, 0, (byte) i);
            while (!queue.offer(owner)) {
                Thread.onSpinWait();
            }
        }
    }

    private AutoCloseable acquire() throws IOException {
        AutoCloseable owner = buffers.acquire();
        while (owner == null) {
            Thread.onSpinWait();
            owner = buffers.acquire();
        }
        return owner;
    }
}
