package io.uring4j.notify;

import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.SetupFlag;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;

/**
 * An {@link EventFd} that a ring signals when completions are ready. A ring has one at most. It can be
 * registered, replaced and let go of while requests are in flight, from any thread; with SINGLE_ISSUER the kernel
 * allows it to the ring's owner only. From Linux 5.2; before Linux 5.18 each change waits until the
 * requests in flight have ended.
 *
 * <p>Signals may coalesce: whoever is woken reads the eventfd and then drains the completion queue.
 * Where a change leaves a moment in which no eventfd is registered, and when signals are enabled again,
 * the eventfd is written once by this class: a wake-up too many, but none too few.
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
     * @throws IllegalStateException if ring or eventfd are closed
     */
    public static EventFdRegistration register(Ring ring, EventFd eventFd) throws UringException {
        return register(ring, eventFd, RegisterOpcode.REGISTER_EVENTFD);
    }

    /**
     * Registers an eventfd that only those completions signal that didn't come about during the
     * submission itself. From Linux 5.6.
     *
     * @param ring the ring
     * @param eventFd the eventfd
     * @return the registration
     * @throws UringException with EBUSY if the ring has one already
     * @throws IllegalStateException if ring or eventfd are closed
     */
    public static EventFdRegistration registerAsync(Ring ring, EventFd eventFd) throws UringException {
        return register(ring, eventFd, RegisterOpcode.REGISTER_EVENTFD_ASYNC);
    }

    private static EventFdRegistration register(Ring ring, EventFd eventFd, RegisterOpcode opcode)
            throws UringException {
        registerWithKernel(ring, eventFd, opcode);
        return new EventFdRegistration(ring, opcode, eventFd);
    }

    private static void registerWithKernel(Ring ring, EventFd eventFd, RegisterOpcode opcode) throws UringException {
        // Claimed for the call only: the kernel takes a reference of its own.
        eventFd.enter();
        try {
            ring.register(opcode, eventFd.number(), 1);
        } catch (UringException e) {
            throw explain(e, ring);
        } finally {
            eventFd.exit();
        }
    }

    private static UringException explain(UringException refusal, Ring ring) {
        boolean foreign = refusal.error() == Errno.EEXIST && ring.flags().contains(SetupFlag.SINGLE_ISSUER);
        String hint = refusal.error() == Errno.EBUSY
                ? "The ring has an eventfd already: replace it, or close its registration"
                : foreign ? "A ring with SINGLE_ISSUER takes registrations only from the thread that owns it" : "";
        return hint.isEmpty() ? refusal : new UringException(refusal.call(), refusal.errno(), hint);
    }

    /** {@return the eventfd that the ring signals now} */
    public EventFd eventFd() {
        return current;
    }

    /**
     * Signals another eventfd from now on. The new one is signalled once at the start, for completions
     * that came in between; the old one once too, so that whoever waits for it looks again.
     *
     * @param eventFd the new eventfd
     * @throws UringException if the kernel refuses the new one: the ring then has none, and this is closed
     * @throws IllegalStateException if this, the ring or the eventfd is closed
     */
    public synchronized void replace(EventFd eventFd) throws UringException {
        requireOpen();
        eventFd.fd();
        EventFd old = current;
        ring.register(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
        try {
            registerWithKernel(ring, eventFd, opcode);
        } catch (UringException | RuntimeException e) {
            closed = true;
            wake(old);
            throw e;
        }
        current = eventFd;
        wake(eventFd);
        wake(old);
    }

    /**
     * Switches signals off and on without a system call (IORING_CQ_EVENTFD_DISABLED). Switching on
     * signals once. From Linux 5.8.
     *
     * @param enabled whether completions signal
     * @throws UringException if the eventfd can't be written
     * @throws IllegalStateException if this or the ring is closed
     */
    public synchronized void setEnabled(boolean enabled) throws UringException {
        requireOpen();
        ring.completions().enableEventFd(enabled);
        if (enabled) {
            wake(current);
        }
    }

    private static void wake(EventFd eventFd) throws UringException {
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

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("eventfd registration is closed");
        }
    }

    /**
     * Lets go of the eventfd. When this returns, completions don't signal it any more; it is signalled
     * once, so that whoever waits looks again. Closing twice, or after the ring, does nothing.
     *
     * @throws UringException if the kernel refuses
     */
    @Override
    public synchronized void close() throws UringException {
        if (closed) {
            return;
        }
        closed = true;
        if (!ring.isClosed()) {
            try {
                ring.register(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
            } catch (UringException e) {
                closed = false;
                throw explain(e, ring);
            }
            wake(current);
        }
    }
}
