package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.TimeoutFlags;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs a task again and again, at points in time that are a period apart, until it is closed: by a multishot timeout
 * where the kernel has it, else by one timeout after the other. Points that pass while the loop is busy are left out.
 */
public final class Ticker implements AutoCloseable {
    private static final ResultHandler<Ticker> ON_TICK = (result, flags, ticker) -> ticker.ticked(result, flags);

    private final EventLoop loop;
    private final Duration period;
    private final Runnable task;

    /** These are used on the loop's thread only. */
    private long token;

    private long next;
    private boolean running;

    private volatile boolean closed;

    private Ticker(EventLoop loop, Duration period, Runnable task) {
        this.loop = loop;
        this.period = period;
        this.task = Objects.requireNonNull(task);
    }

    /**
     * Starts to tick, from any thread; the first time when the period has passed.
     *
     * @param loop the loop on whose thread the task runs
     * @param period the time from one point to the next, positive
     * @param task what to run; it must not block
     * @return the ticker
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Ticker start(EventLoop loop, Duration period, Runnable task) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("period " + period + " is not positive");
        }
        Ticker ticker = new Ticker(loop, period, task);
        if (loop.isInLoop()) {
            ticker.begin();
        } else {
            loop.execute(ticker::begin);
        }
        return ticker;
    }

    private void begin() {
        next = System.nanoTime() + period.toNanos();
        arm();
    }

    private void arm() {
        running = false;
        if (closed) {
            return;
        }
        try {
            Operation operation;
            if (loop.uses(LoopFeature.MULTISHOT_TIMER)) {
                operation = loop.tick(period);
            } else {
                operation = loop.sleep(Duration.ofNanos(next)).flags(TimeoutFlags.ABSOLUTE);
            }
            token = operation.start(ON_TICK, this);
            running = true;
        } catch (RejectedExecutionException e) {
            closed = true;
        }
    }

    private void ticked(int result, int flags) {
        boolean goesOn = Cqe.hasMore(flags);
        if (!goesOn) {
            running = false;
            if (result < 0 && !Errno.ECANCELED.is(result)) {
                closed = true;
            }
        }
        if (result == 0 && !closed) {
            if (!goesOn) {
                skipMissed();
                arm();
            }
            task.run();
        }
    }

    private void skipMissed() {
        long now = System.nanoTime();
        long step = period.toNanos();
        next += step * Math.max(1, (now - next) / step + 1);
    }

    /** Stops, from any thread; the task may run once more if it is about to. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (loop.isInLoop()) {
            cancel();
        } else {
            try {
                loop.execute(this::cancel);
            } catch (RejectedExecutionException e) {
                if (!loop.isEnding()) {
                    throw e;
                }
                // The loop cancels all by itself.
            }
        }
    }

    private void cancel() {
        if (running) {
            loop.cancelQuietly(token);
        }
    }
}
