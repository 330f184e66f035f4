package io.uring4j.notify;

import io.uring4j.Ring;
import io.uring4j.UringException;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells a program that completions of a ring may be ready: by a callback, by a wait that virtual
 * threads may call, or by waking a {@link Selector}. A thread of its own waits for the ring's eventfd.
 *
 * <p>It tells nobody how many completions there are. Whoever is told calls {@link Ring#peek}, on a
 * thread that may, and drains the queue: with DEFER_TASKRUN the eventfd is signalled before a
 * completion is visible, and peek makes it so.
 */
public final class CompletionNotifier implements AutoCloseable {
    private static final long FOREVER = Long.MAX_VALUE;

    private final EventFd eventFd;
    private final EventFdRegistration registration;
    private final Thread thread;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition signalled = lock.newCondition();
    private long signals;
    private volatile boolean closed;

    /**
     * Starts to notify.
     *
     * @param ring a ring without an eventfd; with SINGLE_ISSUER one that the current thread owns
     * @throws UringException with EBUSY if the ring has an eventfd already
     */
    public CompletionNotifier(Ring ring) throws UringException {
        this.eventFd = EventFd.create(0, EventFd.Option.NON_BLOCKING);
        try {
            this.registration = EventFdRegistration.register(ring, eventFd);
        } catch (UringException | RuntimeException e) {
            eventFd.close();
            throw e;
        }
        this.thread = Thread.ofPlatform().daemon().name("uring4j-notifier-" + ring.fd()).start(this::run);
    }

    private void run() {
        while (!closed) {
            try {
                if (eventFd.await(FOREVER / 2) && eventFd.read() > 0 && !closed) {
                    publish();
                }
            } catch (UringException | IllegalStateException e) {
                if (!closed) {
                    throw new IllegalStateException("eventfd of a notifier failed", e);
                }
            }
        }
    }

    private void publish() {
        lock.lock();
        try {
            signals++;
            signalled.signalAll();
        } finally {
            lock.unlock();
        }
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
                handler.uncaughtException(thread, e);
            }
        }
    }

    /**
     * Adds a callback. It runs on the notifier's thread and must not block; what it throws goes to
     * that thread's uncaught exception handler, and notifying goes on.
     *
     * @param listener told that completions may be ready
     */
    public void onCompletions(Runnable listener) {
        listeners.add(listener);
        // For completions that were signalled before.
        listener.run();
    }

    /**
     * Lets completions wake a selector, so that the thread that selects can serve the ring too: after each
     * select it drains both.
     *
     * @param selector the selector
     */
    public void wake(Selector selector) {
        onCompletions(selector::wakeup);
    }

    /** {@return how often the ring has signalled so far, for {@link #awaitBeyond}} */
    public long signals() {
        lock.lock();
        try {
            return signals;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the ring signals. Virtual threads park, without holding their carrier. To miss nothing:
     * read {@link #signals}, drain the queue, and only then wait beyond what was read.
     *
     * @param seen what {@link #signals} or this has returned before
     * @param timeoutNanos how long to wait at most, in nanoseconds
     * @return how often the ring has signalled; {@code seen} when the time was up
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if the notifier is closed
     */
    public long awaitBeyond(long seen, long timeoutNanos) throws InterruptedException {
        long left = timeoutNanos;
        lock.lockInterruptibly();
        try {
            while (signals == seen && left > 0) {
                if (closed) {
                    throw new IllegalStateException("completion notifier is closed");
                }
                left = signalled.awaitNanos(left);
            }
            return signals;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the registration, such as to switch signals off and on} */
    public EventFdRegistration registration() {
        return registration;
    }

    /**
     * Stops notifying. Threads that wait get an exception.
     *
     * @throws UringException if the kernel refuses to let go of the eventfd
     */
    @Override
    public void close() throws UringException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            registration.close();
        } finally {
            eventFd.close();
            lock.lock();
            try {
                signalled.signalAll();
            } finally {
                lock.unlock();
            }
            joinThread();
        }
    }

    private void joinThread() {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
