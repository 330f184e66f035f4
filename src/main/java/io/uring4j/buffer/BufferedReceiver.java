package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Opcode;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Keeps a receive armed on a socket, with buffers of a group: multishot where the kernel has it (from
 * Linux 6.0), else one receive after the other. When the group runs out, the receive pauses; nothing is
 * lost, since the data stays in the socket, and nothing spins, since only {@link #resume} arms it again.
 */
public final class BufferedReceiver {
    private final Ring ring;
    private final BufferGroup group;
    private final int fd;
    private final long userData;
    private final boolean multishot;
    private final Listener listener;
    private State state = State.IDLE;

    /** What a receive is doing. */
    public enum State {
        /** Not started. */
        IDLE,

        /** The kernel has the request. */
        ARMED,

        /** The group had no buffer. */
        PAUSED,

        /** The stream has ended, or failed. */
        ENDED
    }

    /** Gets what a receive brings, on the thread that reaps completions. */
    public interface Listener {
        /**
         * Data has come.
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
        this.ring = Objects.requireNonNull(ring);
        this.group = Objects.requireNonNull(group);
        this.fd = fd;
        this.userData = userData;
        this.listener = Objects.requireNonNull(listener);
        // Multishot receive came with the same kernel as zero-copy send, which the kernel can be asked for.
        this.multishot = ring.capabilities().has(Opcode.SEND_ZC);
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
        state = State.ARMED;
    }

    /**
     * Prepares the receive again if it has paused and buffers have come back.
     *
     * @return whether it is armed
     * @throws UringException if memory for more buffers is refused
     */
    public boolean resume() throws UringException {
        if (state == State.PAUSED) {
            group.replenish();
            if (group.stats().heldByKernel() > 0 && ring.submissions().spaceLeft() > 0) {
                arm();
            }
        }
        return state == State.ARMED;
    }

    /**
     * To be shown each completion that carries the user data.
     *
     * @param result the completion's result
     * @param flags the completion's flags
     */
    public void onCompletion(int result, int flags) {
        boolean goesOn = Cqe.hasMore(flags);
        if (!goesOn) {
            state = State.IDLE;
        }
        if (result > 0) {
            listener.received(group.take(result, flags));
            if (!goesOn && ring.submissions().spaceLeft() > 0) {
                // One-shot, or a multishot that the kernel has ended for reasons of its own.
                arm();
            } else if (!goesOn) {
                state = State.PAUSED;
            }
            return;
        }
        if (Cqe.hasBuffer(flags)) {
            group.take(result, flags).release();
        }
        if (Errno.ENOBUFS.is(result)) {
            group.noteExhausted();
            state = State.PAUSED;
        } else if (!goesOn) {
            state = State.ENDED;
            listener.ended(result);
        }
    }

    /** {@return what the receive is doing} */
    public State state() {
        return state;
    }
}
