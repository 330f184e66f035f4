package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.SetupFlag;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.buffer.BufferRing;
import io.uring4j.notify.EventFd;
import io.uring4j.sys.Libc;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** For each feature some work that a loop would use it for, which must be done with it and without. */
final class FeatureWork {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int TIMES = 10;
    private static final int BUFFER_BYTES = 64;

    /** The number of io_uring_enter(2), the same on all processors. */
    private static final String ENTER = "426";

    private final EventLoop loop;

    FeatureWork(EventLoop loop) {
        this.loop = loop;
    }

    /** Does the work, and tells whether the feature was seen in it. */
    boolean uses(LoopFeature feature) throws Exception {
        return switch (feature) {
            case DEFERRED_COMPLETIONS -> reads() && loop.ring().flags().contains(SetupFlag.DEFER_TASKRUN);
            case MULTISHOT_ACCEPT -> entriesOfAccepts() < TIMES;
            case MULTISHOT_RECEIVE -> entriesOfReceives() < TIMES;
            case MULTISHOT_READ -> entriesOfReads() < TIMES;
            case BUNDLES -> completionsOfManyBuffers() < TIMES;
            case ZERO_COPY_SEND -> completionsOfSends() >= 2 * TIMES;
            case MULTISHOT_POLL -> entriesOfPolls() < TIMES;
            case MULTISHOT_TIMER -> entriesOfTicks() < TIMES;
            case BUFFER_RING -> receivesThroughABufferRing();
            case MESSAGE_WAKE_UP -> wakes() && loop.describe().contains("woken by a message to the ring");
            case RING_MESSAGES -> sendsMessages();
            case TIMED_WAIT -> waitsInTheRing();
            case CANCEL_ALL -> entriesOfTheEnd() < TIMES;
        };
    }

    private long entries() throws Exception {
        return loop.stats().get().ring().submitted();
    }

    /** Without those that have only woken the loop. */
    private long completions() throws Exception {
        LoopStats stats = loop.stats().get();
        return stats.ring().completed() - stats.wakeUps();
    }

    private boolean reads() throws Exception {
        try (Pipes pipe = new Pipes()) {
            for (int i = 0; i < TIMES; i++) {
                CompletableFuture<Integer> read =
                        loop.read(pipe.readEnd(), Memory.room(8), -1).future();
                assertThat(loop.write(pipe.writeEnd(), Memory.of("abc"), -1).await()).isEqualTo(3);
                assertThat(read.get()).isEqualTo(3);
            }
        }
        return true;
    }

    private boolean wakes() throws Exception {
        for (int i = 0; i < TIMES; i++) {
            assertThat(loop.nop().await()).isZero();
        }
        return true;
    }

    private static Socket connect(LocalSocket listener) throws Exception {
        return new Socket("127.0.0.1", ((InetSocketAddress) listener.address()).getPort());
    }

