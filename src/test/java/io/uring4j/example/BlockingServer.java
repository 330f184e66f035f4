package io.uring4j.example;

import io.uring4j.UringException;
import io.uring4j.loop.Acceptor;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * What {@link HttpServer} and {@link Proxy} have in common: it accepts connections, and gives each a virtual thread, whose
 * blocking calls go through one loop.
 */
final class BlockingServer implements AutoCloseable {
    private final Service service;
    private final LocalSocket listener;
    private final EventLoop loop = EventLoop.start();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Acceptor acceptor;

    /** What is done with a connection; its socket is closed after that. */
    @FunctionalInterface
    interface Service {
        void serve(BlockingServer server, int socket) throws IOException, InterruptedException;
    }

    BlockingServer(LocalSocket listener, Service service) throws UringException {
        this.service = service;
        this.listener = listener;
        acceptor = Acceptor.start(loop, listener.fd(), this::accepted);
    }

    private void accepted(int socket) {
        try {
            threads.execute(() -> serve(socket));
        } catch (RejectedExecutionException e) {
            loop.close(socket).start((result, flags, none) -> {});
        }
    }

    private void serve(int socket) {
        try {
            service.serve(this, socket);
        } catch (IOException | InterruptedException e) {
            // The client has gone or keeps us waiting, or the server is being closed.
        } finally {
            // Waits even when interrupted: the descriptor is closed before the loop is.
            loop.close(socket).future().join();
        }
    }

    EventLoop loop() {
        return loop;
    }

    /** For further threads of a connection. */
    Executor threads() {
        return threads;
    }

    /** Interrupts the threads: each cancels what it waits for, closes its socket, and ends. */
    @Override
    public void close() {
        acceptor.close();
        threads.shutdownNow();
        threads.close();
        loop.close();
        listener.close();
    }
}
