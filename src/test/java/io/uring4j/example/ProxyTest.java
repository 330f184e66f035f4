package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProxyTest {
    private static final int PATIENCE_SECONDS = 20;

    private EventLoop loop;
    private EchoServer server;
    private LocalSocket listener;
    private BlockingServer proxy;

    @BeforeEach
    void start() throws IOException {
        loop = EventLoop.start();
        server = new EchoServer(loop, new InetSocketAddress("127.0.0.1", 0));
        listener = LocalSocket.listen(new InetSocketAddress("127.0.0.1", 0), 1024);
        proxy = Proxy.start(listener, server.address());
    }

    @AfterEach
    void stop() {
        proxy.close();
        server.close();
        loop.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(listener.address());
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return socket;
    }

    private byte[] throughProxy(byte[] content) throws Exception {
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

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void bytesPassBothWaysAndSoDoesTheEndOfEach() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        assertThat(throughProxy(content)).isEqualTo(content);
        assertThat(throughProxy(new byte[0])).isEmpty();
    }

    @Test
    void manyConnectionsAtOnce() throws Exception {
        List<FutureTask<byte[]>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            FutureTask<byte[]> one = new FutureTask<>(() -> throughProxy(new byte[20_000]));
            all.add(one);
            Thread.ofVirtual().start(one);
        }
        for (FutureTask<byte[]> one : all) {
            assertThat(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).hasSize(20_000);
        }
    }

    @Test
    void targetThatRefusesIsAnEnd() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        try (LocalSocket other = LocalSocket.listen(new InetSocketAddress("127.0.0.1", 0), 16);
                BlockingServer _ = Proxy.start(other, nobody);
                Socket socket = new Socket()) {
            socket.connect(other.address());
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void closingInterruptsWhatWaitsAndLeavesNoDescriptor() throws Exception {
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Socket socket = connect();
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            idle.add(socket);
        }
        int serving = descriptors();
        proxy.close();
        for (Socket socket : idle) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        // Two of each connection, those of the echo server too, of which it learns in its own time.
        assertThat(descriptors()).isLessThanOrEqualTo(serving - 2 * idle.size());
        for (Socket socket : idle) {
            socket.close();
        }
        assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }
}
