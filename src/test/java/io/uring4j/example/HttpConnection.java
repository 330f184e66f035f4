package io.uring4j.example;

import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.Statx;
import io.uring4j.UringException;
import io.uring4j.loop.EventLoop;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A connection of {@link HttpServer}, on a thread of its own: straight-line code of blocking calls. */
final class HttpConnection {
    private static final int LONGEST_HEAD = 1 << 13;
    private static final int PIECE = 1 << 16;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventLoop loop;
    private final Path folder;
    private final int socket;
    private final MemorySegment input = Arena.ofAuto().allocate(LONGEST_HEAD);
    private final MemorySegment output = Arena.ofAuto().allocate(PIECE);
    private final MemorySegment status = Statx.allocate(Arena.ofAuto());
    private int received;

    HttpConnection(EventLoop loop, Path folder, int socket) {
        this.loop = loop;
        this.folder = folder;
        this.socket = socket;
    }

    void serve() {
        try {
            while (answer(receiveHead())) {}
        } catch (IOException | InterruptedException e) {
            // The client has gone or keeps us waiting, or the server is being closed.
        } finally {
            // Waits even when interrupted: the descriptor is closed before the loop is.
            loop.close(socket).future().join();
        }
    }

    /** What comes before the next empty line. What follows that stays for the next time. */
    private String receiveHead() throws IOException, InterruptedException {
        while (true) {
            byte[] bytes = input.asSlice(0, received).toArray(ValueLayout.JAVA_BYTE);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0 || received == LONGEST_HEAD) {
                MemorySegment.copy(input, Math.max(end, 0) + 4, input, 0, received -= Math.max(end, 0) + 4);
                return text.substring(0, Math.max(end, 0));
            }
            int count = loop.receive(socket, input.asSlice(received)).within(PATIENCE).await();
            if (count == 0) {
                throw new EOFException();
            }
            received += count;
        }
    }

    /** Whether the connection stays open. */
    private boolean answer(String head) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.parse(head, folder);
        if (!request.isGood()) {
            return refuse(request.refusal(), request.stays());
        }
        int file;
        try {
            // Looked at first, since to open a pipe may take for ever.
            loop.status(request.file(), 0, Statx.BASIC, status).await();
            if (!Statx.isRegularFile(status)) {
                return refuse("404 Not Found", request.stays());
            }
            file = loop.open(request.file(), OpenFlags.READ_ONLY, 0).await();
        } catch (UringException e) {
            return refuse(e.error() == Errno.EACCES ? "403 Forbidden" : "404 Not Found", request.stays());
        }
        try {
            send(file, request);
        } finally {
            loop.close(file).future().join();
        }
        return request.stays();
    }

    private int head(String status, String type, long length) {
        byte[] text = ("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + length
                + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(text, 0, output, ValueLayout.JAVA_BYTE, 0, text.length);
        return text.length;
    }

    private boolean refuse(String status, boolean stays) throws IOException, InterruptedException {
        int length = head(status + (stays ? "" : "\r\nConnection: close"), "text/plain", 0);
        loop.send(socket, output, length, 0).fully().await();
        return stays;
    }

    /** The first piece goes with the head. */
    private void send(int file, HttpRequest request) throws IOException, InterruptedException {
        long size = Statx.size(status);
        int filled = head("200 OK", request.type(), size);
        long offset = request.withBody() ? 0 : size;
        do {
            int piece = (int) Math.min(size - offset, PIECE - filled);
            if (piece > 0 && loop.read(file, output.asSlice(filled), piece, offset).fully().await() < piece) {
                throw new EOFException("the file is shorter than it was");
            }
            loop.send(socket, output, filled + piece, 0).fully().within(PATIENCE).await();
            offset += piece;
            filled = 0;
        } while (offset < size);
    }
}
