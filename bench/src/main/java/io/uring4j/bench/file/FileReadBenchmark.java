package io.uring4j.bench.file;

import io.uring4j.CompletionHandler;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Random reads of one block through the raw ring, with a fixed number in flight: each completion is replaced
 * at once, and all replacements go to the kernel with the next wait. The twin of file_read.c.
 */
@State(Scope.Thread)
public class FileReadBenchmark {
    /**
     * What runs once per wait is compiled after thousands of waits, which take seconds when each brings many
     * reads (and until then the JDK's downcall allocates a segment); so few of the first reads are in flight.
     */
    private static final int FIRST_READS = 60_000;

    private static final int FIRST_DEPTH = 4;

    private final CompletionHandler replace = this::replace;
    private Arena arena;
    private Ring ring;
    private RandomBlocks blocks;
    private MemorySegment[] buffers;
    private int fd;
    private long completed;
    private long due;

    /** Opens the ring on the thread that will own it, and fills its queue. */
    @Setup
    public void open(ReadTask task) throws IOException {
        arena = Arena.ofConfined();
        fd = Descriptor.open(task.path(), task.direct);
        ring = Ring.open(RingConfig.best(task.depth));
        blocks = task.randomBlocks(0);
        buffers = new MemorySegment[task.depth];
        Arrays.setAll(buffers, _ -> arena.allocate(RandomBlocks.BLOCK, RandomBlocks.BLOCK));
        int few = Math.min(FIRST_DEPTH, task.depth);
        prepareReads(0, few);
        read(FIRST_READS);
        prepareReads(few, task.depth);
    }

    private void prepareReads(int from, int to) {
        for (int slot = from; slot < to; slot++) {
            prepareRead(slot);
        }
    }

    @TearDown
    public void close() throws IOException {
        // Ends the reads in flight, after which their buffers may go.
        ring.close();
        arena.close();
        Descriptor.close(fd);
    }

    @Benchmark
    public long read(ReadTask task) throws IOException {
        read(task.readsPerInvocation());
        return completed;
    }

    /** What a wait brings beyond this call's share counts for the next call. */
    private void read(int share) throws IOException {
        due += share;
        while (completed < due) {
            ring.submitAndWait(1);
            completed += ring.completions().drain(replace);
        }
    }

    private void replace(long slot, int result, int flags) {
        ReadTask.requireBlock(result);
        prepareRead((int) slot);
    }

    private void prepareRead(int slot) {
        ring.submissions()
                .nextFlyweight()
                .read(fd, buffers[slot], RandomBlocks.BLOCK, blocks.nextOffset())
                .userData(slot);
    }
}
