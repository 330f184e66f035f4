package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.buffer.BufferLease;
import java.util.concurrent.RejectedExecutionException;

/**
 * What receivers of streams and of datagrams share: a request that is armed again when it has ended without need, that
 * waits for buffers when there are none, and that pauses on demand.
 */
abstract class Reception extends Repetition {
    final ReceiveBuffers buffers;

    /** These are used on the loop's thread only. */
    private boolean waits;

    private boolean paused;

    Reception(ReceiveBuffers buffers) {
        super(buffers.loop());
        this.buffers = buffers;
    }

    /** Whether a completion brings something, though it may be empty. */
    abstract boolean isArrival(int result, int flags);

    /** Hands over what has arrived. */
    abstract void arrived(int result, int flags);

    @Override
    final void completed(int result, int flags) {
        if (isArrival(result, flags)) {
            received(result, flags);
        } else {
            BufferLease unused = buffers.take(0, flags);
            if (unused != null) {
                unused.release();
            }
            if (!isRunning()) {
                stopped(result);
            }
        }
    }

    private void received(int result, int flags) {
        try {
            arrived(result, flags);
        } finally {
            goOn();
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
        if (isClosed()) {
            end(CANCELLED);
        } else if (!waits) {
            waits = true;
            buffers.waitFor(this);
        }
    }

    /** The kernel has got buffers since this began to wait for some. */
    final void buffersCame() {
        waits = false;
        goOn();
    }

    private void goOn() {
        if (!hasEnded() && !isRunning() && !waits && (isClosed() || !paused)) {
            arm();
        }
    }

    @Override
    final void stop() {
        waits = false;
        super.stop();
        goOn();
    }

    final void pause() {
        run(() -> {
            paused = true;
            cancel();
        });
    }

    final void resume() {
        run(() -> {
            paused = false;
            goOn();
        });
    }

    private void run(Runnable action) {
        if (loop.isInLoop()) {
            action.run();
            return;
        }
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
