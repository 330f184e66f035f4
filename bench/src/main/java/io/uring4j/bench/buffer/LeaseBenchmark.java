package io.uring4j.bench.buffer;

import io.uring4j.buffer.BufferCache;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Acquires a buffer and releases it, time and again, on the same thread: the cache alone. The twin of buffer_cache.c. */
@State(Scope.Thread)
public class LeaseBenchmark {
    private static final int TIMES = 32;

    private BufferCache cache;

    @Setup
    public void open() {
        cache = new BufferCache(BufferCache.Settings.of(BufferSource.BUFFER_SIZE, 1));
    }

    @TearDown
    public void close() {
        cache.close();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void acquireAndRelease() throws IOException {
        for (int i = 0; i < TIMES; i++) {
            cache.acquire().release();
        }
    }
}
