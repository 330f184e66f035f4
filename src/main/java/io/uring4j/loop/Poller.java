package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Reports again and again what a descriptor is ready for, until it is closed: by a multishot poll where the kernel has it,
 * which is armed again when the kernel has ended it; else by one poll after the other.
 *
 * <p>A multishot poll reports when something new has come, a single one as long as something is there. So take all there
 * is at each report.
 */
public final class Poller implements AutoCloseable {
    private static final ResultHandler<Poller> ON_EVENTS = (result, flags, poller) -> poller.reported(result, flags);

    private final EventLoop loop;
    private final int fd;
    private final int events;
    private final Listener listener;

    /** These are used on the loop's thread only. */
    private long token;

    private boolean running;

    private volatile boolean closed;

    /** Gets reports, on the loop's thread. */
    public interface Listener {
        /**
         * The descriptor is ready.
         *
         * @param events what for, see {@link io.uring4j.PollEvents}; errors and hang-ups even if not asked for
         */
        void ready(int events);

        /**
         * Polling is over; nothing follows.
         *
         * @param result minus {@link Errno#ECANCELED} after {@link Poller#close}, else minus what went wrong
         */
        default void ended(int result) {}
    }

    private Poller(EventLoop loop, int fd, int events, Listener listener) {
        this.loop = loop;
        this.fd = fd;
        this.events = events;
        this.listener = Objects.requireNonNull(listener);
    }

    /**
     * Starts to poll, from any thread.
     *
     * @param loop the loop that does it
     * @param fd what to poll, which must stay open until the end
     * @param events what for, see {@link io.uring4j.PollEvents}
     * @param listener gets the reports
     * @return the poller
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Poller start(EventLoop loop, int fd, int events, Listener listener) {
        Poller poller = new Poller(loop, fd, events, listener);
        if (loop.isInLoop()) {
            poller.arm();
        } else {
            loop.execute(poller::arm);
        }
        return poller;
    }

    private void arm() {
        running = false;
        if (closed) {
            end(-Errno.ECANCELED.number());
            return;
        }
        try {
            Operation poll = loop.uses(LoopFeature.MULTISHOT_POLL) ? loop.pollMultishot(fd, events) : loop.poll(fd, events);
            token = poll.start(ON_EVENTS, this);
            running = true;
        } catch (RejectedExecutionException e) {
            end(-Errno.ECANCELED.number());
        }
    }

    private void end(int result) {
        closed = true;
        listener.ended(result);
    }

    private void reported(int result, int flags) {
        if (!Cqe.hasMore(flags)) {
            running = false;
        }
        if (result < 0) {
            if (!running) {
                end(result);
            }
            return;
        }
        try {
            // What was on its way when it was closed is nobody's any more.
            if (!closed) {
                listener.ready(result);
            }
        } finally {
            // After the report: a single poll would find again what wasn't taken yet.
            if (!running) {
                arm();
            }
        }
    }

    /** Stops polling, from any thread; the listener is told when it has ended. */
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
