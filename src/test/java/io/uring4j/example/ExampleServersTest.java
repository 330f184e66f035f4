package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples that serve, run from their sources as their comments say. */
@Tag("host") // the sources are here
@Timeout(180)
class ExampleServersTest {
    private static final Path EXAMPLES = Path.of("src/test/java/io/uring4j/example");
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @TempDir
    private Path folder;

    private final List<Process> servers = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        servers.forEach(Process::destroyForcibly);
        for (Process server : servers) {
            server.waitFor();
        }
    }

    private void serve(String program, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", "target/classes"));
        command.add(EXAMPLES.resolve(program + ".java").toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path output = folder.resolve(program + ".out");
        servers.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start());
    }

    /** One that nobody uses now. */
    private static int port() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** What a server answers, that may not yet have begun to listen. */
    private String ask(int port, String question, int length) throws Exception {
        long start = System.nanoTime();
        while (true) {
            try (Socket socket = new Socket("localhost", port)) {
                socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
                return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
            } catch (SocketException e) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    throw new AssertionError(outputs(), e);
                }
                Thread.sleep(50);
            }
        }
    }

    private String outputs() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".out")).toList()) {
                all.append(file.getFileName()).append(": ").append(Files.readString(file));
            }
        }
        return all.toString();
    }

    @Test
    void echoServerEchoes() throws Exception {
        int port = port();
        serve("EchoServer", port);
        assertThat(ask(port, "hello\n", 6)).isEqualTo("hello\n");
    }

    @Test
    void webServerAnswersBehindTheProxy() throws Exception {
        Path served = Files.createDirectory(folder.resolve("served"));
        Files.writeString(served.resolve("page.txt"), "a page");
        int web = port();
        int proxy = port();
        serve("HttpServer", served, web);
        serve("Proxy", proxy, "localhost", web);
        String question = "GET /page.txt HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        assertThat(ask(web, question, 1000)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\na page");
        assertThat(ask(proxy, question, 1000)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\na page");
    }

    @Test
    void fileServerSendsAFile() throws Exception {
        Path served = Files.createDirectory(folder.resolve("served"));
        Files.writeString(served.resolve("page.txt"), "a page");
        int port = port();
        serve("FileServer", served, port);
        assertThat(ask(port, "page.txt\n", 6)).isEqualTo("a page");
    }

    @Test
    void responderAnswersDatagrams() throws Exception {
        int port = port();
        serve("UdpResponder", port);
        long start = System.nanoTime();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(200);
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            byte[] question = "hello".getBytes(StandardCharsets.US_ASCII);
            while (answer.getPort() != port) {
                assertThat(System.nanoTime() - start).as(outputs()).isLessThan(PATIENCE_NANOS);
                socket.send(new DatagramPacket(question, question.length, InetAddress.getLoopbackAddress(), port));
                try {
                    socket.receive(answer);
                } catch (SocketTimeoutException e) {
                    // Not there yet.
                }
            }
            assertThat(answer.getLength()).isPositive();
        }
    }
}
