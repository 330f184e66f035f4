package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.buffer.BufferCache;
import io.uring4j.notify.EventFd;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Receiving datagrams and polling, with and without what the kernel has for doing so again and again. */
@Timeout(60)
class RepeatedOperationsTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int BUFFER_BYTES = 512;

    enum Means {
        NEW,
        OLD;

        EventLoop start() throws Exception {
            LoopConfig config = LoopConfig.standard();
            return EventLoop.start(this == NEW ? config : config.without(LoopFeature.values()));
        }
    }

    private record Datagrams(BlockingQueue<DatagramReceiver.Message> messages, CompletableFuture<Integer> end)
            implements DatagramReceiver.Listener {
        Datagrams() {
            this(new LinkedBlockingQueue<>(), new CompletableFuture<>());
        }

        @Override
        public void received(DatagramReceiver.Message message) {
            messages.add(message);
        }

        @Override
        public void ended(int result) {
            end.complete(result);
        }

        DatagramReceiver.Message next() throws InterruptedException {
            DatagramReceiver.Message message = messages.poll(10, TimeUnit.SECONDS);
            assertThat(message).as("a datagram").isNotNull();
            return message;
        }
    }

    private static String text(DatagramReceiver.Message message) {
        return new String(message.content().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private static void send(EventLoop loop, LocalSocket from, SocketAddress to, String text) throws Exception {
        loop.send(from.fd(), new Datagram(Memory.of(text)).to(to)).await();
    }

    private static ReceiveBuffers buffers(EventLoop loop, int count) throws Exception {
        return ReceiveBuffers.open(loop, BufferCache.Settings.of(BUFFER_BYTES, count), count);
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void datagramsComeWholeInOrderAndWithTheirSenders(Means means) throws Exception {
        try (EventLoop loop = means.start();
                LocalSocket server = LocalSocket.datagram(ANY_PORT);
                LocalSocket one = LocalSocket.datagram(ANY_PORT);
                LocalSocket other = LocalSocket.datagram(ANY_PORT)) {
            Datagrams datagrams = new Datagrams();
            DatagramReceiver receiver = DatagramReceiver.start(buffers(loop, 16), server.fd(), datagrams);
            for (int i = 0; i < 200; i++) {
                LocalSocket sender = i % 3 == 0 ? one : other;
                String text = i % 5 == 0 ? "" : "message " + i;
                send(loop, sender, server.address(), text);
                try (DatagramReceiver.Message message = datagrams.next()) {
                    assertThat(text(message)).isEqualTo(text);
                    assertThat(message.sender()).isEqualTo(sender.address());
                    assertThat(message.isTruncated()).isFalse();
                }
            }
            receiver.close();
            assertThat(datagrams.end().get(10, TimeUnit.SECONDS)).isEqualTo(-Errno.ECANCELED.number());
            assertThat(loop.stats().get().staleCompletions()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void longDatagramIsCutAndSaysSo(Means means) throws Exception {
        try (EventLoop loop = means.start();
                LocalSocket server = LocalSocket.datagram(ANY_PORT);
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            Datagrams datagrams = new Datagrams();
            DatagramReceiver.start(buffers(loop, 4), server.fd(), datagrams);
            int fits = BUFFER_BYTES - DatagramReceiver.OVERHEAD;
            for (int length : new int[] {fits, BUFFER_BYTES + 1}) {
                send(loop, client, server.address(), "x".repeat(length));
                try (DatagramReceiver.Message message = datagrams.next()) {
                    assertThat(message.content().byteSize()).isBetween((long) fits, (long) BUFFER_BYTES);
                    assertThat(message.isTruncated()).isEqualTo(length > fits);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void receivingGoesOnWhenBuffersCameBack(Means means) throws Exception {
        try (EventLoop loop = means.start();
                LocalSocket server = LocalSocket.datagram(ANY_PORT);
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            Datagrams datagrams = new Datagrams();
            DatagramReceiver receiver = DatagramReceiver.start(buffers(loop, 4), server.fd(), datagrams);
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                send(loop, client, server.address(), "m" + i);
            }
            List<DatagramReceiver.Message> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(datagrams.next());
            }
            assertThat(datagrams.messages().poll(50, TimeUnit.MILLISECONDS)).as("without a buffer").isNull();
            while (texts.size() < 20) {
                DatagramReceiver.Message first = held.isEmpty() ? datagrams.next() : held.removeFirst();
                texts.add(text(first));
                first.release();
            }
            for (int i = 0; i < 20; i++) {
                assertThat(texts.get(i)).isEqualTo("m" + i);
            }
            receiver.pause();
            receiver.resume();
            send(loop, client, server.address(), "still there");
            assertThat(text(datagrams.next())).isEqualTo("still there");
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void buffersThatAreTooSmallForAnyDatagramAreRefused(Means means) throws Exception {
        try (EventLoop loop = means.start();
                LocalSocket server = LocalSocket.datagram(ANY_PORT)) {
            ReceiveBuffers small = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 4), 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DatagramReceiver.start(small, server.fd(), new Datagrams()))
                    .withMessageContaining("144 go to each datagram's head and sender");
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void pollerReportsAgainAndAgain(Means means) throws Exception {
        try (EventLoop loop = means.start();
                EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            AtomicInteger reports = new AtomicInteger();
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Poller poller = Poller.start(loop, counter.fd(), PollEvents.IN, new Poller.Listener() {
                @Override
                public void ready(int events) {
                    assertThat(events & PollEvents.IN).isNotZero();
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
            for (int i = 1; i <= 500; i++) {
                int expected = i;
                counter.write(1);
                Eventually.holds(() -> reports.get() >= expected);
            }
            assertThat(reports.get()).isEqualTo(500);
            poller.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-Errno.ECANCELED.number());
            counter.write(1);
            loop.nop().await();
            assertThat(reports.get()).isEqualTo(500);
            assertThat(loop.stats().get().failures()).isZero();
            assertThat(loop.stats().get().staleCompletions()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void pollerOfNothingEndsWithItsError(Means means) throws Exception {
        try (EventLoop loop = means.start()) {
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Poller.start(loop, 1_000_000, PollEvents.IN, new Poller.Listener() {
                @Override
                public void ready(int events) {}

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-Errno.EBADF.number());
        }
    }
}
