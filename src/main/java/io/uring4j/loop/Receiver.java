package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.buffer.BufferLease;
import io.uring4j.sys.SocketCalls;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * Receives all that comes on a stream socket, into {@link ReceiveBuffers}: by a multishot receive where the kernel has
 * it, else by one receive after the other. When the buffers are out it waits until some were released, while the data
 * stays in the socket; and a slow consumer can {@link #pause} it.
 *
 * <p>On Unix-domain sockets it receives one after the other in any case: as of Linux 6.18 a multishot receive may overlook
 * the end of such a stream.
 *
 * <p>{@link #start} and {@link #close} may be called from any thread, {@link #pause} and {@link #resume} too; the
 * listener is called on the loop's.
 */
public final class Receiver implements AutoCloseable {
    private static final ResultHandler<Receiver> ON_COMPLETION =
            (result, flags, receiver) -> receiver.completed(result, flags);

    private final EventLoop loop;
    private final ReceiveBuffers buffers;
    private final int fd;
    private final Options options;
    private final boolean multishot;
    private final Listener listener;

    /** These are used on the loop's thread only. */
    private long token;

    private boolean armed;
    private boolean waits;
    private boolean paused;
    private boolean ended;

    private volatile boolean closed;

    /** Gets what a receiver brings, on the loop's thread. */
    public interface Listener {
        /**
         * Data has come.
         *
         * @param lease the bytes; the listener releases it, then or later, on any thread, or sends it
         */
        void received(BufferLease lease);

        /**
         * Receiving is over; nothing follows.
         *
         * @param result 0 at the end of the stream, minus {@link Errno#ECANCELED} after {@link Receiver#close}, else minus
         *     what went wrong, such as {@link Errno#ECONNRESET}
         */
        void ended(int result);
    }

    /**
     * How to receive.
     *
     * @param direct the descriptor is a slot of the ring's registered files
     * @param bundles one completion may bring several buffers, where the kernel has that; from Linux 6.10
     */
    public record Options(boolean direct, boolean bundles) {
        /** An ordinary descriptor, one buffer at a time. */
        public static final Options STANDARD = new Options(false, false);
    }

    private Receiver(ReceiveBuffers buffers, int fd, Options options, Listener listener) {
        this.loop = buffers.loop();
        this.buffers = buffers;
        this.fd = fd;
        this.options = options;
        this.listener = Objects.requireNonNull(listener);
        this.multishot = loop.uses(LoopFeature.MULTISHOT_RECEIVE)
                && (options.direct() || !SocketCalls.isOfUnixDomain(fd));
    }

    /**
     * Starts to receive.
     *
     * @param buffers where the data goes
     * @param fd a connected stream socket, which must stay open until the end
     * @param listener gets the data
     * @return the receiver
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Receiver start(ReceiveBuffers buffers, int fd, Listener listener) {
        return start(buffers, fd, Options.STANDARD, listener);
    }

    /**
     * Starts to receive.
     *
     * @param buffers where the data goes
     * @param fd a connected stream socket, which must stay open until the end
     * @param options how to receive
     * @param listener gets the data
     * @return the receiver
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Receiver start(ReceiveBuffers buffers, int fd, Options options, Listener listener) {
        Receiver receiver = new Receiver(buffers, fd, options, listener);
        if (receiver.loop.isInLoop()) {
            receiver.arm();
        } else {
            receiver.loop.execute(receiver::arm);
        }
        return receiver;
    }

    private void arm() {
        try {
            token = operation().start(ON_COMPLETION, this);
            armed = true;
        } catch (RejectedExecutionException e) {
            end(-Errno.ECANCELED.number());
        }
    }

    private Operation operation() {
        Operation operation;
        if (!multishot) {
            operation = loop.make(Preparation.RECEIVE_PROVIDED);
        } else if (options.bundles() && loop.ring().capabilities().has(Modifier.BUNDLE)) {
            operation = loop.make(Preparation.RECEIVE_MULTISHOT_BUNDLE, Operation.MULTISHOT);
        } else {
            operation = loop.make(Preparation.RECEIVE_MULTISHOT, Operation.MULTISHOT);
        }
        operation.on(fd).flags(0);
        operation.number = buffers.group().id();
        operation.length = buffers.bufferSize();
        if (options.direct()) {
            operation.direct();
        }
        return operation;
    }

    private void completed(int result, int flags) {
        if (!Cqe.hasMore(flags)) {
            armed = false;
        }
        if (result > 0) {
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
            if (multishot && options.bundles()) {
                buffers.takeBundle(result, flags, listener::received);
            } else {
                listener.received(Objects.requireNonNull(buffers.take(result, flags)));
            }
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
            listener.ended(result);
        }
    }

    /** Stops receiving for a while; what is on its way already may still come. The rest stays in the socket. */
    public void pause() {
        run(() -> {
            paused = true;
            cancel();
        });
    }

    /** Goes on receiving. */
    public void resume() {
        run(() -> {
            paused = false;
            goOn();
        });
    }

    /** Stops receiving; the listener is told when that has ended, after which the socket may be closed. */
    @Override
    public void close() {
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
