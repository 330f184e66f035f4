package io.uring4j.example;

import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Passes TCP connections on to another address: straight-line code of blocking calls, two virtual threads for each
 * connection. When one side has ended its stream, so is the other's, and the opposite direction goes on.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes Proxy.java 8081 localhost 8080 &
 * curl http://localhost:8081/loop.md}</pre>
 */
public final class Proxy {
    private static final int ROOM = 1 << 14;

    private final EventLoop loop;
    private final Executor threads;
    private final InetSocketAddress target;

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress own = new InetSocketAddress(Integer.parseInt(arguments[0]));
        InetSocketAddress target = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
        try (BlockingServer _ = start(LocalSocket.listen(own, 1024), target)) {
            Thread.currentThread().join();
        }
    }

    static BlockingServer start(LocalSocket listener, InetSocketAddress target) throws UringException {
        return new BlockingServer(listener, (server, client) -> new Proxy(server, target).pass(client));
    }

    private Proxy(BlockingServer server, InetSocketAddress target) {
        this.loop = server.loop();
        this.threads = server.threads();
        this.target = target;
    }

    private void pass(int client) throws IOException, InterruptedException {
        try (LocalSocket server = LocalSocket.streamTo(target)) {
            loop.connect(server.fd(), target).await();
            CompletableFuture<Void> answers = CompletableFuture.runAsync(() -> pass(server.fd(), client), threads);
            pass(client, server.fd());
            // No descriptor is closed, and its number given to another file, while a thread still uses it.
            answers.join();
        } catch (RejectedExecutionException e) {
            // The proxy is being closed.
        }
    }

    /** Passes on what one side sends, to the end of its stream. */
    private void pass(int from, int to) {
        MemorySegment buffer = Arena.ofAuto().allocate(ROOM);
        try {
            for (int count; (count = loop.receive(from, buffer).await()) > 0; ) {
                loop.send(to, buffer, count, 0).fully().await();
            }
            loop.shutdown(to, Sockets.SHUT_WR).await();
        } catch (IOException | InterruptedException e) {
            // One direction is of no use without the other, whose thread sees the end by this.
            loop.shutdown(from, Sockets.SHUT_RDWR).start((result, flags, none) -> {});
            loop.shutdown(to, Sockets.SHUT_RDWR).start((result, flags, none) -> {});
        }
    }
}
