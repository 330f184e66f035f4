package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** By curl and wrk, and by bytes that neither would send. */
@Timeout(120)
class HttpServerTest {
    @TempDir
    private Path folder;

    private LocalSocket listener;
    private BlockingServer server;
    private String root;

    @BeforeEach
    void start() throws IOException {
        Path served = Files.createDirectory(folder.resolve("served"));
        Files.writeString(served.resolve("page.html"), "<p>hello</p>\n");
        Files.writeString(folder.resolve("secret"), "outside of what is served");
        listener = LocalSocket.listen(new InetSocketAddress("127.0.0.1", 0), 1024);
        server = HttpServer.start(served, listener);
        root = "http://127.0.0.1:" + port();
    }

    private int port() throws IOException {
        return ((InetSocketAddress) listener.address()).getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** What a tool of the machine prints. */
    private String run(String... command) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin", command[0])), command[0] + " isn't installed");
        Path out = Files.createTempFile(folder, "out", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }

    private String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--noproxy", "*", "--max-time", "20"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** All that the server answers to some bytes until it closes the connection. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] request(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] file(String name, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Files.write(folder.resolve("served").resolve(name), content);
        return content;
    }

    @Test
    void curlGetsFilesOfAllSizesOnOneConnection() throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--write-out", "%{http_code} %{num_connects}\n"));
        int[] lengths = {0, 1, 60_000, 65_536, 65_537, 1_000_000, 20_000_001};
        for (int length : lengths) {
            file("f" + length, length);
            arguments.addAll(List.of("--output", folder.resolve("got" + length).toString(), root + "/f" + length));
        }
        String answer = curl(arguments.toArray(String[]::new));
        assertThat(answer).startsWith("200 1\n200 0\n").hasLineCount(lengths.length).doesNotContain("404");
        for (int length : lengths) {
            assertThat(folder.resolve("got" + length)).hasSameBinaryContentAs(folder.resolve("served/f" + length));
        }
    }

    @Test
    void headHasTheLengthAndTypeButNoBody() throws Exception {
        assertThat(curl("--head", root + "/page.html")).isEqualTo("""
                HTTP/1.1 200 OK\r
                Content-Type: text/html\r
                Content-Length: 13\r
                \r
                """);
        file("x.unknown", 10);
        assertThat(curl("--head", root + "/x.unknown")).contains("application/octet-stream");
    }

    @Test
    void indexOfAFolderIsServed() throws Exception {
        Files.writeString(folder.resolve("served/index.html"), "index");
        assertThat(curl(root)).isEqualTo("index");
        assertThat(curl(root + "/?query=1")).isEqualTo("index");
    }

    @Test
    void namesMayBeEncoded() throws Exception {
        file("with space+plus", 5);
        assertThat(curl("--write-out", "%{http_code}", "--output", "/dev/null", root + "/with%20space+plus"))
                .isEqualTo("200");
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        Files.createDirectory(folder.resolve("served/sub"));
        run("mkfifo", folder.resolve("served/pipe").toString());
        for (String path : List.of("/missing", "/sub", "/sub/", "/page.html/x", "/pipe", "/" + "x".repeat(300))) {
            assertThat(curl("--head", root + path)).as(path).startsWith("HTTP/1.1 404 Not Found\r\n");
        }
    }

    @Test
    void nothingOutsideOfTheFolderIsServed() throws Exception {
        for (String path : List.of(
                "/../secret", "/..%2fsecret", "/%2e%2e/secret", "/sub/../../secret", "/" + folder + "/secret",
                "/..", "/../served/../secret", "/./..//secret")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer).as(path).startsWith("HTTP/1.1 404 ").doesNotContain("outside");
        }
    }

    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        assertThat(curl("--include", "--request", "DELETE", root + "/page.html"))
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n");
        assertThat(curl("--include", "--data", "some body", root + "/page.html"))
                .startsWith("HTTP/1.1 405 ")
                .contains("Connection: close");
        assertThat(folder.resolve("served/page.html")).exists();
    }

    @Test
    void requestsThatAreNoneAreBad() throws Exception {
        for (String request : List.of(
                "hello\r\n\r\n",
                "GET page.html HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /page.html HTTP/1.1\r\n\r\n",
                "GET /page.html HTTP/2.0\r\nHost: x\r\n\r\n",
                "GET /page.html HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",
                "GET /page.html HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /\u00ff{} HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nLong: ".concat("y".repeat(8192)).substring(0, 8192))) {
            assertThat(raw(request)).as(request).startsWith("HTTP/1.1 400 Bad Request\r\n");
        }
    }

    @Test
    void requestsMayComeInPiecesOrManyAtOnce() throws Exception {
        String request = "GET /page.html HTTP/1.1\r\nHost: x\r\n\r\n";
        assertThat(raw(request.repeat(50)).split("<p>hello</p>\n", -1)).hasSize(51);
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setTcpNoDelay(true);
            for (byte one : request.getBytes(StandardCharsets.ISO_8859_1)) {
                socket.getOutputStream().write(one);
            }
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .endsWith("\r\n\r\n<p>hello</p>\n");
        }
    }

    @Test
    void connectionIsClosedWhenTheClientSaysSoOrIsOld() throws Exception {
        String both = "GET /page.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /page.html HTTP/1.1\r\n\r\n";
        assertThat(raw(both).split("HTTP/1.1", -1)).hasSize(2);
        assertThat(raw(both.replaceFirst("1\\.1", "1.0")).split("HTTP/1.1", -1)).hasSize(2);
    }

    @Test
    void clientThatGoesAwayDisturbsNobody() throws Exception {
        file("large", 30_000_000);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", port())) {
                socket.getOutputStream().write(request("/large"));
                socket.getInputStream().read();
            }
        }
        assertThat(curl(root + "/page.html")).isEqualTo("<p>hello</p>\n");
    }

    @Test
    void wrkFindsNoErrorUnderLoad() throws Exception {
        file("small", 600);
        String report = run("wrk", "--threads", "1", "--connections", "64", "--duration", "2s", root + "/small");
        Matcher count = Pattern.compile("(\\d+) requests in").matcher(report);
        assertThat(count.find()).as(report).isTrue();
        assertThat(Integer.parseInt(count.group(1))).isGreaterThan(500);
        assertThat(report).doesNotContain("Non-2xx").doesNotContain("Socket errors");
    }

    @Test
    void closingEndsIdleConnectionsAtOnce() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request("/page.html"));
            assertThat(socket.getInputStream().read()).isPositive();
            server.close();
            socket.getInputStream().readAllBytes();
        }
    }
}
