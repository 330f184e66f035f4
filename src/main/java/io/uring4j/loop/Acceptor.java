package io.uring4j.loop;

import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Accepts connections until it is closed: by a multishot accept where the kernel has it, else by one accept after the
 * other. When the process or the system has run out of descriptors or memory it waits, from 10 ms to a second longer each
 * time, and goes on: connections queue up in the kernel meanwhile. So it does when no slot is free for a direct descriptor.
 */
public final class Acceptor implements AutoCloseable {
    private final Acceptance acceptance;

    /** Gets connections, on the loop's thread. */
    public interface Listener {
        /**
         * A connection has come.
         *
         * @param fd its descriptor, or slot, which is the listener's from now on
         */
        void accepted(int fd);

        /**
         * Accepting is over; nothing follows.
         *
         * @param result minus {@link Errno#ECANCELED} after {@link Acceptor#close}, else minus what went wrong
         */
        default void ended(int result) {}
    }

    /**
     * How to accept.
     *
     * @param direct the listening socket is a slot of the ring's registered files
     * @param toSlots connections become direct descriptors, in slots that the kernel chooses; from Linux 5.19. When none is
     *     free, the kernel has taken a connection from its queue all the same, and closes it: one for each pause
     */
    public record Options(boolean direct, boolean toSlots) {
        /** Ordinary descriptors. */
        public static final Options STANDARD = new Options(false, false);
    }

    private Acceptor(Acceptance acceptance) {
        this.acceptance = acceptance;
    }

    /**
     * Starts to accept, from any thread.
     *
     * @param loop the loop that does it
     * @param fd a listening socket, which must stay open until the end
     * @param listener gets the connections
     * @return the acceptor
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Acceptor start(EventLoop loop, int fd, Listener listener) {
        return start(loop, fd, Options.STANDARD, listener);
    }

    /**
     * Starts to accept connections as direct descriptors: {@link Options#toSlots}.
     *
     * @param loop the loop that does it, which has registered files
     * @param fd a listening socket, which must stay open until the end
     * @param listener gets the slots
     * @return the acceptor
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Acceptor startDirect(EventLoop loop, int fd, Listener listener) {
        return start(loop, fd, new Options(false, true), listener);
    }

    /**
     * Starts to accept, from any thread.
     *
     * @param loop the loop that does it
     * @param fd a listening socket, which must stay open until the end
     * @param options how to accept
     * @param listener gets the connections
     * @return the acceptor
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Acceptor start(EventLoop loop, int fd, Options options, Listener listener) {
        Acceptance acceptance = new Acceptance(loop, fd, options, listener);
        acceptance.start();
        return new Acceptor(acceptance);
    }

    /** {@return how often accepting has paused for want of descriptors or memory} */
    public long pauses() {
        return acceptance.pauses;
    }

    /** Stops accepting, from any thread; the listener is told when it has ended. */
    @Override
    public void close() {
        acceptance.close();
    }

    private static final class Acceptance extends Repetition {
        private static final long FIRST_PAUSE_NANOS = 10_000_000;
        private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

        private final int fd;
        private final Options options;
        private final Listener listener;

        /** Used on the loop's thread only. */
        private boolean pausing;

        private long pauseNanos = FIRST_PAUSE_NANOS;
        private volatile long pauses;

        Acceptance(EventLoop loop, int fd, Options options, Listener listener) {
            super(loop);
            this.fd = fd;
            this.options = options;
            this.listener = Objects.requireNonNull(listener);
        }

        @Override
        Operation operation() {
            Operation operation = accept();
            return options.direct() ? operation.direct() : operation;
        }

        private Operation accept() {
            if (loop.uses(LoopFeature.MULTISHOT_ACCEPT)) {
                return options.toSlots() ? loop.acceptMultishotDirect(fd) : loop.acceptMultishot(fd);
            }
            return options.toSlots() ? loop.acceptDirect(fd, DirectSlot.ALLOCATE) : loop.accept(fd);
        }

        @Override
        void completed(int result, int flags) {
            if (pausing) {
                pausing = false;
                arm();
                return;
            }
            try {
                if (result >= 0) {
                    pauseNanos = FIRST_PAUSE_NANOS;
                    listener.accepted(result);
                }
            } finally {
                if (!isRunning()) {
                    goOnAfter(result);
                }
            }
        }

        private void goOnAfter(int result) {
            Errno error = result < 0 ? Errno.of(result) : null;
            if (error == null || isOfOneConnection(error)) {
                arm();
            } else if (isShortage(error)) {
                pause();
            } else {
                end(result);
            }
        }

        /** What befell a connection before it was accepted, or nothing at all. */
        private static boolean isOfOneConnection(Errno error) {
            return error == Errno.ECONNABORTED || error == Errno.EINTR || error == Errno.EAGAIN || error == Errno.EPROTO;
        }

        private static boolean isShortage(Errno error) {
            return error == Errno.EMFILE || error == Errno.ENFILE || error == Errno.ENOBUFS || error == Errno.ENOMEM;
        }

        private void pause() {
            pauses++;
            pausing = true;
            arm(loop.sleep(Duration.ofNanos(pauseNanos)));
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        }

        @Override
        void tellEnd(int result) {
            listener.ended(result);
        }
    }
}
