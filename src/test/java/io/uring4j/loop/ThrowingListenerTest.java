package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.Sockets;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.notify.EventFd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Listeners that throw each time: each failure is reported, nothing else is lost for it, and the loop doesn't spin. */
@Timeout(60)
class ThrowingListenerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int CANCELLED = -Errno.ECANCELED.number();

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger thrown = new AtomicInteger();

    enum Means {
        NEW,
        OLD
    }

    private EventLoop start(Means means) throws Exception {
        LoopConfig config = LoopConfig.standard()
                .idleTime(Duration.ofHours(1))
                .onFailure((loop, failure) -> failures.add(failure));
        return EventLoop.start(means == Means.NEW ? config : config.without(LoopFeature.values()));
    }

    private void fail() {
        int number = thrown.incrementAndGet();
        if (number % 2 == 0) {
            throw new AssertionError("error " + number);
        }
        throw new IllegalStateException("exception " + number);
    }

    private void requireAllReportedAndRest(EventLoop loop) throws Exception {
        assertThat(loop.nop().await()).as("the loop lives on").isZero();
        long turns = loop.stats().get().turns();
        Thread.sleep(200);
        LoopStats stats = loop.stats().get();
        assertThat(stats.turns() - turns).as("turns of a loop with nothing to do").isLessThan(20);
        assertThat(stats.failures()).isEqualTo(thrown.get());
        assertThat(stats.staleCompletions()).isZero();
        assertThat(failures).hasSize(thrown.get()).doesNotHaveDuplicates();
    }

    /** So few buffers that each is used again and again, be it released at once or elsewhere: one that gets lost is missed soon. */
    @ParameterizedTest
    @CsvSource({"NEW, true", "NEW, false", "OLD, true", "OLD, false"})
    void receiverBringsEveryByte(Means means, boolean bundles) throws Exception {
        int size = 20_000;
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        MemorySegment sent = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, content);
        MemorySegment received = Memory.room(size);
        AtomicInteger position = new AtomicInteger();
        Queue<BufferLease> kept = new ConcurrentLinkedQueue<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        Receiver.Listener listener = new Receiver.Listener() {
            @Override
            public void received(BufferLease lease) {
                received.asSlice(position.getAndAdd(lease.length()), lease.length()).copyFrom(lease.bytes());
                if (position.get() / 1024 % 2 == 0) {
                    lease.release();
                } else {
                    kept.add(lease);
                }
                fail();
            }

            @Override
            public void ended(int result) {
                end.complete(result);
                fail();
            }
        };
        try (EventLoop loop = start(means);
                LocalSocket server = LocalSocket.listen(ANY_PORT, 1);
                LocalSocket client = LocalSocket.streamTo(ANY_PORT)) {
            loop.connect(client.fd(), server.address()).await();
            int fd = loop.accept(server.fd()).await();
            ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 8), 8);
            Receiver.start(buffers, fd, new Receiver.Options(false, bundles), listener);
            assertThat(loop.send(client.fd(), sent).fully().await()).isEqualTo(size);
            Eventually.holds(() -> {
                for (BufferLease lease = kept.poll(); lease != null; lease = kept.poll()) {
                    lease.release();
                }
                return position.get() == size && kept.isEmpty();
            });
            requireAllReportedAndRest(loop);
            loop.shutdown(client.fd(), Sockets.SHUT_WR).await();
            assertThat(end.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(received.mismatch(sent)).isEqualTo(-1);
            requireAllReportedAndRest(loop);
            loop.close(fd).await();
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void datagramReceiverBringsEveryDatagram(Means means) throws Exception {
        List<String> texts = new CopyOnWriteArrayList<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        DatagramReceiver.Listener listener = new DatagramReceiver.Listener() {
            @Override
            public void received(DatagramReceiver.Message message) {
                texts.add(new String(message.content().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
                message.release();
                fail();
            }

            @Override
            public void ended(int result) {
                end.complete(result);
                fail();
            }
        };
        try (EventLoop loop = start(means);
                LocalSocket server = LocalSocket.datagram(ANY_PORT);
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(256, 4), 4);
            DatagramReceiver receiver = DatagramReceiver.start(buffers, server.fd(), listener);
            for (int i = 0; i < 50; i++) {
                loop.send(client.fd(), new Datagram(Memory.of("m" + i)).to(server.address()))
                        .await();
            }
            Eventually.holds(() -> texts.size() == 50);
            for (int i = 0; i < 50; i++) {
                assertThat(texts.get(i)).isEqualTo("m" + i);
            }
            requireAllReportedAndRest(loop);
            receiver.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            requireAllReportedAndRest(loop);
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void acceptorBringsEveryConnection(Means means) throws Exception {
        List<Integer> accepted = new CopyOnWriteArrayList<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        Acceptor.Listener listener = new Acceptor.Listener() {
            @Override
            public void accepted(int fd) {
                accepted.add(fd);
                fail();
            }

            @Override
            public void ended(int result) {
                end.complete(result);
                fail();
            }
        };
        try (EventLoop loop = start(means);
                LocalSocket server = LocalSocket.listen(ANY_PORT, 64)) {
            Acceptor acceptor = Acceptor.start(loop, server.fd(), listener);
            for (int i = 1; i <= 20; i++) {
                int expected = i;
                try (LocalSocket client = LocalSocket.streamTo(ANY_PORT)) {
                    loop.connect(client.fd(), server.address()).await();
                    Eventually.holds(() -> accepted.size() == expected);
                }
            }
            for (int fd : accepted) {
                loop.close(fd).await();
            }
            requireAllReportedAndRest(loop);
            acceptor.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            requireAllReportedAndRest(loop);
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void pollerBringsEveryReport(Means means) throws Exception {
        AtomicInteger reports = new AtomicInteger();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (EventLoop loop = start(means);
                EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            Poller.Listener listener = new Poller.Listener() {
                @Override
                public void ready(int events) {
                    try {
                        counter.read();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    reports.incrementAndGet();
                    fail();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                    fail();
                }
            };
            Poller poller = Poller.start(loop, counter.fd(), PollEvents.IN, listener);
            for (int i = 1; i <= 20; i++) {
                int expected = i;
                counter.write(1);
                Eventually.holds(() -> reports.get() == expected);
            }
            requireAllReportedAndRest(loop);
            poller.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            requireAllReportedAndRest(loop);
        }
    }
}
