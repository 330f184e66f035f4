package io.uring4j.bench.file;

import io.uring4j.OpenFlags;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.ResultHandler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Many virtual threads that each read blocks of a file, one after the other; and as many chains of callbacks. */
@State(Scope.Benchmark)
public class ManyReadsBenchmark {
    /** How many threads there are, or chains. */
    public static final int THREADS = 1000;

    private static final int READS_PER_THREAD = 64;

    /** How they read. */
    public enum How {
        /** By blocking calls through our loop. */
        BLOCKING,
        /** By callbacks of our loop, without threads. */
        CALLBACKS,
        /** By a FileChannel. */
        CHANNEL
    }

    @Param("BLOCKING")
    public How how;

    @Param("")
    public String file;

    private final Reader[] readers = new Reader[THREADS];
    private final ResultHandler<Reader> onRead = (result, flags, reader) -> reader.completed(result);
    private FileChannel channel;
    private EventLoop loop;
    private int fd;
    private volatile CountDownLatch ends;
    private volatile Throwable failure;

    @Setup
    public void open() throws IOException, InterruptedException {
        Path path = Path.of(file);
        channel = FileChannel.open(path);
        loop = EventLoop.start();
        fd = loop.open(path, OpenFlags.READ_ONLY, 0).await();
        for (int i = 0; i < THREADS; i++) {
            readers[i] = new Reader(new RandomBlocks(channel.size(), i));
        }
    }

    @TearDown
    public void close() throws IOException {
        loop.close();
        channel.close();
    }

    @Benchmark
    @OperationsPerInvocation(THREADS * READS_PER_THREAD)
    public void reads() throws InterruptedException {
        ends = new CountDownLatch(THREADS);
        if (how == How.CALLBACKS) {
            loop.execute(() -> {
                for (Reader reader : readers) {
                    reader.begin();
                }
            });
        } else {
            for (Reader reader : readers) {
                Thread.startVirtualThread(reader);
            }
        }
        ends.await();
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    private final class Reader implements Runnable {
        private final RandomBlocks blocks;
        private final MemorySegment memory = Arena.ofAuto().allocate(RandomBlocks.BLOCK, RandomBlocks.BLOCK);
        private final ByteBuffer buffer = memory.asByteBuffer();
        private int left;

        Reader(RandomBlocks blocks) {
            this.blocks = blocks;
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < READS_PER_THREAD; i++) {
                    ReadTask.requireBlock(
                            how == How.CHANNEL
                                    ? channel.read(buffer.clear(), blocks.nextOffset())
                                    : loop.read(fd, memory, blocks.nextOffset()).await());
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                failure = e;
            }
            ends.countDown();
        }

        void begin() {
            left = READS_PER_THREAD;
            next();
        }

        private void next() {
            loop.read(fd, memory, blocks.nextOffset()).start(onRead, this);
        }

        void completed(int result) {
            if (result != RandomBlocks.BLOCK) {
                failure = new IOException("a read ended with " + result);
            }
            if (--left > 0) {
                next();
            } else {
                ends.countDown();
            }
        }
    }
}
