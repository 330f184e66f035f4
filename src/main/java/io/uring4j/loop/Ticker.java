package io.uring4j.loop;

import io.uring4j.TimeoutFlags;
import io.uring4j.sys.Deadline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs a task again and again, at points in time that are a period apart, until it is closed: by a multishot timeout
 * where the kernel has it, else by one timeout after the other. Points that pass while the loop is busy are left out.
 */
public final class Ticker implements AutoCloseable {
    private final Ticking ticking;

    private Ticker(Ticking ticking) {
        this.ticking = ticking;
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
        Ticking ticking = new Ticking(loop, period, task);
        ticking.start();
        return new Ticker(ticking);
    }

    /** Stops, from any thread; the task may run once more if it is about to. */
    @Override
    public void close() {
        ticking.close();
    }

    private static final class Ticking extends Repetition {
        private final Duration period;
        private final Runnable task;

        /** The next point in time, where the kernel doesn't keep it. */
        private long next;

        Ticking(EventLoop loop, Duration period, Runnable task) {
            super(loop);
            this.period = period;
            this.task = Objects.requireNonNull(task);
            this.next = Deadline.after(period);
        }

        @Override
        Operation operation() {
            return loop.uses(LoopFeature.MULTISHOT_TIMER)
                    ? loop.tick(period)
                    : loop.sleep(Duration.ofNanos(next)).flags(TimeoutFlags.ABSOLUTE);
        }

        @Override
        void completed(int result, int flags) {
            if (!isRunning()) {
                if (result < 0) {
                    end(result);
                } else {
                    skipMissed();
                    arm();
                }
            }
            if (result == 0 && !isClosed()) {
                task.run();
            }
        }

        private void skipMissed() {
            long now = System.nanoTime();
            long step = Deadline.nanos(period);
            next += step * Math.max(1, (now - next) / step + 1);
        }

        @Override
        void tellEnd(int result) {
            // A task isn't told of its end.
        }
    }
}
