package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.PollEvents;
import io.uring4j.Rounds;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.sys.Libc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loops that come and go again and again, each with all kinds of operations under way when it is closed: nothing may be
 * left behind.
 */
class LoopCyclesTest {
    private static final LoopConfig CONFIG = LoopConfig.standard().submissionEntries(16);
    private static final List<LoopConfig> CONFIGS = List.of(
            CONFIG,
            CONFIG.without(LoopFeature.MESSAGE_WAKE_UP),
            CONFIG.without(LoopFeature.BUFFER_RING, LoopFeature.DEFERRED_COMPLETIONS),
            CONFIG.without(LoopFeature.values()));

    /** Of each kind: accepts, receives and the like that go on until they are told of their end. */
    private static final int TOLD = 4;

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void nothingIsLeftBehindByManyLoops() throws Exception {
        openAndClose(Rounds.of(200));
    }

    @Test
    @Tag("soak")
    @Timeout(1200)
    void nothingIsLeftBehindByVeryManyLoops() throws Exception {
        openAndClose(10_000);
    }

    private void openAndClose(int count) throws Exception {
        Path fifo = folder.resolve("fifo");
        // Rings of other tests' threads may still have a worker.
        Set<String> others = threads();
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        SocketPair pair = SocketPair.open();
        try (Pipes pipe = new Pipes();
                LocalSocket listener = LocalSocket.listen(new InetSocketAddress("127.0.0.1", 0), 8);
                LocalSocket datagrams = LocalSocket.datagram(new InetSocketAddress("127.0.0.1", 0))) {
            // Twice each, so that what is kept for good is there before it is counted.
            for (int i = 0; i < 2 * CONFIGS.size(); i++) {
                cycle(i, pipe, listener.fd(), datagrams.fd(), pair.one(), fifo);
            }
            long descriptors = descriptors();
            long mappings = mappings();

            for (int i = 0; i < count; i++) {
                cycle(i, pipe, listener.fd(), datagrams.fd(), pair.one(), fifo);
            }

            // The collector may be what unmaps them.
            Eventually.holds(() -> {
                System.gc();
                return mappings() <= mappings;
            });
            // Other parts of the JVM may open a file meanwhile; not one per loop.
            assertThat(descriptors()).isLessThan(descriptors + 10);
            Eventually.holds(() -> others.containsAll(threads()));
        } finally {
            Libc.close(pair.one());
            Libc.close(pair.other());
        }
    }

    private static void cycle(int number, Pipes pipe, int listener, int datagrams, int stream, Path fifo)
            throws Exception {
        EventLoop loop = EventLoop.start(CONFIGS.get(number % CONFIGS.size()).name("cycle"));
        Ends ends = new Ends();
        Acceptor.start(loop, listener, ends);
        Poller.start(loop, pipe.readEnd(), PollEvents.IN, ends);
        Ticker.start(loop, Duration.ofMillis(1), () -> {});
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(256, 16), 16);
        Receiver.start(buffers, stream, ends);
        DatagramReceiver.start(buffers, datagrams, ends);
        loop.accept(listener).future();
        loop.read(pipe.readEnd(), Memory.room(8), -1).future();
        loop.read(pipe.readEnd(), Memory.room(8), -1).within(Duration.ofHours(1)).future();
        loop.sleep(Duration.ofHours(1)).future();
        // Waits for a writer, in a worker thread of the kernel.
        loop.open(fifo, OpenFlags.READ_ONLY, 0).async().future();
        if (number % 3 != 0) {
            loop.nop().await();
        }
        LoopOutcome outcome = loop.shutdown(Duration.ZERO).get();
        assertThat(outcome.isClean()).as("cycle %d: %s", number, outcome).isTrue();
        assertThat(ends.count).as("cycle %d", number).hasValue(TOLD);
    }

    /** Counts those who are told that it is over, by a cancellation. */
    private static final class Ends
            implements Acceptor.Listener, Poller.Listener, Receiver.Listener, DatagramReceiver.Listener {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void accepted(int fd) {}

        @Override
        public void ready(int events) {}

        @Override
        public void received(BufferLease lease) {
            lease.release();
        }

        @Override
        public void received(DatagramReceiver.Message message) {
            message.release();
        }

        @Override
        public void ended(int result) {
            if (Errno.ECANCELED.is(result)) {
                count.incrementAndGet();
            }
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** Those of rings. */
    private static long mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("io_uring"))
                .count();
    }

    /** Those of the loops, and the kernel's worker threads for them. */
    private static Set<String> threads() throws IOException {
        Set<String> found = new HashSet<>();
        for (Path task : tasks()) {
            try {
                String name = Files.readString(task.resolve("comm")).strip();
                if (name.startsWith("iou-wrk") || name.startsWith("cycle")) {
                    found.add(task.getFileName() + " " + name);
                }
            } catch (IOException e) {
                // It has ended.
            }
        }
        return found;
    }

    private static List<Path> tasks() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/task"))) {
            return all.toList();
        }
    }
}
