package io.uring4j.notify;

import io.uring4j.CompletionHandler;
import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells a program that completions of a ring may be ready: by a callback, by a wait that virtual
 * threads may call, or by waking a {@link Selector}. A thread of its own waits for the ring's eventfd.
 *
 * <p>It tells nobody how many completions there are, and may tell of some that were read already. Whoever
 * is told calls {@link #drain} on the thread that reaps, or has it called there.
 */
public final class CompletionNotifier implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final EventFd eventFd;
    private final EventFdRegistration registration;
    private final Thread thread;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition signalled = lock.newCondition();

    /** Changed under the lock only. */
    private volatile long signals;

    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    private CompletionNotifier(EventFd eventFd, EventFdRegistration registration, String name) {
        this.eventFd = eventFd;
        this.registration = registration;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /**
     * Starts to notify.
     *
     * @param ring a ring without an eventfd; with SINGLE_ISSUER one that the current thread owns
     * @return the notifier
     * @throws UringException with EBUSY if the ring has an eventfd already, EMFILE if the process has no
     *     descriptor left
     * @throws IllegalStateException if the ring is closed or belongs to another thread
     */
    public static CompletionNotifier start(Ring ring) throws UringException {
        EventFd eventFd = EventFd.create(0);
        try {
            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            try {
                CompletionNotifier notifier =
                        new CompletionNotifier(eventFd, registration, "uring4j-notifier-" + eventFd.fd());
                notifier.thread.start();
                return notifier;
            } catch (Throwable t) {
                // Above all: no memory for a thread.
                registration.close();
                throw t;
            }
        } catch (Throwable t) {
            eventFd.close();
            throw t;
        }
    }

    private void run() {
        try {
            while (!closed) {
                eventFd.read();
                tell();
            }
        } catch (Throwable t) {
            if (!closed) {
                failure = t;
                wakeWaiters();
                report(t);
            }
        }
    }

    private void tell() {
        wakeWaiters();
        for (Runnable listener : listeners) {
            if (closed) {
                return;
            }
            try {
                listener.run();
            } catch (Throwable t) {
                report(t);
            }
        }
    }

    private void wakeWaiters() {
        lock.lock();
        try {
            signals++;
            signalled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void report(Throwable t) {
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, t);
    }

    /**
     * Adds a callback. It runs on the notifier's thread, once soon, for completions that are ready
     * already, and then after each signal. It must not block; what it throws goes to that thread's
     * uncaught exception handler, and notifying goes on.
     *
     * @param listener told that completions may be ready
     * @throws UringException if the eventfd can't be written
     * @throws IllegalStateException if the notifier is closed
     */
    public void onCompletions(Runnable listener) throws UringException {
        requireOpen();
        listeners.add(listener);
        registration.signal();
    }

    /**
     * Removes a callback. It may run once more if it is about to.
     *
     * @param listener a callback
     */
    public void remove(Runnable listener) {
        listeners.remove(listener);
    }

    /**
     * Lets completions wake a selector, until that is closed: so the thread that selects can serve the ring
     * too. After each select it calls {@link #drain}.
     *
     * @param selector the selector
     * @throws UringException if the eventfd can't be written
     * @throws IllegalStateException if the notifier is closed
     */
    public void wake(Selector selector) throws UringException {
        onCompletions(new Runnable() {
            @Override
            public void run() {
                if (selector.isOpen()) {
                    selector.wakeup();
                } else {
                    remove(this);
                }
            }
        });
    }

    /** {@return how often the ring has signalled so far, for {@link #awaitBeyond}} */
    public long signals() {
        return signals;
    }

    /**
     * Waits until the ring signals. Virtual threads park, without holding their carrier. To miss nothing:
     * read {@link #signals}, have the queue drained, and only then wait beyond what was read.
     *
     * @param seen what {@link #signals} or this has returned before
     * @param timeoutNanos how long to wait at most, in nanoseconds, not negative
     * @return how often the ring has signalled; {@code seen} when the time was up
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if the notifier is closed, now or during the wait, or has failed
     */
    public long awaitBeyond(long seen, long timeoutNanos) throws InterruptedException {
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("timeout of " + timeoutNanos + " ns is negative");
        }
        long left = timeoutNanos;
        lock.lockInterruptibly();
        try {
            while (true) {
                requireOpen();
                if (signals != seen || left <= 0) {
                    return signals;
                }
                left = signalled.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands all that is ready to the handler, as {@link EventFdRegistration#drain} does: to be called on
     * the thread that reaps.
     *
     * @param handler called once per completion
     * @return how many there were
     * @throws UringException if the kernel refuses the call
     * @throws IllegalStateException if the ring is closed, or belongs to another thread
     */
    public int drain(CompletionHandler handler) throws UringException {
        return registration.drain(handler);
    }

    /**
     * Switches the ring's signals off and on, without a system call: off, say, while its thread looks at
     * the queue anyway. From Linux 5.8.
     *
     * @param enabled whether completions signal
     * @throws UringException if the eventfd can't be written
     * @throws IllegalStateException if this or the ring is closed
     */
    public void setEnabled(boolean enabled) throws UringException {
        registration.setEnabled(enabled);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("completion notifier is closed");
        }
        if (failure != null) {
            throw new IllegalStateException("completion notifier has failed", failure);
        }
    }

    /**
     * Stops notifying. Threads that wait get an exception. A callback that is running is waited for, up to
     * a second. Closing twice does nothing, and the ring may be closed before or after.
     *
     * @throws UringException with ENXIO if the ring's eventfd was unregistered by other means: this is closed then
     * @throws IllegalStateException if the ring belongs to another thread: this isn't closed then
     */
    @Override
    public void close() throws UringException {
        try {
            registration.close();
        } catch (UringException e) {
            if (e.error() == Errno.ENXIO) {
                stop();
            }
            throw e;
        }
        stop();
    }

    private void stop() {
        closed = true;
        eventFd.close();
        wakeWaiters();
        if (thread != Thread.currentThread()) {
            try {
                thread.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
