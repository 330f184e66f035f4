package io.uring4j.example;

import io.uring4j.loop.Acceptor;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Serves the files of a folder by HTTP/1.1: GET and HEAD, on connections that stay open. Each has a virtual thread,
 * whose blocking calls go through one loop. Symbolic links are followed.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes HttpServer.java docs 8080 &
 * curl http://localhost:8080/loop.md}</pre>
 */
public final class HttpServer implements AutoCloseable {
    private final Path folder;
    private final LocalSocket listener;
    private final EventLoop loop = EventLoop.start();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Acceptor acceptor;

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress address = new InetSocketAddress(Integer.parseInt(arguments[1]));
        try (HttpServer _ = new HttpServer(Path.of(arguments[0]), LocalSocket.listen(address, 1024))) {
            Thread.currentThread().join();
        }
    }

    HttpServer(Path folder, LocalSocket listener) throws IOException {
        this.folder = folder.toRealPath();
        this.listener = listener;
        acceptor = Acceptor.start(loop, listener.fd(), this::accepted);
    }

    private void accepted(int socket) {
        try {
            threads.execute(() -> new HttpConnection(loop, folder, socket).serve());
        } catch (RejectedExecutionException e) {
            loop.close(socket).start((result, flags, none) -> {});
        }
    }

    /** Interrupts the threads, which cancels what they wait for. */
    @Override
    public void close() {
        acceptor.close();
        threads.shutdownNow();
        threads.close();
        loop.close();
        listener.close();
    }
}
