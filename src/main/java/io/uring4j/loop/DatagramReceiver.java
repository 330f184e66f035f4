package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.Iovec;
import io.uring4j.MessageHeader;
import io.uring4j.PollEvents;
import io.uring4j.ReceivedMessage;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import io.uring4j.abi.iovec;
import io.uring4j.abi.msghdr;
import io.uring4j.buffer.BufferLease;
import io.uring4j.sys.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Receives all datagrams that come to a socket, with their senders, into {@link ReceiveBuffers}: by a multishot receive
 * where the kernel has it, else by one receive after the other. When the buffers are out it waits until some were
 * released; meanwhile datagrams queue up in the socket, and what finds no room there is lost, as ever with datagrams.
 *
 * <p>Head and sender take {@value #OVERHEAD} bytes of a buffer; what doesn't fit in the rest is cut.
 *
 * <p>All methods may be called from any thread; the listener is called on the loop's.
 */
public final class DatagramReceiver implements AutoCloseable {
    /** How many bytes of a buffer aren't the datagram's: so much more than the longest of them makes the buffers. */
    public static final int OVERHEAD = 144;

    private static final int ADDRESS_ROOM = 128;

    private final Reception reception;

    /** Gets what a receiver brings, on the loop's thread. */
    public interface Listener {
        /**
         * A datagram has come.
         *
         * @param message the datagram; the listener releases it, then or later, on any thread
         */
        void received(Message message);

        /**
         * Receiving is over; nothing follows.
         *
         * @param result minus {@link Errno#ECANCELED} after {@link DatagramReceiver#close}; 0 when the socket was shut down,
         *     of which the kernel doesn't tell a multishot receive; else minus what went wrong
         */
        void ended(int result);
    }

    /**
     * How to receive.
     *
     * @param direct the descriptor is a slot of the ring's registered files. Before Linux 6.0 an empty datagram from a
     *     Unix-domain socket without an address is taken for the end: a slot can't be asked whether it was shut down
     */
    public record Options(boolean direct) {
        /** An ordinary descriptor. */
        public static final Options STANDARD = new Options(false);
    }

    /** A datagram that was received. */
    public static final class Message implements AutoCloseable {
        private final @Nullable BufferLease lease;
        private final MemorySegment content;
        private final @Nullable SocketAddress sender;
        private final boolean truncated;

        private Message(
                @Nullable BufferLease lease,
                MemorySegment content,
                @Nullable SocketAddress sender,
                boolean truncated) {
            this.lease = lease;
            this.content = content;
            this.sender = sender;
            this.truncated = truncated;
        }

        /** {@return the bytes, not to be used after the release} */
        public MemorySegment content() {
            return content;
        }

        /** {@return where it came from; null for a Unix-domain socket without an address} */
        public @Nullable SocketAddress sender() {
            return sender;
        }

        /** {@return whether it was longer than its buffer, and is cut} */
        public boolean isTruncated() {
            return truncated;
        }

        /**
         * Gives the buffer back. From any thread, once.
         *
         * @throws IllegalStateException if it has been released already
         */
        public void release() {
            if (lease != null) {
                lease.release();
            }
        }

        /** As {@link #release}, for use with try. */
        @Override
        public void close() {
            release();
        }
    }

    private DatagramReceiver(Reception reception) {
        this.reception = reception;
    }

    /**
     * Starts to receive.
     *
     * @param buffers where the datagrams go
     * @param fd a datagram socket, bound to an internet or Unix-domain address, which must stay open until the end
     * @param listener gets the datagrams
     * @return the receiver
     * @throws IllegalArgumentException if the buffers are too small for any content
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static DatagramReceiver start(ReceiveBuffers buffers, int fd, Listener listener) {
        return start(buffers, fd, Options.STANDARD, listener);
    }

    /**
     * Starts to receive.
     *
     * @param buffers where the datagrams go
     * @param fd a datagram socket, bound to an internet or Unix-domain address, which must stay open until the end
     * @param options how to receive
     * @param listener gets the datagrams
     * @return the receiver
     * @throws IllegalArgumentException if the buffers are too small for any content
     * @throws RejectedExecutionException as {@link EventLoop#execute}
     */
    public static DatagramReceiver start(ReceiveBuffers buffers, int fd, Options options, Listener listener) {
        if (buffers.bufferSize() <= OVERHEAD) {
            throw new IllegalArgumentException("buffers of " + buffers.bufferSize() + " bytes: " + OVERHEAD
                    + " go to each datagram's head and sender");
        }
        Reception reception = new OfDatagrams(buffers, fd, options, Objects.requireNonNull(listener));
        reception.start();
        return new DatagramReceiver(reception);
    }

    /** Stops receiving for a while; what is on its way already may still come. */
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

    private static final class OfDatagrams extends Reception {
        private final int fd;
        private final boolean multishot;
        private final Options options;
        private final Listener listener;
        private final MemorySegment address = Arena.ofAuto().allocate(ADDRESS_ROOM, Long.BYTES);
        private final MemorySegment iovecs;
        private final MemorySegment header;

        OfDatagrams(ReceiveBuffers buffers, int fd, Options options, Listener listener) {
            super(buffers);
            this.fd = fd;
            this.options = options;
            this.listener = listener;
            this.multishot = loop.uses(LoopFeature.MULTISHOT_RECEIVE);
            Arena arena = Arena.ofAuto();
            // The kernel takes a buffer of the group in its place; of this one it uses the length.
            MemorySegment iovecs = Iovec.of(arena, address);
            iovec.iov_base(iovecs, MemorySegment.NULL);
            iovec.iov_len(iovecs, buffers.bufferSize());
            this.iovecs = iovecs;
            this.header = MessageHeader.of(arena, address, iovecs, MemorySegment.NULL);
        }

        @Override
        Operation operation() {
            // A single receive has left the length of the last sender's address.
            msghdr.msg_namelen(header, ADDRESS_ROOM);
            Operation operation = multishot
                    ? loop.make(Preparation.RECEIVE_MESSAGE_MULTISHOT, Operation.MULTISHOT)
                    : loop.make(Preparation.RECEIVE_MESSAGE_PROVIDED);
            operation.on(fd).with(header).flags(0);
            operation.number = buffers.group().id();
            // Keeps what the header points at.
            operation.other = iovecs;
            operation.otherMemory = address;
            return options.direct() ? operation.direct() : operation;
        }

        /** An empty datagram is one too: by itself it has no buffer. */
        @Override
        boolean isArrival(int result, int flags) {
            return result > 0 || result == 0 && !multishot && !isShutDown();
        }

        /** Whether what looks like an empty datagram means that nothing can come any more, and would come for ever. */
        private boolean isShutDown() {
            return MessageHeader.addressLength(header) == 0
                    && (options.direct() || (Libc.poll(fd, PollEvents.RDHUP, 0) & PollEvents.RDHUP) != 0);
        }

        @Override
        void arrived(int result, int flags) {
            BufferLease lease = buffers.take(result, flags);
            if (!multishot) {
                MemorySegment sender = address.asSlice(0, Math.min(MessageHeader.addressLength(header), ADDRESS_ROOM));
                MemorySegment content = lease == null ? MemorySegment.NULL : lease.bytes();
                tell(lease, content, sender, MessageHeader.flags(header));
            } else {
                ReceivedMessage message = new ReceivedMessage(Objects.requireNonNull(lease).bytes(), ADDRESS_ROOM, 0);
                tell(lease, message.payload(), message.address(), message.flags());
            }
        }

        private void tell(@Nullable BufferLease lease, MemorySegment content, MemorySegment sender, int flags) {
            SocketAddress from = sender.byteSize() < Short.BYTES ? null : SocketAddresses.read(sender);
            listener.received(new Message(lease, content, from, (flags & Sockets.MSG_TRUNC) != 0));
        }

        @Override
        void tellEnd(int result) {
            listener.ended(result);
        }
    }
}
