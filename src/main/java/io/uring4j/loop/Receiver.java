package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.buffer.BufferLease;
import io.uring4j.sys.SocketCalls;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Receives all that comes on a stream socket, into {@link ReceiveBuffers}: by a multishot receive where the kernel has
 * it, else by one receive after the other. When the buffers are out it waits until some were released, while the data
 * stays in the socket; and a slow consumer can {@link #pause} it. {@link #startReading} does the same with a pipe.
 *
 * <p>On Unix-domain sockets it receives one after the other in any case: as of Linux 6.18 a multishot receive may overlook
 * the end of such a stream.
 *
 * <p>{@link #start} and {@link #close} may be called from any thread, {@link #pause} and {@link #resume} too; the
 * listener is called on the loop's.
 */
public final class Receiver implements AutoCloseable {
    private final Reception reception;

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
     * @param bundles one completion may bring several buffers, with {@link LoopFeature#BUNDLES}; from Linux 6.10
     */
    public record Options(boolean direct, boolean bundles) {
        /** An ordinary descriptor, one buffer at a time. */
        public static final Options STANDARD = new Options(false, false);
    }

    private Receiver(Reception reception) {
        this.reception = reception;
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
        boolean multishot = buffers.loop().uses(LoopFeature.MULTISHOT_RECEIVE)
                && (options.direct() || !SocketCalls.isOfUnixDomain(fd));
        return start(new OfStream(buffers, fd, options, multishot, listener));
    }

    /**
     * Starts to read what comes through a pipe, or another file that can be polled: by a multishot read with
     * {@link LoopFeature#MULTISHOT_READ}, else by one read after the other.
     *
     * @param buffers where the data goes
     * @param fd the end of a pipe that is read from, or the like, which must stay open until the end; without O_NONBLOCK, by
     *     which a read that finds nothing would end with {@link Errno#EAGAIN}
     * @param listener gets the data; the end is 0 when all who could write have closed
     * @return the receiver
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static Receiver startReading(ReceiveBuffers buffers, int fd, Listener listener) {
        boolean multishot = buffers.loop().uses(LoopFeature.MULTISHOT_READ);
        return start(new OfPipe(buffers, fd, multishot, listener));
    }

    private static Receiver start(Reception reception) {
        reception.start();
        return new Receiver(reception);
    }

    private static class OfStream extends Reception {
        private final int fd;
        private final Options options;
        private final boolean multishot;
        private final Listener listener;
        private final Consumer<BufferLease> taker = this::tell;

        OfStream(ReceiveBuffers buffers, int fd, Options options, boolean multishot, Listener listener) {
            super(buffers);
            this.fd = fd;
            this.options = options;
            this.listener = Objects.requireNonNull(listener);
            this.multishot = multishot;
        }

        /** The operation that receives one thing, or with multishot all that comes. */
        Operation operation(boolean repeated) {
            if (!repeated) {
                return loop.make(Preparation.RECEIVE_PROVIDED);
            }
            boolean bundles = options.bundles() && loop.uses(LoopFeature.BUNDLES);
            return loop.make(
                    bundles ? Preparation.RECEIVE_MULTISHOT_BUNDLE : Preparation.RECEIVE_MULTISHOT,
                    Operation.MULTISHOT);
        }

        @Override
        final Operation operation() {
            Operation operation = operation(multishot).on(fd).at(-1).flags(0);
            operation.number = buffers.group().id();
            operation.length = buffers.bufferSize();
            if (options.direct()) {
                operation.direct();
            }
            return operation;
        }

        @Override
        boolean isArrival(int result, int flags) {
            return result > 0;
        }

        @Override
        void arrived(int result, int flags) {
            if (multishot && options.bundles()) {
                buffers.takeBundle(result, flags, taker);
            } else {
                listener.received(Objects.requireNonNull(buffers.take(result, flags)));
            }
        }

        /** Each buffer of a bundle by itself: the bytes behind one at which the listener throws are the listener's as well. */
        private void tell(BufferLease lease) {
            try {
                listener.received(lease);
            } catch (Throwable t) {
                loop.completer().report(t);
            }
        }

        @Override
        void tellEnd(int result) {
            listener.ended(result);
        }
    }

    private static final class OfPipe extends OfStream {
        OfPipe(ReceiveBuffers buffers, int fd, boolean multishot, Listener listener) {
            super(buffers, fd, Options.STANDARD, multishot, listener);
        }

        @Override
        Operation operation(boolean repeated) {
            return repeated
                    ? loop.make(Preparation.READ_MULTISHOT, Operation.MULTISHOT)
                    : loop.make(Preparation.READ_PROVIDED);
        }
    }

    /** Stops receiving for a while; what is on its way already may still come. The rest stays in the socket. */
    public void pause() {
        reception.pause();
    }

    /** Goes on receiving. */
    public void resume() {
        reception.resume();
    }

    /** Stops receiving; the listener is told when that has ended, after which the socket may be closed. */
    @Override
    public void close() {
        reception.close();
    }
}
