package io.uring4j.bench.buffer;

import io.uring4j.CompletionHandler;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reads of /dev/zero, each into a buffer that is acquired for it and released after it. The twin of buffer_cache.c. */
@State(Scope.Thread)
public class BufferedReadBenchmark {
    /** The size of the submission queue. */
    public static final int ENTRIES = 128;

    /** How many reads go to the kernel together. */
    public static final int BATCH = 32;

    /** How much each reads, in bytes. */
    public static final int LENGTH = 512;

    /** Until what runs once per batch is compiled, the JDK's downcall allocates a segment. */
    private static final int FIRST_BATCHES = 20_000;

    @Param("CACHE")
    public BufferSource.Kind source;

    private final CompletionHandler completed = this::completed;
    private final AutoCloseable[] out = new AutoCloseable[BATCH];
    private BufferSource buffers;
    private Ring ring;
    private int zero;

    /** Opens all on the thread that will own it. */
    @Setup
    public void open() throws IOException {
        buffers = new BufferSource(source, BATCH);
        ring = Ring.open(RingConfig.best(ENTRIES));
        try (Arena arena = Arena.ofConfined()) {
            ring.submissions().next().openat(
                    OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom("/dev/zero"), OpenFlags.READ_ONLY, 0);
            ring.submitAndWait(1);
            ring.completions().drain((userData, result, flags) -> zero = result);
        }
        for (int i = 0; i < FIRST_BATCHES; i++) {
            batch();
        }
    }

    @TearDown
    public void close() throws IOException {
        ring.close();
        buffers.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int batch() throws IOException {
        for (int i = 0; i < BATCH; i++) {
            AutoCloseable owner = buffers.acquire();
            out[i] = owner;
            ring.submissions()
                    .nextFlyweight()
                    .read(zero, BufferSource.memory(owner), LENGTH, 0)
                    .userData(i);
        }
        ring.submitAndWait(BATCH);
        return ring.completions().drain(completed);
    }

    private void completed(long userData, int result, int flags) {
        if (result != LENGTH) {
            throw new IllegalStateException("read of " + LENGTH + " bytes ended with " + result);
        }
        BufferSource.release(out[(int) userData]);
    }
}
