package io.uring4j.loop;

import io.uring4j.UringException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The thread of a loop, which makes the loop, since the ring belongs to the thread that opens it. */
final class LoopThread extends Thread {
    private final LoopConfig config;
    private final CompletableFuture<EventLoop> opened = new CompletableFuture<>();
    private @Nullable EventLoop loop;

    LoopThread(LoopConfig config) {
        super(config.name());
        this.config = config;
        setDaemon(true);
    }

    @Override
    public void run() {
        EventLoop made;
        try {
            made = new EventLoop(config, this);
        } catch (Throwable t) {
            opened.completeExceptionally(t);
            return;
        }
        loop = made;
        opened.complete(made);
        made.turns().run();
    }

    @Nullable EventLoop loop() {
        return loop;
    }

    EventLoop awaitLoop() throws UringException {
        try {
            return opened.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case UringException refusal -> throw refusal;
                case RuntimeException refusal -> throw refusal;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
