package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.loop.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EchoServerTest {
    private static final int PATIENCE_SECONDS = 20;

    private EventLoop loop;
    private EchoServer server;

    @BeforeEach
    void start() throws IOException {
        loop = EventLoop.start();
        server = new EchoServer(loop, new InetSocketAddress("127.0.0.1", 0));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        assertThat(loop.shutdown(Duration.ZERO).get(PATIENCE_SECONDS, TimeUnit.SECONDS).isClean())
                .isTrue();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(server.address());
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return socket;
    }

    private byte[] echo(byte[] content) throws Exception {
        try (Socket socket = connect()) {
            FutureTask<Void> sending = new FutureTask<>(() -> {
                socket.getOutputStream().write(content);
                socket.shutdownOutput();
                return null;
            });
            Thread.ofVirtual().start(sending);
            byte[] answer = socket.getInputStream().readAllBytes();
            sending.get();
            return answer;
        }
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    @Test
    void whatIsSentComesBack() throws Exception {
        for (int length : new int[] {0, 1, 128, 4096, 100_000, 5_000_000}) {
            assertThat(echo(content(length))).isEqualTo(content(length));
        }
    }

    @Test
    void clientsAreServedSideBySide() throws Exception {
        List<FutureTask<byte[]>> echoes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            FutureTask<byte[]> echo = new FutureTask<>(() -> echo(content(50_000)));
            echoes.add(echo);
            Thread.ofVirtual().start(echo);
        }
        for (FutureTask<byte[]> echo : echoes) {
            assertThat(echo.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(content(50_000));
        }
    }

    @Test
    void clientThatSendsAndNeverReadsHoldsUpNobody() throws Exception {
        try (Socket deaf = connect()) {
            Thread.ofVirtual().start(() -> {
                try {
                    deaf.getOutputStream().write(new byte[100_000_000]);
                } catch (IOException e) {
                    // It is closed in the midst.
                }
            });
            Thread.sleep(200);
            assertThat(echo(content(1_000_000))).isEqualTo(content(1_000_000));
        }
    }
}
