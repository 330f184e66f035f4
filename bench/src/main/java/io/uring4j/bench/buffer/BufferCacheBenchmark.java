package io.uring4j.bench.buffer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Acquires buffers, writes a byte to each, and releases them on the same thread. The twin of buffer_cache.c. */
@State(Scope.Thread)
public class BufferCacheBenchmark {
    /** How many buffers are out at once. */
    public static final int BATCH = 32;

    @Param("CACHE")
    public BufferSource.Kind source;

    private final AutoCloseable[] out = new AutoCloseable[BATCH];
    private BufferSource buffers;

    @Setup
    public void open() {
        buffers = new BufferSource(source, BATCH);
    }

    @TearDown
    public void close() {
        buffers.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void batch() throws IOException {
        for (int i = 0; i < BATCH; i++) {
            AutoCloseable owner = buffers.acquire();
            MemorySegment memory = BufferSource.memory(owner);
            memory.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
            out[i] = owner;
        }
        for (int i = 0; i < BATCH; i++) {
            BufferSource.release(out[i]);
        }
    }
}
