package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.notify.Descriptors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileServerTest {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    private Path folder;

    private int port;
    private Thread thread;
    private FutureTask<Void> serving;

    @BeforeEach
    void start() throws IOException {
        Path served = Files.createDirectory(folder.resolve("served"));
        ServerSocketChannel channel = ServerSocketChannel.open().bind(new InetSocketAddress("localhost", 0));
        port = channel.socket().getLocalPort();
        serving = new FutureTask<>(() -> {
            new FileServer(served, channel).run();
            return null;
        });
        thread = Thread.ofPlatform().name("file-server").start(serving);
    }

    @AfterEach
    void stop() throws Exception {
        thread.interrupt();
        serving.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private byte[] fetch(String name) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
            return socket.getInputStream().readAllBytes();
        }
    }

    private byte[] file(String name, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Files.write(folder.resolve("served").resolve(name), content);
        return content;
    }

    @Test
    void filesArriveWhole() throws IOException {
        assumeTrue(
                "UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this machine's locale can't name such files");
        byte[] large = file("large", 3_000_001);
        byte[] small = file("sm\u00e4ll", 5);
        byte[] empty = file("empty", 0);
        assertThat(fetch("large")).isEqualTo(large);
        assertThat(fetch("sm\u00e4ll")).isEqualTo(small);
        assertThat(fetch("empty")).isEqualTo(empty);
    }

    @Test
    void whatIsNotThereIsAnEndWithoutAByte() throws IOException {
        Files.writeString(folder.resolve("secret"), "outside the folder that is served");
        for (String name : List.of("missing", "../secret", folder.resolve("secret").toString(), ".", "", "\0")) {
            assertThat(fetch(name)).as(name).isEmpty();
        }
        byte[] content = file("present", 100);
        assertThat(fetch("present")).isEqualTo(content);
    }

    @Test
    void clientsAreServedSideBySide() throws Exception {
        byte[] content = file("content", 500_000);
        List<FutureTask<byte[]>> fetches = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            FutureTask<byte[]> fetch = new FutureTask<>(() -> fetch("content"));
            fetches.add(fetch);
            Thread.ofVirtual().start(fetch);
        }
        for (FutureTask<byte[]> fetch : fetches) {
            assertThat(fetch.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(content);
        }
    }

    @Test
    void clientThatGoesAwayDisturbsNobody() throws IOException {
        byte[] content = file("content", 5_000_000);
        try (Socket socket = new Socket("localhost", port)) {
            socket.getOutputStream().write("content\n".getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().read();
        }
        assertThat(fetch("content")).isEqualTo(content);
    }

    @Test
    void stoppingLeavesNoDescriptor() throws Exception {
        byte[] content = file("content", 10);
        assertThat(fetch("content")).isEqualTo(content);
        long serving = Descriptors.count();
        stop();
        assertThat(Descriptors.count()).as("without the ring, its eventfd, and the selector's").isLessThan(serving - 1);
    }
}
