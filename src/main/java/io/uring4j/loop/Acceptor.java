package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Accepts connections until it is closed: by a multishot accept where the kernel has it, else by one accept after the
 * other. When the process or the system has run out of descriptors or memory it waits, from 10 ms to a second longer each
 * time, and goes on: connections queue up in the kernel meanwhile.
 */
public final class Acceptor implements AutoCloseable {
    private static final long FIRST_PAUSE_NANOS = 10_000_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;
    private static final ResultHandler<Acceptor> ON_ACCEPT = (result, flags, acceptor) -> acceptor.accepted(result, flags);
    private static final ResultHandler<Acceptor> ON_PAUSE = (result, flags, acceptor) -> acceptor.arm();

    private final EventLoop loop;
    private final int fd;
    private final boolean direct;
    private final Listener listener;

    /** These are used on the loop's thread only. */
    private long token;

    private boolean running;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    private volatile long pauses;
    private volatile boolean closed;

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

    private Acceptor(EventLoop loop, int fd, boolean direct, Listener listener) {
        this.loop = loop;
        this.fd = fd;
        this.direct = direct;
        this.listener = Objects.requireNonNull(listener);
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
        return start(new Acceptor(loop, fd, false, listener));
    }

    /**
     * Starts to accept connections as direct descriptors, in slots that the kernel chooses. From Linux 5.19.
     *
     * @param loop the loop that does it, which has registered files
     * @param fd a listening socket, which must stay open until the end
     * @param listener gets the slots
     * @return the acceptor
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Acceptor startDirect(EventLoop loop, int fd, Listener listener) {
        return start(new Acceptor(loop, fd, true, listener));
    }

    private static Acceptor start(Acceptor acceptor) {
        if (acceptor.loop.isInLoop()) {
            acceptor.arm();
        } else {
            acceptor.loop.execute(acceptor::arm);
        }
        return acceptor;
    }

    private void arm() {
        running = false;
        if (closed) {
            listener.ended(-Errno.ECANCELED.number());
            return;
        }
        try {
            token = operation().start(ON_ACCEPT, this);
            running = true;
        } catch (RejectedExecutionException e) {
            closed = true;
            listener.ended(-Errno.ECANCELED.number());
        }
    }

    private Operation operation() {
        if (loop.uses(LoopFeature.MULTISHOT_ACCEPT)) {
            return direct ? loop.acceptMultishotDirect(fd) : loop.acceptMultishot(fd);
        }
        return direct ? loop.acceptDirect(fd, DirectSlot.ALLOCATE) : loop.accept(fd);
    }

    private void accepted(int result, int flags) {
        if (!Cqe.hasMore(flags)) {
            goOnAfter(result);
        }
        if (result >= 0) {
            pauseNanos = FIRST_PAUSE_NANOS;
            listener.accepted(result);
        }
    }

    private void goOnAfter(int result) {
        running = false;
        Errno error = result < 0 ? Errno.of(result) : null;
        if (error == null || isOfOneConnection(error)) {
            arm();
        } else if (isShortage(error)) {
            pause();
        } else {
            closed = true;
            listener.ended(result);
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
        try {
            token = loop.sleep(Duration.ofNanos(pauseNanos)).start(ON_PAUSE, this);
            running = true;
        } catch (RejectedExecutionException e) {
            closed = true;
            listener.ended(-Errno.ECANCELED.number());
        }
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    }

    /** {@return how often accepting has paused for want of descriptors or memory} */
    public long pauses() {
        return pauses;
    }

    /** Stops accepting, from any thread; the listener is told when it has ended. */
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
