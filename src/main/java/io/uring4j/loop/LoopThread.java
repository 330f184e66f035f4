package io.uring4j.loop;

import io.uring4j.UringException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a loop, which makes the loop, since the ring belongs to the thread that opens it.
 *
 * <p>It also leads to what every operation uses. A processor waits for each reference that it follows, and from a handler's
 * object to the loop, and on to the loop's parts, there are many. From the current thread there are few, and they don't
 * depend on the completion: they have been followed before it is there. So the loop that an operation is for is only
 * compared with that of the thread, which nothing waits for.
 */
final class LoopThread extends Thread {
    private final LoopConfig config;
    private final CompletableFuture<EventLoop> opened = new CompletableFuture<>();
    private @Nullable EventLoop loop;

    /**
     * The loop, while any operation may be started on it: not from when it begins to end. On this thread only, so it needn't
     * be volatile, which would make the compiler read all again behind it.
     */
    private @Nullable EventLoop startable;

    private OperationTable table;
    private RequestCache requests;
    private Submitter submitter;

    @SuppressWarnings("NullAway.Init") // run sets what the loop has, before anybody can use the loop
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
        startable = made;
        table = made.table();
        requests = made.requests();
        submitter = made.submitter();
        opened.complete(made);
        made.turns().run();
    }

    @Nullable EventLoop loop() {
        return loop;
    }

    /** Whether any operation of a loop may be started on this thread, which is the current one. */
    boolean maySubmitTo(EventLoop wanted) {
        return startable == wanted;
    }

    /** From now on nothing but what cleans up may be started. */
    void stopAccepting() {
        startable = null;
    }

    /** An object for an operation of this thread's loop. */
    Operation takeOperation() {
        int slot = table.takeAtHand();
        if (slot < 0) {
            slot = requests.takeSlot();
        }
        return table.resident(slot);
    }

    /** Notes an operation of this thread's loop, to be submitted when the turn is over. */
    void submit(Operation operation) {
        submitter.submit(operation);
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
