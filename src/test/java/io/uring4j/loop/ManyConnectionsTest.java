package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.abi.Abi;
import io.uring4j.sys.Libc;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many connections at once, and many one after the other, each with a virtual thread that waits for it. */
class ManyConnectionsTest {
    private static final int SPARE_DESCRIPTORS = 200;

    @Test
    @Timeout(120)
    void thousandConnectionsAtOnce() throws Exception {
        atOnce(1000);
    }

    @Test
    @Tag("soak")
    @Timeout(300)
    void tenThousandConnectionsAtOnce() throws Exception {
        atOnce(10_000);
    }

    @Test
    @Timeout(120)
    void thousandConnectionsComeAndGo() throws Exception {
        comeAndGo(1000);
    }

    @Test
    @Tag("soak")
    @Timeout(600)
    void tenThousandConnectionsComeAndGo() throws Exception {
        comeAndGo(10_000);
    }

    private static void atOnce(int count) throws Exception {
        long needed = 2L * count + SPARE_DESCRIPTORS;
        assumeTrue(Libc.softLimit(Abi.RLIMIT_NOFILE()) >= needed, () -> "the limit of descriptors is below " + needed);
        try (EventLoop server = EventLoop.start();
                EventLoop client = EventLoop.start();
                Echo echo = new Echo(server, new InetSocketAddress("127.0.0.1", 0), 256, 20_000, 4096)) {
            InetSocketAddress address = (InetSocketAddress) echo.address();
            CountDownLatch connected = new CountDownLatch(count);
            List<CompletableFuture<Void>> ends = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                CompletableFuture<Void> end = new CompletableFuture<>();
                ends.add(end);
                Thread.startVirtualThread(() -> session(client, address, connected, end));
            }
            assertThat(connected.await(100, TimeUnit.SECONDS)).isTrue();
            for (CompletableFuture<Void> end : ends) {
                end.get();
            }
            assertThat(echo.accepted()).isEqualTo(count);
            Eventually.holds(() -> echo.open() == 0);
        }
    }

    private static void session(
            EventLoop loop, InetSocketAddress address, CountDownLatch connected, CompletableFuture<Void> end) {
        try {
            int fd = LocalSocket.streamTo(address).release();
            loop.connect(fd, address).await();
            connected.countDown();
            // Only when all are there.
            connected.await();
            roundTrip(loop, fd);
            loop.close(fd).await();
            end.complete(null);
        } catch (Throwable t) {
            end.completeExceptionally(t);
        }
    }

    private static void roundTrip(EventLoop loop, int fd) throws Exception {
        MemorySegment room = Memory.room(64);
        assertThat(loop.send(fd, Memory.room(64)).fully().await()).isEqualTo(64);
        assertThat(loop.receive(fd, room).fully().await()).isEqualTo(64);
    }

    private static void comeAndGo(int count) throws Exception {
        try (EventLoop loop = EventLoop.start();
                Echo echo = Echo.onLoopback(loop)) {
            InetSocketAddress address = (InetSocketAddress) echo.address();
            for (int i = 0; i < count; i++) {
                int fd = LocalSocket.streamTo(address).release();
                loop.connect(fd, address).await();
                roundTrip(loop, fd);
                loop.close(fd).await();
            }
            assertThat(echo.accepted()).isEqualTo(count);
            Eventually.holds(() -> echo.open() == 0);
            assertThat(loop.stats().get().staleCompletions()).isZero();
        }
    }
}
