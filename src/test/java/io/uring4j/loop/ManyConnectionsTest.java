package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.abi.Abi;
import io.uring4j.sys.Libc;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    void tenThousandConnectionsAtOnceFromAnotherProcess() throws Exception {
        int count = 10_000;
        assumeTrue(
                Libc.softLimit(Abi.RLIMIT_NOFILE()) >= count + SPARE_DESCRIPTORS,
                () -> "the limit of descriptors is below " + (count + SPARE_DESCRIPTORS));
        try (EventLoop server = EventLoop.start();
                Echo echo = open(server, count)) {
            int port = ((InetSocketAddress) echo.address()).getPort();
            AtomicInteger most = new AtomicInteger();
            Runnable look = () -> most.set(Math.max(most.get(), echo.open()));
            try (Ticker _ = Ticker.start(server, Duration.ofMillis(1), look)) {
                assertThat(runClients(port, count)).isEqualTo(ManyClients.ALL_SERVED + "\n");
            }
            assertThat(most.get()).isEqualTo(count);
            assertThat(echo.accepted()).isEqualTo(count);
            Eventually.holds(() -> echo.open() == 0);
            assertThat(server.stats().get().staleCompletions()).isZero();
        }
    }

    /** Half of the descriptors are theirs, and a process may not have so many. */
    private static String runClients(int port, int count) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        "target/classes:target/test-classes",
                        ManyClients.class.getName(),
                        Integer.toString(port),
                        Integer.toString(count))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
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
        try (EventLoop server = EventLoop.start();
                EventLoop client = EventLoop.start();
                Echo echo = open(server, count)) {
            ManyClients.run(client, (InetSocketAddress) echo.address(), count);
            assertThat(echo.accepted()).isEqualTo(count);
            Eventually.holds(() -> echo.open() == 0);
        }
    }

    private static Echo open(EventLoop server, int count) throws Exception {
        return new Echo(server, new InetSocketAddress("127.0.0.1", 0), 256, 2 * count, 4096);
    }

    private static void comeAndGo(int count) throws Exception {
        try (EventLoop loop = EventLoop.start();
                Echo echo = Echo.onLoopback(loop)) {
            InetSocketAddress address = (InetSocketAddress) echo.address();
            for (int i = 0; i < count; i++) {
                int fd = LocalSocket.streamTo(address).release();
                loop.connect(fd, address).await();
                ManyClients.roundTrip(loop, fd);
                loop.close(fd).await();
            }
            assertThat(echo.accepted()).isEqualTo(count);
            Eventually.holds(() -> echo.open() == 0);
            assertThat(loop.stats().get().staleCompletions()).isZero();
        }
    }
}