    private long entriesOfAccepts() throws Exception {
        long before = entries();
        AtomicInteger accepted = new AtomicInteger();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        long used;
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, TIMES)) {
            Acceptor acceptor = Acceptor.start(loop, listener.fd(), new Acceptor.Listener() {
                @Override
                public void accepted(int fd) {
                    Libc.close(fd);
                    accepted.incrementAndGet();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            for (int i = 1; i <= TIMES; i++) {
                int expected = i;
                connect(listener).close();
                Eventually.holds(() -> accepted.get() == expected);
            }
            used = entries() - before;
            acceptor.close();
            assertThat(end.get()).isEqualTo(-Errno.ECANCELED.number());
        }
        return used;
    }

    private long entriesOfReceives() throws Exception {
        try (Stream stream = new Stream(loop, false)) {
            long before = entries();
            for (int i = 1; i <= TIMES; i++) {
                stream.send(3);
                stream.awaitBytes(3 * i);
            }
            return entries() - before;
        }
    }

    private long entriesOfReads() throws Exception {
        try (Pipes pipe = new Pipes()) {
            ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(BUFFER_BYTES, 16), 16);
            AtomicInteger bytes = new AtomicInteger();
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Receiver.startReading(buffers, pipe.readEnd(), new Receiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    bytes.addAndGet(lease.length());
                    lease.release();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            long before = entries();
            try (FileOutputStream out = new FileOutputStream("/proc/self/fd/" + pipe.writeEnd())) {
                for (int i = 1; i <= TIMES; i++) {
                    int expected = 3 * i;
                    out.write(new byte[3]);
                    Eventually.holds(() -> bytes.get() == expected);
                }
            }
            long used = entries() - before;
            pipe.closeWriteEnd();
            assertThat(end.get()).isZero();
            return used;
        }
    }

    /** All of it is there when the loop looks, in as many buffers as there are times. */
    private long completionsOfManyBuffers() throws Exception {
        try (Stream stream = new Stream(loop, true)) {
            long before = completions();
            HeldLoop.meanwhile(loop, () -> stream.send(TIMES * BUFFER_BYTES));
            stream.awaitBytes(TIMES * BUFFER_BYTES);
            assertThat(stream.leases.get()).isEqualTo(TIMES);
            return completions() - before;
        }
    }

    private boolean receivesThroughABufferRing() throws Exception {
        try (Stream stream = new Stream(loop, false)) {
            // More than there are buffers: they come back.
            for (int i = 1; i <= 4 * TIMES; i++) {
                stream.send(BUFFER_BYTES);
                stream.awaitBytes(i * BUFFER_BYTES);
            }
            return stream.buffers.group() instanceof BufferRing;
        }
    }

    private long completionsOfSends() throws Exception {
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 1);
                Socket peer = connect(listener)) {
            int fd = loop.accept(listener.fd()).await();
            long before = completions();
            for (int i = 0; i < TIMES; i++) {
                assertThat(loop.sendZeroCopy(fd, Memory.of("abc"), 3, 0).await()).isEqualTo(3);
                assertThat(peer.getInputStream().readNBytes(3)).asString().isEqualTo("abc");
            }
            long count = completions() - before;
            loop.close(fd).await();
            return count;
        }
    }

    private long entriesOfPolls() throws Exception {
        try (EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            AtomicInteger reports = new AtomicInteger();
            CompletableFuture<Integer> end = new CompletableFuture<>();
            long before = entries();
            Poller poller = Poller.start(loop, counter.fd(), PollEvents.IN, new Poller.Listener() {
                @Override
                public void ready(int events) {
                    try {
                        counter.read();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    reports.incrementAndGet();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            for (int i = 1; i <= TIMES; i++) {
                int expected = i;
                counter.write(1);
                Eventually.holds(() -> reports.get() >= expected);
            }
            long used = entries() - before;
            poller.close();
            assertThat(end.get()).isEqualTo(-Errno.ECANCELED.number());
            return used;
        }
    }

    private long entriesOfTicks() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        long before = entries();
        try (Ticker ticker = Ticker.start(loop, Duration.ofMillis(2), ticks::incrementAndGet)) {
            assertThat(ticker).isNotNull();
            Eventually.holds(() -> ticks.get() >= TIMES);
            return entries() - before;
        }
    }

    private boolean sendsMessages() throws Exception {
        CompletableFuture<Integer> received = new CompletableFuture<>();
        LoopConfig config = LoopConfig.standard().onMessage((target, value, tag) -> received.complete(value + tag));
        try (EventLoop other = EventLoop.start(config)) {
            if (loop.uses(LoopFeature.RING_MESSAGES)) {
                assertThat(loop.message(other, 40, 2).await()).isZero();
                assertThat(received.get()).isEqualTo(42);
                return true;
            }
            assertThatThrownBy(() -> loop.message(other, 40, 2).await())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("RING_MESSAGES");
            other.nop().await();
            return received.isDone();
        }
    }

    /** Where the loop's thread waits while its end lets operations finish. */
    private boolean waitsInTheRing() throws Exception {
        CompletableFuture<Path> thread = new CompletableFuture<>();
        loop.execute(() -> thread.complete(ThreadStatus.directory()));
        Path calls = thread.get().resolve("syscall");
        try (Pipes pipe = new Pipes()) {
            CompletableFuture<Integer> read =
                    loop.read(pipe.readEnd(), Memory.room(8), -1).future();
            CompletableFuture<LoopOutcome> outcome = loop.shutdown(Duration.ofSeconds(1));
            Eventually.holds(() -> !loop.isAccepting());
            long turns = loop.turns().count();
            Thread.sleep(300);
            String call = Files.isReadable(calls) ? Files.readString(calls) : "";
            assertThat(outcome.get().isClean()).isTrue();
            assertThat(outcome.get().cancelled()).isOne();
            assertThat(read).isCancelled();
            assertThat(loop.turns().count() - turns).as("turns: it sleeps").isLessThan(100);
            return call.isEmpty() ? loop.uses(LoopFeature.TIMED_WAIT) : call.startsWith(ENTER);
        }
    }

    private long entriesOfTheEnd() throws Exception {
        try (Pipes pipe = new Pipes()) {
            for (int i = 0; i < TIMES; i++) {
                loop.read(pipe.readEnd(), Memory.room(8), -1).future();
            }
            loop.nop().await();
            long before = entries();
            LoopOutcome outcome = loop.shutdown(Duration.ZERO).get();
            assertThat(outcome.isClean()).isTrue();
            assertThat(outcome.cancelled()).isEqualTo(TIMES);
            return loop.ring().stats().submitted() - before;
        }
    }

    /** A connection from a socket of the JDK, and what receives of it. */
    private static final class Stream implements Receiver.Listener, AutoCloseable {
        private final EventLoop loop;
        private final ReceiveBuffers buffers;
        private final AtomicInteger bytes = new AtomicInteger();
        private final AtomicInteger leases = new AtomicInteger();
        private final CompletableFuture<Integer> end = new CompletableFuture<>();
        private final Socket peer;
        private final OutputStream out;
        private final int fd;
        private final Receiver receiver;

        Stream(EventLoop loop, boolean bundles) throws Exception {
            this.loop = loop;
            this.buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(BUFFER_BYTES, 16), 16);
            try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 1)) {
                this.peer = connect(listener);
                this.out = peer.getOutputStream();
                this.fd = loop.accept(listener.fd()).await();
            }
            this.receiver = Receiver.start(buffers, fd, new Receiver.Options(false, bundles), this);
            loop.nop().await();
        }

        void send(int count) throws Exception {
            out.write(new byte[count]);
        }

        void awaitBytes(int count) throws Exception {
            Eventually.holds(() -> bytes.get() == count);
        }

        @Override
        public void received(BufferLease lease) {
            bytes.addAndGet(lease.length());
            leases.incrementAndGet();
            lease.release();
        }

        @Override
        public void ended(int result) {
            end.complete(result);
        }

        @Override
        public void close() throws IOException {
            receiver.close();
            assertThat(end.join()).isEqualTo(-Errno.ECANCELED.number());
            loop.close(fd).future().join();
            peer.close();
        }
    }
}
