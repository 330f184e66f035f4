package io.uring4j.example;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.Statx;
import io.uring4j.UringException;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the files of a folder by HTTP/1.1: GET and HEAD, on connections that stay open. An object is one connection, on a
 * virtual thread of its own: straight-line code of blocking calls. Symbolic links are followed.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes HttpServer.java docs 8080 &
 * curl http://localhost:8080/loop.md}</pre>
 */
public final class HttpServer {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern REQUEST = Pattern.compile("(\\p{Upper}+) (?:http://[^/\\s]+)?(/[^?#\\s]*)\\S* "
            + "HTTP/1\\.(0|1(?=(?si:.*\r\nhost:)))((?:\r\n[!#$%&'*+.^_`|~\\w-]++:[^\r\n]*+)*+\r\n)");

    /** Nobody reads the body of a request here: it would be taken for the next head. */
    private static final Pattern LAST =
            Pattern.compile("(?i)\r\n(connection:[^\r]*close|content-length:(?! *0*\r\n)|transfer-encoding:)");

    private final EventLoop loop;
    private final Path folder;
    private final int socket;
    private final MemorySegment input = Arena.ofAuto().allocate(1 << 13);
    private final MemorySegment output = Arena.ofAuto().allocate(1 << 16);
    private final MemorySegment status = Statx.allocate(Arena.ofAuto());
    private int received;
    private boolean stays = true;

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress address = new InetSocketAddress(Integer.parseInt(arguments[1]));
        try (BlockingServer _ = start(Path.of(arguments[0]), LocalSocket.listen(address, 1024))) {
            Thread.currentThread().join();
        }
    }

    static BlockingServer start(Path served, LocalSocket listener) throws IOException {
        Path folder = served.toRealPath();
        return new BlockingServer(listener, (server, socket) -> new HttpServer(server.loop(), folder, socket).serve());
    }

    private HttpServer(EventLoop loop, Path folder, int socket) {
        this.loop = loop;
        this.folder = folder;
        this.socket = socket;
    }

    private void serve() throws IOException, InterruptedException {
        while (stays) {
            String refusal = answer(receiveHead());
            if (!refusal.isEmpty()) {
                int length = writeHead(refusal + (stays ? "" : "\r\nConnection: close"), 0);
                loop.send(socket, output, length, 0).fully().within(PATIENCE).await();
            }
        }
    }

    /** What comes before the next empty line. What follows that stays for the next time. */
    private String receiveHead() throws IOException, InterruptedException {
        while (true) {
            String text = new String(input.asSlice(0, received).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0 || received == input.byteSize()) {
                MemorySegment.copy(input, Math.max(end, 0) + 4, input, 0, received -= Math.max(end, 0) + 4);
                return text.substring(0, Math.max(end, 0));
            }
            int count = loop.receive(socket, input.asSlice(received)).within(PATIENCE).await();
            if (count == 0) {
                throw new IOException("the client has ended its stream");
            }
            received += count;
        }
    }

    /** Answers a request, or returns the status to refuse it with, and a header if need be. */
    private String answer(String head) throws IOException, InterruptedException {
        Matcher request = REQUEST.matcher(head + "\r\n");
        stays = request.matches() && request.group(3).equals("1") && !LAST.matcher(request.group(4)).find();
        if (!request.hasMatch()) {
            return "400 Bad Request";
        }
        boolean isGet = request.group(1).equals("GET");
        if (!isGet && !request.group(1).equals("HEAD")) {
            return "405 Method Not Allowed\r\nAllow: GET, HEAD";
        }
        try {
            String name = URI.create("file://" + request.group(2)).getPath();
            Path file = folder.resolve(name.substring(1) + (name.endsWith("/") ? "index.html" : "")).normalize();
            return file.startsWith(folder) ? sendFile(file, isGet) : "404 Not Found";
        } catch (IllegalArgumentException e) {
            return "400 Bad Request";
        }
    }

    private String sendFile(Path name, boolean withContent) throws IOException, InterruptedException {
        int file;
        try {
            // Looked at first, since to open a pipe may take for ever.
            loop.status(name, 0, Statx.BASIC, status).await();
            if (!Statx.isRegularFile(status)) {
                return "404 Not Found";
            }
            file = loop.open(name, OpenFlags.READ_ONLY, 0).await();
        } catch (UringException e) {
            return e.error() == Errno.EACCES ? "403 Forbidden" : "404 Not Found";
        }
        try {
            long size = Statx.size(status);
            String type = URLConnection.guessContentTypeFromName(name.toString());
            // The first piece goes with the head.
            int filled = writeHead("200 OK\r\nContent-Type: " + (type == null ? "application/octet-stream" : type), size);
            for (long offset = withContent ? 0 : size; offset < size || filled > 0; filled = 0) {
                int piece = (int) Math.min(size - offset, output.byteSize() - filled);
                if (piece > 0 && loop.read(file, output.asSlice(filled), piece, offset).fully().await() < piece) {
                    throw new IOException("the file is shorter than it was");
                }
                loop.send(socket, output, filled + piece, 0).fully().within(PATIENCE).await();
                offset += piece;
            }
            return "";
        } finally {
            loop.close(file).future().join();
        }
    }

    private int writeHead(String status, long length) {
        byte[] text = ("HTTP/1.1 " + status + "\r\nContent-Length: " + length + "\r\n\r\n").getBytes(ISO_8859_1);
        MemorySegment.copy(text, 0, output, ValueLayout.JAVA_BYTE, 0, text.length);
        return text.length;
    }
}
