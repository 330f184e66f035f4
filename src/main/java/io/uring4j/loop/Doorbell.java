package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Opcode;
import io.uring4j.PollEvents;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.UringException;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.notify.EventFd;
import io.uring4j.sys.UringCalls;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a loop that sleeps in the kernel. {@link Sleep} tells who does. A ring for a loop that woke up by itself meanwhile
 * is one completion too many, which does nothing.
 *
 * <p>It rings by a message to the loop's ring, which needs no ring of the caller's, or by an eventfd that the ring polls.
 */
final class Doorbell {
    private static final int CLOSED = 1 << 31;
    private static final int SEND_MESSAGE = RegisterOpcode.REGISTER_SEND_MSG_RING.code();

    private final Sleep sleep = new Sleep();

    /** Who is about to use the ring's descriptor, and {@link #CLOSED}. */
    private final AtomicInteger users = new AtomicInteger();

    private final int ring;
    private final boolean multishotPoll;
    private final @Nullable EventFd eventFd;
    private final MemorySegment message;

    private Doorbell(Ring ring, @Nullable EventFd eventFd, boolean multishotPoll) {
        this.ring = ring.fd();
        this.eventFd = eventFd;
        this.multishotPoll = multishotPoll;
        this.message = io_uring_sqe.allocate(Arena.ofAuto());
        io_uring_sqe.opcode(message, (byte) Opcode.MSG_RING.code());
        io_uring_sqe.fd(message, ring.fd());
        io_uring_sqe.off(message, UserData.WAKE_UP);
    }

    static Doorbell ofMessages(Ring ring) {
        return new Doorbell(ring, null, false);
    }

    static Doorbell ofEventFd(Ring ring, boolean multishotPoll) throws UringException {
        return new Doorbell(ring, EventFd.create(0, EventFd.Option.NON_BLOCKING), multishotPoll);
    }

    /** The ring's descriptor, which stays open while somebody has claimed it. */
    int target() {
        return ring;
    }

    /** Keeps the ring open until {@link #letGo}; false if it is closed. */
    boolean claim() {
        int seen;
        do {
            seen = users.get();
            if (seen < 0) {
                return false;
            }
        } while (!users.compareAndSet(seen, seen + 1));
        return true;
    }

    void letGo() {
        users.decrementAndGet();
    }

    /** Wakes the loop if it sleeps, on any thread, after something was put where it looks. */
    void ringIfAsleep() {
        if (sleep.isToBeWoken()) {
            ring();
        }
    }

    private void ring() {
        if (!claim()) {
            return;
        }
        try {
            if (eventFd != null) {
                eventFd.write(1);
            } else {
                sendMessage();
            }
        } catch (UringException e) {
            throw new UncheckedIOException("a loop can't be woken", e);
        } finally {
            letGo();
        }
    }

    private void sendMessage() throws UringException {
        while (true) {
            int answer = UringCalls.register(-1, SEND_MESSAGE, message.address(), 1);
            if (answer >= 0) {
                return;
            }
            if (!Errno.ENOMEM.is(answer) && !Errno.EAGAIN.is(answer) && !Errno.EINTR.is(answer)) {
                throw new UringException("io_uring_register(IORING_REGISTER_SEND_MSG_RING)", answer);
            }
            // Nobody else will ring: this must get through.
            Thread.yield();
        }
    }

    /** Announces that the loop is about to sleep; it looks at its queue once more after that. */
    void fallAsleep() {
        sleep.begin();
    }

    /** The loop is awake, whoever woke it. */
    void wakeUp() {
        sleep.end();
    }

    /** Whether an entry is needed so that the loop hears it. */
    boolean needsPoll() {
        return eventFd != null;
    }

    /** Prepares what makes the loop hear it. */
    void preparePoll(Sqe entry) {
        int fd = Objects.requireNonNull(eventFd).fd();
        if (multishotPoll) {
            entry.pollMultishot(fd, PollEvents.IN);
        } else {
            entry.pollAdd(fd, PollEvents.IN);
        }
        entry.userData(UserData.WAKE_UP);
    }

    /** The loop has heard it; true when {@link #preparePoll} is needed anew. */
    boolean heard(int flags) throws UringException {
        if (eventFd == null || Cqe.hasMore(flags)) {
            // A multishot poll tells of each write, whether or not anybody reads.
            return false;
        }
        eventFd.read();
        return true;
    }

    /** Nobody can ring any more; false if somebody still does, or a message to the ring is on its way. */
    boolean close() {
        int seen;
        do {
            seen = users.get();
        } while (!users.compareAndSet(seen, seen | CLOSED));
        return seen == 0 || seen == CLOSED;
    }

    /** Frees the descriptor, after the ring was closed. */
    void free() {
        if (eventFd != null) {
            eventFd.close();
        }
    }

    String describe() {
        return eventFd == null ? "a message to the ring" : multishotPoll ? "an eventfd, multishot poll" : "an eventfd";
    }
}
