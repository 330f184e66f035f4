package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import java.util.concurrent.RejectedExecutionException;

/**
 * What goes on until it is closed: an operation with several results, or one after the other. All that accepts, polls,
 * ticks or receives is one. It ends once, and is told so in any case: when the loop ends, too.
 */
abstract class Repetition {
    static final int CANCELLED = -Errno.ECANCELED.number();

    private static final ResultHandler<Repetition> ON_COMPLETION =
            (result, flags, repetition) -> repetition.onCompletion(result, flags);

    final EventLoop loop;

    /** These are used on the loop's thread only. */
    private long token;

    private boolean running;
    private boolean ended;

    private volatile boolean closed;

    Repetition(EventLoop loop) {
        this.loop = loop;
    }

    /** What is started, again and again. */
    abstract Operation operation();

    /** A result has come; no other follows by itself unless this {@link #isRunning}. */
    abstract void completed(int result, int flags);

    /** Nothing follows. */
    abstract void tellEnd(int result);

    /** Starts, from any thread. */
    final void start() {
        if (loop.isInLoop()) {
            begin();
        } else {
            loop.execute(this::begin);
        }
    }

    private void begin() {
        loop.shutdown().tellAtEnd(this);
        arm();
    }

    /** Starts the operation anew, or ends when this was closed. */
    final void arm() {
        if (closed) {
            end(CANCELLED);
        } else {
            arm(operation());
        }
    }

    final void arm(Operation operation) {
        try {
            token = operation.start(ON_COMPLETION, this);
            running = true;
        } catch (RejectedExecutionException e) {
            end(CANCELLED);
        }
    }

    private void onCompletion(int result, int flags) {
        if (!Cqe.hasMore(flags)) {
            running = false;
        }
        completed(result, flags);
    }

    final boolean isRunning() {
        return running;
    }

    final boolean isClosed() {
        return closed;
    }

    final void end(int result) {
        if (!ended) {
            ended = true;
            closed = true;
            loop.shutdown().forget(this);
            tellEnd(result);
        }
    }

    final boolean hasEnded() {
        return ended;
    }

    /** Asks for the end, from any thread. */
    final void close() {
        if (!closed) {
            closed = true;
            loop.inbox().urge(this::stop);
        }
    }

    /** Acts upon being closed, on the loop's thread. */
    void stop() {
        if (running) {
            loop.cancelNow(token);
        }
    }

    /** Ends the operation that is under way, soon. */
    final void cancel() {
        if (running) {
            loop.cancelQuietly(token);
        }
    }
}
