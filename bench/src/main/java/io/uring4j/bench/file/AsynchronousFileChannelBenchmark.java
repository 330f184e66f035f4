package io.uring4j.bench.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The same reads through an AsynchronousFileChannel, with as many in flight. Each completion starts the next
 * read from its handler, without a way back to the benchmark's thread, which is the channel's best case.
 *
 * <p>A call starts and ends with nothing in flight; it has so many reads that this doesn't show.
 */
@State(Scope.Thread)
public class AsynchronousFileChannelBenchmark {
    private final AtomicInteger unstarted = new AtomicInteger();
    private final Semaphore idle = new Semaphore(0);
    private ExecutorService threads;
    private AsynchronousFileChannel channel;
    private Slot[] slots;
    private volatile Throwable failure;

    /** On Linux a thread is what it takes to have a read in flight, so there are as many. */
    @Setup
    public void open(ReadTask task) throws IOException {
        threads = Executors.newFixedThreadPool(task.depth);
        channel = AsynchronousFileChannel.open(task.path(), task.openOptions(), threads);
        slots = new Slot[task.depth];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(task.randomBlocks(i));
        }
    }

    @TearDown
    public void close() throws IOException {
        channel.close();
        threads.close();
    }

    @Benchmark
    public void read(ReadTask task) throws InterruptedException {
        unstarted.set(task.readsPerInvocation());
        for (Slot slot : slots) {
            slot.next();
        }
        idle.acquire(slots.length);
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    /** One of the reads in flight. */
    private final class Slot implements CompletionHandler<Integer, Void> {
        private final ByteBuffer buffer = ReadTask.allocateBlock();
        private final RandomBlocks blocks;

        Slot(RandomBlocks blocks) {
            this.blocks = blocks;
        }

        void next() {
            if (unstarted.getAndDecrement() > 0) {
                buffer.clear();
                channel.read(buffer, blocks.nextOffset(), null, this);
            } else {
                idle.release();
            }
        }

        @Override
        public void completed(Integer result, Void attachment) {
            try {
                ReadTask.requireBlock(result);
            } catch (IllegalStateException e) {
                failed(e, attachment);
                return;
            }
            next();
        }

        @Override
        public void failed(Throwable cause, Void attachment) {
            failure = cause;
            idle.release();
        }
    }
}
