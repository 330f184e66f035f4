package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.Rounds;
import io.uring4j.Sockets;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.notify.EventFd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes on until it is closed is told of its end: once, last, and whatever ends it. */
@Timeout(60)
class RepetitionEndTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int CANCELLED = -Errno.ECANCELED.number();

    /** With what the kernel has for going on by itself, and without. */
    enum Means {
        NEW(LoopConfig.standard()),
        OLD(LoopConfig.standard().without(LoopFeature.values()));

        private final LoopConfig config;

        Means(LoopConfig config) {
            this.config = config;
        }
    }

    private record Stream(List<String> events, CompletableFuture<Integer> end, CompletableFuture<BufferLease> first)
            implements Receiver.Listener {
        Stream() {
            this(new CopyOnWriteArrayList<>(), new CompletableFuture<>(), new CompletableFuture<>());
        }

        @Override
        public void received(BufferLease lease) {
            events.add("received");
            if (!first.complete(lease)) {
                lease.release();
            }
        }

        @Override
        public void ended(int result) {
            events.add("ended " + result);
            end.complete(result);
        }
    }

    private static Socket connectTo(LocalSocket server) throws IOException {
        InetSocketAddress address = (InetSocketAddress) server.address();
        return new Socket(address.getAddress(), address.getPort());
    }

    /** A connection: the loop's end is a descriptor, the other one is not the loop's business. */
    private record Pair(EventLoop loop, int fd, Socket peer) implements AutoCloseable {
        static Pair open(EventLoop loop) throws Exception {
            try (LocalSocket server = LocalSocket.listen(ANY_PORT, 1)) {
                Socket peer = connectTo(server);
                return new Pair(loop, loop.accept(server.fd()).await(), peer);
            }
        }

        void send() throws Exception {
            peer.getOutputStream().write('x');
        }

        @Override
        public void close() throws IOException {
            peer.close();
            if (!loop.isEnded()) {
                loop.close(fd).future().join();
            }
        }
    }

    private static ReceiveBuffers buffers(EventLoop loop, int count) throws Exception {
        return ReceiveBuffers.open(loop, BufferCache.Settings.of(256, count), count);
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void connectionThatComesWhileAnAcceptorIsClosedComesBeforeTheEnd(Means means) throws Exception {
        try (EventLoop loop = EventLoop.start(means.config);
                LocalSocket server = LocalSocket.listen(ANY_PORT, 16)) {
            for (int i = 0; i < 20; i++) {
                List<String> events = new CopyOnWriteArrayList<>();
                CompletableFuture<Void> end = new CompletableFuture<>();
                Acceptor acceptor = Acceptor.start(loop, server.fd(), new Acceptor.Listener() {
                    @Override
                    public void accepted(int fd) {
                        events.add("accepted");
                        loop.close(fd).start((result, flags, none) -> {});
                    }

                    @Override
                    public void ended(int result) {
                        events.add("ended " + result);
                        end.complete(null);
                    }
                });
                loop.nop().await();
                CompletableFuture<Socket> client = new CompletableFuture<>();
                loop.execute(() -> {
                    try {
                        // The kernel has accepted it when this returns, but the loop hasn't seen that.
                        client.complete(connectTo(server));
                        acceptor.close();
                    } catch (Exception e) {
                        client.completeExceptionally(e);
                    }
                });
                client.get().close();
                end.get(10, TimeUnit.SECONDS);
                assertThat(events).isEqualTo(List.of("accepted", "ended " + CANCELLED));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void receiverThatPausesIsToldWhenTheLoopEnds(Means means) throws Exception {
        Stream stream = new Stream();
        try (EventLoop loop = EventLoop.start(means.config);
                Pair pair = Pair.open(loop)) {
            Receiver.start(buffers(loop, 4), pair.fd(), stream).pause();
            loop.nop().await();
            loop.shutdown(Duration.ZERO).get();
        }
        assertThat(stream.end().get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
        assertThat(stream.events()).containsExactly("ended " + CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void receiverThatWaitsForBuffersIsToldWhenItIsClosedOrTheLoopEnds(Means means) throws Exception {
        Stream closed = new Stream();
        Stream left = new Stream();
        try (EventLoop loop = EventLoop.start(means.config);
                Pair one = Pair.open(loop);
                Pair other = Pair.open(loop)) {
            ReceiveBuffers buffers = buffers(loop, 1);
            Receiver receiver = Receiver.start(buffers, one.fd(), closed);
            one.send();
            closed.first().get(10, TimeUnit.SECONDS);
            Receiver.start(buffers, other.fd(), left);
            one.send();
            other.send();
            Eventually.holds(() -> loop.withRing(ring -> buffers.stats().exhausted()).get() >= 2);
            receiver.close();
            assertThat(closed.end().get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            loop.shutdown(Duration.ZERO).get();
            assertThat(left.end().get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            closed.first().get().release();
        }
        assertThat(closed.events()).containsExactly("received", "ended " + CANCELLED);
        assertThat(left.events()).containsExactly("ended " + CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(Means.class)
    void closeIsHeardWhenTheQueueIsFull(Means means) throws Exception {
        LoopConfig config = means.config.queueCapacity(2).backPressure(LoopConfig.BackPressure.REJECT);
        try (EventLoop loop = EventLoop.start(config);
                EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Poller poller = Poller.start(loop, counter.fd(), PollEvents.IN, new Poller.Listener() {
                @Override
                public void ready(int events) {}

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            HeldLoop.meanwhile(loop, () -> {
                assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        loop.execute(() -> {});
                    }
                });
                poller.close();
            });
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
        }
    }

    /** Without a call by which the kernel would come to do what it has put off. */
    private static void letTimePass() {
        long end = System.nanoTime() + 3_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** While the kernel sets a multishot timeout anew it finds none to cancel, says so, and goes on ticking. */
    @ParameterizedTest
    @EnumSource(Means.class)
    void tickerThatIsClosedWhenItsTimeHasJustComeEnds(Means means) throws Exception {
        try (EventLoop loop = EventLoop.start(means.config)) {
            for (int i = 0; i < Rounds.of(20); i++) {
                CompletableFuture<Void> first = new CompletableFuture<>();
                Ticker ticker = Ticker.start(loop, Duration.ofMillis(1), () -> first.complete(null));
                first.get();
                HeldLoop.meanwhile(loop, () -> {
                    loop.inbox().urge(RepetitionEndTest::letTimePass);
                    ticker.close();
                });
            }
            Eventually.holds(() -> loop.stats().get().live() == 0);
        }
    }

    /** A multishot receive goes on waiting, as the kernel has it; one after the other would be told of nothing for ever. */
    @Test
    void receiverEndsWhenItsDatagramSocketIsShutDown() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (EventLoop loop = EventLoop.start(Means.OLD.config);
                LocalSocket socket = LocalSocket.datagram(ANY_PORT)) {
            loop.connect(socket.fd(), socket.address()).await();
            DatagramReceiver.start(buffers(loop, 4), socket.fd(), new DatagramReceiver.Listener() {
                @Override
                public void received(DatagramReceiver.Message message) {
                    events.add("received");
                    message.release();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            loop.nop().await();
            loop.shutdown(socket.fd(), Sockets.SHUT_RD).await();
            assertThat(end.get(10, TimeUnit.SECONDS)).isZero();
        }
        assertThat(events).isEmpty();
    }
}
