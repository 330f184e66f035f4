package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.PollEvents;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.notify.EventFd;
import io.uring4j.sys.Libc;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A completion queue that is full ends multishot requests. Those that go on by themselves are armed again, and miss
 * nothing.
 */
@Timeout(60)
class RearmingTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int MANY = 100;

    /** Room for eight completions. */
    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard()
            .submissionEntries(4)
            .completionEntries(8)
            .idleTime(Duration.ofHours(1)));

    RearmingTest() throws Exception {}

    private void needs(LoopFeature feature) {
        assumeTrue(loop.uses(feature), () -> "this kernel lacks " + feature);
    }

    private long entries() throws Exception {
        return loop.stats().get().ring().submitted();
    }

    private static Socket connect(LocalSocket listener) throws Exception {
        return new Socket("127.0.0.1", ((InetSocketAddress) listener.address()).getPort());
    }

    @Test
    void acceptorAcceptsAllThatHaveComeAtOnce() throws Exception {
        needs(LoopFeature.MULTISHOT_ACCEPT);
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, MANY)) {
            AtomicInteger accepted = new AtomicInteger();
            Acceptor acceptor = Acceptor.start(loop, listener.fd(), fd -> {
                Libc.close(fd);
                accepted.incrementAndGet();
            });
            loop.nop().await();
            long before = entries();
            List<Socket> clients = new ArrayList<>();
            HeldLoop.meanwhile(loop, () -> {
                for (int i = 0; i < MANY; i++) {
                    clients.add(connect(listener));
                }
            });
            Eventually.holds(() -> accepted.get() == MANY);
            assertThat(entries() - before).as("armed again").isPositive();
            acceptor.close();
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void receiverBringsEveryByteInOrder() throws Exception {
        needs(LoopFeature.MULTISHOT_RECEIVE);
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 128), 128);
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 1);
                Socket peer = connect(listener)) {
            int fd = loop.accept(listener.fd()).await();
            StringBuffer received = new StringBuffer();
            AtomicInteger ends = new AtomicInteger();
            Receiver receiver = Receiver.start(buffers, fd, new Receiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    received.append(Memory.text(lease.bytes(), lease.length()));
                    lease.release();
                }

                @Override
                public void ended(int result) {
                    ends.incrementAndGet();
                }
            });
            loop.nop().await();
            long before = entries();
            String text = "0123456789".repeat(64 * MANY / 10);
            HeldLoop.meanwhile(loop, () -> peer.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII)));
            Eventually.holds(() -> received.length() == text.length());
            assertThat(received.toString()).isEqualTo(text);
            assertThat(entries() - before).as("armed again").isPositive();
            assertThat(ends.get()).isZero();
            receiver.close();
            Eventually.holds(() -> ends.get() == 1);
            loop.close(fd).await();
        }
    }

    @Test
    void datagramReceiverBringsEachDatagram() throws Exception {
        needs(LoopFeature.MULTISHOT_RECEIVE);
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(256, 128), 128);
        try (LocalSocket server = LocalSocket.datagram(ANY_PORT);
                EventLoop other = EventLoop.start();
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            StringBuffer received = new StringBuffer();
            AtomicInteger ends = new AtomicInteger();
            DatagramReceiver receiver = DatagramReceiver.start(buffers, server.fd(), new DatagramReceiver.Listener() {
                @Override
                public void received(DatagramReceiver.Message message) {
                    received.append(Memory.text(message.content(), 1));
                    message.release();
                }

                @Override
                public void ended(int result) {
                    ends.incrementAndGet();
                }
            });
            loop.nop().await();
            long before = entries();
            String text = "0123456789".repeat(MANY / 10);
            HeldLoop.meanwhile(loop, () -> {
                for (int i = 0; i < MANY; i++) {
                    Datagram each = new Datagram(Memory.of(text.substring(i, i + 1))).to(server.address());
                    other.send(client.fd(), each).await();
                }
            });
            Eventually.holds(() -> received.length() == MANY);
            assertThat(received.toString()).isEqualTo(text);
            assertThat(entries() - before).as("armed again").isPositive();
            assertThat(ends.get()).isZero();
            receiver.close();
            Eventually.holds(() -> ends.get() == 1);
        }
    }

    @Test
    void pollersGoOnReporting() throws Exception {
        needs(LoopFeature.MULTISHOT_POLL);
        try (EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            AtomicInteger reports = new AtomicInteger();
            AtomicInteger ends = new AtomicInteger();
            List<Poller> pollers = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                pollers.add(Poller.start(loop, counter.fd(), PollEvents.IN, new Poller.Listener() {
                    @Override
                    public void ready(int events) {
                        reports.incrementAndGet();
                    }

                    @Override
                    public void ended(int result) {
                        ends.incrementAndGet();
                    }
                }));
            }
            loop.nop().await();
            long before = entries();
            counter.write(1);
            Eventually.holds(() -> reports.get() >= MANY);
            // Before Linux 6.0 a multishot poll outlives a full queue.
            if (loop.uses(LoopFeature.MULTISHOT_RECEIVE)) {
                assertThat(entries() - before).as("armed again").isPositive();
            }
            int reported = reports.get();
            counter.write(1);
            Eventually.holds(() -> reports.get() >= reported + MANY);
            pollers.forEach(Poller::close);
            Eventually.holds(() -> ends.get() == MANY);
        }
    }
}
