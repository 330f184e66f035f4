package io.uring4j.loop;

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
    private final Polling polling;

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

    /**
     * How to poll.
     *
     * @param direct the descriptor is a slot of the ring's registered files
     */
    public record Options(boolean direct) {
        /** An ordinary descriptor. */
        public static final Options STANDARD = new Options(false);
    }

    private Poller(Polling polling) {
        this.polling = polling;
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
        return start(loop, fd, events, Options.STANDARD, listener);
    }

    /**
     * Starts to poll, from any thread.
     *
     * @param loop the loop that does it
     * @param fd what to poll, which must stay open until the end
     * @param events what for, see {@link io.uring4j.PollEvents}
     * @param options how to poll
     * @param listener gets the reports
     * @return the poller
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Poller start(EventLoop loop, int fd, int events, Options options, Listener listener) {
        Polling polling = new Polling(loop, fd, events, options, listener);
        polling.start();
        return new Poller(polling);
    }

    /** Stops polling, from any thread; the listener is told when it has ended. */
    @Override
    public void close() {
        polling.close();
    }

    private static final class Polling extends Repetition {
        private final int fd;
        private final int events;
        private final Options options;
        private final Listener listener;

        Polling(EventLoop loop, int fd, int events, Options options, Listener listener) {
            super(loop);
            this.fd = fd;
            this.events = events;
            this.options = options;
            this.listener = Objects.requireNonNull(listener);
        }

        @Override
        Operation operation() {
            Operation operation =
                    loop.uses(LoopFeature.MULTISHOT_POLL) ? loop.pollMultishot(fd, events) : loop.poll(fd, events);
            return options.direct() ? operation.direct() : operation;
        }

        @Override
        void completed(int result, int flags) {
            if (result < 0) {
                if (!isRunning()) {
                    end(result);
                }
                return;
            }
            try {
                // What was on its way when it was closed is nobody's any more.
                if (!isClosed()) {
                    listener.ready(result);
                }
            } finally {
                // After the report: a single poll would find again what wasn't taken yet.
                if (!isRunning()) {
                    arm();
                }
            }
        }

        @Override
        void tellEnd(int result) {
            listener.ended(result);
        }
    }
}
