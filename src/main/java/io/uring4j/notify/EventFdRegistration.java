package io.uring4j.notify;

import io.uring4j.CompletionHandler;
import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An {@link EventFd} that a ring signals when completions are ready. A ring has one at most. It can be
 * registered, replaced and let go of while requests are in flight, from any thread; with SINGLE_ISSUER the kernel
 * allows it to the ring's owner only. From Linux 5.2; before Linux 5.18 each change waits until the
 * requests in flight have ended and no other thread is inside a call of the ring, and keeps such calls out meanwhile.
 *
 * <p>Signals may coalesce: whoever is woken reads the eventfd, then calls {@link #drain}, and waits again.
 * Such a loop misses nothing, whatever is registered and let go of meanwhile: where signals begin or end
 * while completions may be ready, this class writes the eventfd once, for those that went by unsignalled.
 *
 * <p>On a ring with DEFER_TASKRUN the eventfd is signalled before the completion is visible: {@link #drain}
 * and {@link Ring#peek} make it so. Such a ring should not also poll or read another eventfd: the kernel
 * (seen in Linux 6.18) then delays the signal by milliseconds the first time, and loses it from the second on.
 * Wake its thread by {@link #signal} instead.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_eventfd.3.html">io_uring_register_eventfd(3)</a>
 */
public final class EventFdRegistration implements AutoCloseable {
    private final Ring ring;
    private final RegisterOpcode opcode;

    /** Published like the kernel's own pointer: readers never lock, changers do. */
    private volatile EventFd current;

    private boolean closed;

    private EventFdRegistration(Ring ring, RegisterOpcode opcode, EventFd eventFd) {
        this.ring = ring;
        this.opcode = opcode;
        this.current = eventFd;
    }

    /**
     * Registers an eventfd that every completion signals.
     *
     * @param ring the ring
     * @param eventFd the eventfd
     * @return the registration
     * @throws UringException with EBUSY if the ring has one already
     * @throws IllegalStateException if ring or eventfd are closed, or the ring belongs to another thread
     */
    public static EventFdRegistration register(Ring ring, EventFd eventFd) throws UringException {
        return register(ring, eventFd, RegisterOpcode.REGISTER_EVENTFD);
    }

    /**
     * Registers an eventfd that only those completions signal that a worker thread of the kernel (io-wq)
     * posts. Others don't, though the program may wait for them: neither what completes during its
     * submission, nor timers, nor what waits for a socket or pipe to become ready. From Linux 5.6.
     *
     * @param ring the ring
     * @param eventFd the eventfd
     * @return the registration
     * @throws UringException with EBUSY if the ring has one already
     * @throws IllegalStateException if ring or eventfd are closed, or the ring belongs to another thread
     */
    public static EventFdRegistration registerAsync(Ring ring, EventFd eventFd) throws UringException {
        return register(ring, eventFd, RegisterOpcode.REGISTER_EVENTFD_ASYNC);
    }

    private static EventFdRegistration register(Ring ring, EventFd eventFd, RegisterOpcode opcode)
            throws UringException {
        EventFdRegistration registration = new EventFdRegistration(ring, opcode, eventFd);
        registration.registerWithKernel(eventFd);
        try {
            registration.signalUnread();
        } catch (IllegalStateException e) {
            // The ring was closed in between; it has no completions any more.
        }
        return registration;
    }

    private void registerWithKernel(EventFd eventFd) throws UringException {
        // Claimed for the call only: the kernel takes a reference of its own.
        eventFd.enter();
        try {
            callKernel(opcode, eventFd.number(), 1);
        } finally {
            eventFd.exit();
        }
    }

    private void unregisterFromKernel() throws UringException {
        callKernel(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
    }

    private void callKernel(RegisterOpcode change, MemorySegment argument, int count) throws UringException {
        while (true) {
            try {
                ring.register(change, argument, count);
                return;
            } catch (UringException e) {
                // Before Linux 5.18 the call waits, and a signal ends that without a change.
                if (e.error() != Errno.EINTR) {
                    throw explained(e);
                }
            }
        }
    }

    private UringException explained(UringException refusal) {
        String hint = hint(refusal.error());
        return hint.isEmpty() ? refusal : new UringException(refusal.call(), refusal.errno(), hint);
    }

    private String hint(@Nullable Errno error) {
        return switch (error) {
            case EBUSY -> "The ring has an eventfd already: replace it, or close its registration";
            case ENXIO -> "The ring has no eventfd any more: it was unregistered by other means";
            case EBADF, EINVAL -> "The eventfd's descriptor was closed behind the back of its EventFd";
            case null, default -> "";
        };
    }

    /** {@return the eventfd that the ring signals now, or signalled last} */
    public EventFd eventFd() {
        return current;
    }

    /**
     * Signals the eventfd as a completion would: to wake whoever waits for other work. Takes no lock.
     *
     * @throws UringException if the eventfd can't be written
     */
    public void signal() throws UringException {
        signal(current);
    }

    private static void signal(EventFd eventFd) throws UringException {
        try {
            eventFd.write(1);
        } catch (IllegalStateException e) {
            // Closed by its owner: nobody waits for it.
        } catch (UringException e) {
            // EAGAIN: the counter is full, so whoever waits is awake.
            if (e.error() != Errno.EAGAIN) {
                throw e;
            }
        }
    }

    /** For completions that were posted while the kernel didn't know the eventfd, or not yet, or no more. */
    private void signalUnread() throws UringException {
        // The change to the registration comes first, then the look. The kernel posts first and then looks at the
        // registration: so one of the two sees what the other has done.
        VarHandle.fullFence();
        if (ring.mayHaveCompletions()) {
            signal(current);
        }
    }

    /**
     * Hands all that is ready to the handler, with what the kernel holds back until it is asked: deferred
     * work (DEFER_TASKRUN), completions that didn't fit the queue. To be called on the thread that reaps,
     * after the eventfd was read. Enters the kernel when {@link Ring#peek} would.
     *
     * <p>A handler that submits can't keep the caller here for ever: after as many completions as the
     * queue holds this signals the eventfd and returns. It signals, too, when the handler throws.
     *
     * @param handler called once per completion
     * @return how many there were
     * @throws UringException if the kernel refuses the call
     * @throws IllegalStateException if the ring is closed, or belongs to another thread
     */
    public int drain(CompletionHandler handler) throws UringException {
        int most = ring.completions().capacity();
        int count = 0;
        boolean done = false;
        try {
            while (count < most && ring.peek() > 0) {
                count += ring.completions().drain(handler, most - count);
            }
            done = count < most;
        } finally {
            if (!done) {
                signal();
            }
        }
        return count;
    }

    /**
     * Signals another eventfd from now on. The new one is signalled once at the start, for completions
     * that came in between; the old one once too, so that whoever waits for it looks again.
     *
     * @param eventFd the new eventfd
     * @throws UringException with ENXIO if the ring's eventfd was unregistered by other means; or if the
     *     kernel refuses the new one: the ring then keeps the old one, or, when that is refused too, has
     *     none, and this is closed
     * @throws IllegalStateException if this, the ring or the eventfd is closed, or the ring belongs to
     *     another thread
     */
    public synchronized void replace(EventFd eventFd) throws UringException {
        requireOpen();
        EventFd old = current;
        // Claimed: it can't be closed between the two calls.
        eventFd.enter();
        try {
            unregisterFromKernel();
            registerOrRestore(eventFd, old);
            current = eventFd;
            signal(eventFd);
        } finally {
            eventFd.exit();
            signal(old);
        }
    }

    private void registerOrRestore(EventFd eventFd, EventFd old) throws UringException {
        try {
            registerWithKernel(eventFd);
        } catch (UringException | RuntimeException refusal) {
            try {
                registerWithKernel(old);
            } catch (UringException | RuntimeException e) {
                closed = true;
                refusal.addSuppressed(e);
            }
            throw refusal;
        }
    }

    /**
     * Switches signals off and on without a system call (IORING_CQ_EVENTFD_DISABLED). From Linux 5.8.
     *
     * @param enabled whether completions signal
     * @throws UringException if the eventfd can't be written
     * @throws IllegalStateException if this or the ring is closed
     */
    public synchronized void setEnabled(boolean enabled) throws UringException {
        requireOpen();
        ring.completions().enableEventFd(enabled);
        if (enabled) {
            signalUnread();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("eventfd registration is closed");
        }
    }

    /**
     * Lets go of the eventfd. When this returns, completions don't signal it any more. The ring's switch
     * ({@link #setEnabled}) is on again, for the next registration. Closing twice, or after the ring, does nothing.
     *
     * @throws UringException with ENXIO if the ring's eventfd was unregistered by other means: this is closed then
     * @throws IllegalStateException if the ring belongs to another thread: this isn't closed then
     */
    @Override
    public synchronized void close() throws UringException {
        if (closed) {
            return;
        }
        if (ring.isClosed()) {
            closed = true;
            return;
        }
        try {
            unregisterFromKernel();
            closed = true;
            ring.completions().enableEventFd(true);
            signalUnread();
        } catch (IllegalStateException e) {
            if (!ring.isClosed()) {
                throw e;
            }
            // Closed meanwhile, and with it the registration.
            closed = true;
        } catch (UringException e) {
            closed |= e.error() == Errno.ENXIO;
            throw e;
        }
    }
}
