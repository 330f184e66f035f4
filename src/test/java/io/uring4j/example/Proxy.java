package io.uring4j.example;

import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Passes TCP connections on to another address: straight-line code of blocking calls, two virtual threads for each
 * connection. When one side has ended its stream, so is the other's, and the opposite direction goes on.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes Proxy.java 8081 localhost 8080 &
 * curl http://localhost:8081/loop.md}</pre>
 */
public final class Proxy implements AutoCloseable {
    private static final int ROOM = 1 << 14;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final EventLoop loop = EventLoop.start();
    private final LocalSocket listener;
    private final InetSocketAddress target;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress own = new InetSocketAddress(Integer.parseInt(arguments[0]));
        InetSocketAddress target = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
        try (Proxy _ = new Proxy(LocalSocket.listen(own, 1024), target)) {
            Thread.currentThread().join();
        }
    }

    Proxy(LocalSocket listener, InetSocketAddress target) throws UringException {
        this.listener = listener;
        this.target = target;
        threads.execute(this::acceptAll);
    }

    /** Interrupts the threads: each cancels what it waits for, closes its socket, and ends. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
        loop.close();
        listener.close();
    }

    private void acceptAll() {
        try {
            while (true) {
                try {
                    int client = loop.accept(listener.fd()).await();
                    serve(client);
                } catch (IOException e) {
                    System.err.println("no connection: " + e.getMessage());
                    Thread.sleep(PAUSE); // until there are descriptors again, say
                }
            }
        } catch (InterruptedException e) {
            // The proxy is being closed.
        }
    }

    private void serve(int client) {
        try {
            threads.execute(() -> pass(client));
        } catch (RejectedExecutionException e) {
            close(client);
        }
    }

    private void pass(int client) {
        try (LocalSocket server = LocalSocket.streamTo(target)) {
            loop.connect(server.fd(), target).await();
            CompletableFuture<Void> answers = CompletableFuture.runAsync(() -> pass(server.fd(), client), threads);
            pass(client, server.fd());
            // No descriptor is closed, and its number given to another file, while a thread still uses it.
            answers.join();
        } catch (IOException | InterruptedException | RejectedExecutionException e) {
            // That the connection is closed tells the client.
        } finally {
            close(client);
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

    private void close(int fd) {
        loop.close(fd).future().join();
    }
}
