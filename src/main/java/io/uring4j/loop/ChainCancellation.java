package io.uring4j.loop;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Cancels a chain. The kernel finds the operation that runs, not those that wait for it: these end with it, but for one that
 * starts anyway, or that was just about to start. So this looks again, less and less often, until all have ended.
 */
final class ChainCancellation implements ResultHandler<@Nullable Object> {
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

    private final EventLoop loop;
    private final long[] tokens;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    ChainCancellation(EventLoop loop, long[] tokens) {
        this.loop = loop;
        this.tokens = tokens;
    }

    /** Asks for the end of all that haven't ended, on the loop's thread. */
    void run() {
        boolean live = false;
        for (long token : tokens) {
            if (loop.table().with(token) != null) {
                live = true;
                loop.cancelNow(token);
            }
        }
        if (live) {
            lookAgain();
        }
    }

    private void lookAgain() {
        try {
            loop.sleep(Duration.ofNanos(pauseNanos)).start(this);
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        } catch (RejectedExecutionException e) {
            // The loop ends, and cancels all by itself.
        }
    }

    @Override
    public void completed(int result, int flags, @Nullable Object attachment) {
        run();
    }
}
