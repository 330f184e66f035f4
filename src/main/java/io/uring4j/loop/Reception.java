package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.buffer.BufferLease;
import java.util.concurrent.RejectedExecutionException;

/**
 * What receivers of streams and of datagrams share: a request that is armed again when it has ended without need, that
 * waits for buffers when there are none, and that pauses on demand.
 */
abstract class Reception {
    private static final ResultHandler<Reception> ON_COMPLETION =
            (result, flags, reception) -> reception.completed(result, flags);

    final EventLoop loop;
    final ReceiveBuffers buffers;

    /** These are used on the loop's thread only. */
    private long token;

    private boolean armed;
    private boolean waits;
    private boolean paused;
    private boolean ended;
    private boolean closed;

    Reception(ReceiveBuffers buffers) {
        this.loop = buffers.loop();
        this.buffers = buffers;
    }

    /** What is started, again and again. */
    abstract Operation operation();

    /** Whether a completion brings something, though it may be empty. */
    abstract boolean isArrival(int result, int flags);

    /** Hands over what has arrived. */
    abstract void arrived(int result, int flags);

    /** Nothing follows. */
    abstract void tellEnd(int result);

    void start() {
        if (loop.isInLoop()) {
            arm();
        } else {
            loop.execute(this::arm);
        }
    }

    private void arm() {
        try {
            token = operation().start(ON_COMPLETION, this);
            armed = true;
        } catch (RejectedExecutionException e) {
            end(-Errno.ECANCELED.number());
        }
    }

    private void completed(int result, int flags) {
        if (!Cqe.hasMore(flags)) {
            armed = false;
        }
        if (isArrival(result, flags)) {
            received(result, flags);
        } else {
            BufferLease unused = buffers.take(0, flags);
            if (unused != null) {
                unused.release();
            }
            if (!armed) {
                stopped(result);
            }
        }
    }

    private void received(int result, int flags) {
        try {
            arrived(result, flags);
        } finally {
            if (!armed) {
                goOn();
            }
        }
    }

    /** The request has ended without data. */
    private void stopped(int result) {
        if (Errno.ENOBUFS.is(result)) {
            waitForBuffers();
        } else if (Errno.ECANCELED.is(result)) {
            goOn();
        } else {
            end(result);
        }
    }

    private void waitForBuffers() {
        if (closed) {
            end(-Errno.ECANCELED.number());
        } else if (!waits) {
            waits = true;
            buffers.waitFor(this);
        }
    }

    /** The kernel has got buffers since this began to wait for some. */
    void buffersCame() {
        waits = false;
        goOn();
    }

    private void goOn() {
        if (ended || armed || waits) {
            return;
        }
        if (closed) {
            end(-Errno.ECANCELED.number());
        } else if (!paused) {
            arm();
        }
    }

    private void end(int result) {
        if (!ended) {
            closed = true;
            ended = true;
            tellEnd(result);
        }
    }

    void pause() {
        run(() -> {
            paused = true;
            cancel();
        });
    }

    void resume() {
        run(() -> {
            paused = false;
            goOn();
        });
    }

    void close() {
        run(() -> {
            closed = true;
            waits = false;
            if (armed) {
                cancel();
            } else {
                goOn();
            }
        });
    }

    private void run(Runnable action) {
        if (loop.isInLoop()) {
            action.run();
        } else {
            try {
                loop.execute(action);
            } catch (RejectedExecutionException e) {
                if (!loop.isEnding()) {
                    throw e;
                }
                // The loop cancels all by itself.
            }
        }
    }

    private void cancel() {
        if (armed) {
            loop.cancelQuietly(token);
        }
    }
}
