package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Keeps a receive armed on a stream socket, with buffers of a group: multishot where the kernel has it (from
 * Linux 6.0), else one receive after the other. When the group runs out, the receive pauses; nothing is
 * lost, since the data stays in the socket, and nothing spins, since it is armed again only after the group has
 * got a buffer.
 *
 * <p>On a local socket (AF_UNIX), use {@link #oneShot}: there, as of Linux 6.18, the kernel may overlook the end of
 * the stream in a multishot receive that more than 32 buffers of data were waiting for.
 *
 * <p>It is used on the thread that reaps the ring's completions, which calls {@link #resume} after it has released
 * leases, or was told by {@link BufferCache#onRelease} that others have.
 */
public final class BufferedReceiver {
    private final Ring ring;
    private final BufferGroup group;
    private final int fd;
    private final long userData;
    private final boolean multishot;
    private final Listener listener;
    private State state = State.IDLE;

    /** How many buffers the group had been given when the receive was armed. */
    private long seenByGroup;

    /** What a receive is doing. */
    public enum State {
        /** Not started. */
        IDLE,

        /** The kernel has the request. */
        ARMED,

        /** The group had no buffer, or the submission queue no room. */
        PAUSED,

        /** The stream has ended, or failed. */
        ENDED
    }

    /** Gets what a receive brings, on the thread that reaps completions. */
    public interface Listener {
        /**
         * Data has come. The receive is armed again already, if it had ended.
         *
         * @param lease the bytes, to be released by the listener
         */
        void received(BufferLease lease);

        /**
         * The receive is over; nothing follows.
         *
         * @param result 0 at the end of the stream, else minus an {@link Errno}
         */
        void ended(int result);
    }

    /**
     * Makes a receiver, which {@link #arm} starts.
     *
     * @param ring the ring
     * @param group where the buffers come from
     * @param fd the socket
     * @param userData what the completions will carry
     * @param listener gets the data
     */
    public BufferedReceiver(Ring ring, BufferGroup group, int fd, long userData, Listener listener) {
        this(ring, group, fd, userData, listener, ring.capabilities().has(Modifier.RECV_MULTISHOT));
    }

    /**
     * Makes a receiver that arms one receive after the other, whatever the kernel has.
     *
     * @param ring the ring
     * @param group where the buffers come from
     * @param fd the socket
     * @param userData what the completions will carry
     * @param listener gets the data
     * @return the receiver, which {@link #arm} starts
     * @see <a href="https://github.com/axboe/liburing/issues/1549">Recv Multishot misses EOF with AF_UNIX</a>
     */
    public static BufferedReceiver oneShot(Ring ring, BufferGroup group, int fd, long userData, Listener listener) {
        return new BufferedReceiver(ring, group, fd, userData, listener, false);
    }

    private BufferedReceiver(
            Ring ring, BufferGroup group, int fd, long userData, Listener listener, boolean multishot) {
        this.ring = ring;
        this.group = Objects.requireNonNull(group);
        this.fd = fd;
        this.userData = userData;
        this.listener = Objects.requireNonNull(listener);
        this.multishot = multishot;
    }

    /**
     * Prepares the receive; the next submission passes it on.
     *
     * @throws IllegalStateException if it is armed already or has ended, or the submission queue is full
     */
    public void arm() {
        if (state == State.ARMED || state == State.ENDED) {
            throw new IllegalStateException("receive on descriptor " + fd + " is " + state);
        }
        Sqe entry = ring.submissions().next();
        if (multishot) {
            entry.recvMultishot(fd, 0, group.id());
        } else {
            entry.recv(fd, MemorySegment.NULL, group.bufferSize(), 0).selectBuffer(group.id());
        }
        entry.userData(userData);
        seenByGroup = group.replenished();
        state = State.ARMED;
    }

    /**
     * Prepares the receive again if it has paused and the group has got buffers since. Replenishes the group for
     * that. Never enters the kernel.
     *
     * @return whether it is armed
     * @throws UringException if memory for more buffers is refused
     */
    public boolean resume() throws UringException {
        if (state == State.PAUSED) {
            group.replenish();
            armIfPossible();
        }
        return state == State.ARMED;
    }

    private void armIfPossible() {
        // At most once for each time that the group has got something, however little of it is left for this.
        if (group.replenished() != seenByGroup && ring.submissions().spaceLeft() > 0) {
            arm();
        }
    }

    /**
     * To be shown each completion that carries the user data.
     *
     * @param result the completion's result
     * @param flags the completion's flags
     */
    public void onCompletion(int result, int flags) {
        if (result > 0) {
            BufferLease lease = group.take(result, flags);
            if (!Cqe.hasMore(flags)) {
                // One-shot, or a multishot that the kernel has ended for reasons of its own.
                pauseOrGoOn();
            }
            listener.received(lease);
            return;
        }
        if (Cqe.hasBuffer(flags)) {
            group.take(result, flags).release();
        }
        if (Errno.ENOBUFS.is(result)) {
            group.noteExhausted();
            state = State.PAUSED;
            armIfPossible();
        } else if (!Cqe.hasMore(flags)) {
            state = State.ENDED;
            listener.ended(result);
        }
    }

    private void pauseOrGoOn() {
        state = State.PAUSED;
        if (ring.submissions().spaceLeft() > 0) {
            arm();
        } else {
            // Not for want of buffers: to resume needs no new one.
            seenByGroup = -1;
        }
    }

    /** {@return what the receive is doing} */
    public State state() {
        return state;
    }
}
