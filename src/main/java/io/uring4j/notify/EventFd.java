package io.uring4j.notify;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.UringException;
import io.uring4j.abi.Abi;
import io.uring4j.sys.EventFdCalls;
import io.uring4j.sys.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An eventfd: a counter that a write adds to and a read takes from, and that can be polled and waited
 * for. A ring can signal it ({@link EventFdRegistration}), and read or poll it like any descriptor.
 *
 * <p>All methods may be called from any thread, but waiting and blocking reads hold their thread in the
 * kernel: virtual threads wait by a {@link CompletionNotifier}. The descriptor is closed when the last
 * call that uses it has returned, so that its number can't be written to after it was given to another
 * file; a ring that signals the eventfd refers to the file itself, not to its number.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class EventFd implements AutoCloseable {
    private static final int CLOSED = 1 << 31;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int NOT_OPEN = Abi.POLLNVAL();

    /** What nearly every write adds. */
    private static final MemorySegment ONE =
            Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1L).asReadOnly();

    private final int fd;

    /** The number as the kernel wants it for a registration: in memory. */
    private final MemorySegment number;

    /** Where reads and writes pass their value, while no other call uses it. */
    private final AtomicReference<@Nullable MemorySegment> idleValue = new AtomicReference<>();

    /** Calls that use the descriptor, and {@link #CLOSED}. */
    private final AtomicInteger users = new AtomicInteger();

    /** How the counter is read. */
    public enum Option {
        /** A read takes one from the counter, not all of it. */
        SEMAPHORE(Abi.EFD_SEMAPHORE()),

        /**
         * A read of an empty counter, and a write that would overflow it, end at once. A ring's READ of an
         * empty one waits all the same, but on old kernels ends with EAGAIN: without this option it always waits.
         */
        NON_BLOCKING(Abi.EFD_NONBLOCK());

        private final int bit;

        Option(int bit) {
            this.bit = bit;
        }
    }

    private EventFd(int fd) {
        this.fd = fd;
        this.number = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, fd);
    }

    /**
     * Creates an eventfd. Programs that are executed don't get it.
     *
     * @param initial the counter's first value, not negative
     * @param options how it is read
     * @return the eventfd
     * @throws UringException with EMFILE if the process has no descriptor left
     */
    public static EventFd create(int initial, Option... options) throws UringException {
        if (initial < 0) {
            throw new IllegalArgumentException("initial value " + initial + " is negative");
        }
        int flags = Abi.EFD_CLOEXEC();
        for (Option option : options) {
            flags |= option.bit;
        }
        int fd = EventFdCalls.create(initial, flags);
        if (fd < 0) {
            throw new UringException("eventfd", fd);
        }
        return new EventFd(fd);
    }

    /**
     * The descriptor, such as to poll or read it by a ring. It belongs to this object: don't close it.
     *
     * @return the descriptor
     * @throws IllegalStateException if it is closed
     */
    public int fd() {
        if (isClosed()) {
            throw closedException();
        }
        return fd;
    }

    MemorySegment number() {
        return number;
    }

    /**
     * Adds to the counter, which wakes whoever waits for it. When the sum would be above 2⁶⁴ − 2, waits
     * until a read has made room, unless the eventfd is non-blocking.
     *
     * @param value from 1
     * @throws UringException with EAGAIN if the counter would overflow and the eventfd is non-blocking
     * @throws IllegalStateException if it is closed, now or during the wait
     */
    public void write(long value) throws UringException {
        if (value < 1) {
            throw new IllegalArgumentException("value " + value + " is not from 1 on");
        }
        enter();
        MemorySegment memory = value == 1 ? ONE : takeValue();
        try {
            if (value != 1) {
                memory.set(ValueLayout.JAVA_LONG, 0, value);
            }
            int result;
            do {
                result = EventFdCalls.write(fd, memory);
            } while (Errno.EINTR.is(result) && !isClosed());
            if (Errno.EINTR.is(result)) {
                throw closedException();
            }
            if (result < 0) {
                throw refused("write(eventfd)", result);
            }
        } finally {
            if (value != 1) {
                idleValue.set(memory);
            }
            exit();
        }
    }

    /**
     * Takes from the counter: all of it, or one with {@link Option#SEMAPHORE}. Waits while it is empty,
     * unless the eventfd is non-blocking.
     *
     * @return what was taken, an unsigned number; 0 if it is non-blocking and the counter was empty
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if it is closed, now or during the wait
     */
    public long read() throws UringException {
        enter();
        MemorySegment memory = takeValue();
        try {
            int result;
            do {
                result = EventFdCalls.read(fd, memory);
            } while (Errno.EINTR.is(result) && !isClosed());
            if (isClosed()) {
                // What was taken may be what close has written.
                throw closedException();
            }
            if (Errno.EAGAIN.is(result)) {
                return 0;
            }
            if (result < 0) {
                throw refused("read(eventfd)", result);
            }
            return memory.get(ValueLayout.JAVA_LONG, 0);
        } finally {
            idleValue.set(memory);
            exit();
        }
    }

    /**
     * Waits until the counter isn't empty. Takes nothing from it.
     *
     * @param timeoutNanos how long to wait at most, in nanoseconds, rounded up to whole milliseconds; not negative
     * @return whether there is something to read
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if it is closed, now or during the wait
     */
    public boolean await(long timeoutNanos) throws UringException {
        if (timeoutNanos < 0) {
            throw new IllegalArgumentException("timeout of " + timeoutNanos + " ns is negative");
        }
        // May overflow: only its difference from the clock is used.
        long deadline = System.nanoTime() + timeoutNanos;
        long left = timeoutNanos;
        enter();
        try {
            while (true) {
                int ready = Libc.poll(fd, PollEvents.IN, wholeMillis(left));
                if (isClosed()) {
                    throw closedException();
                }
                if (ready == NOT_OPEN) {
                    throw refused("poll(eventfd)", Errno.EBADF.number());
                }
                if (ready > 0) {
                    return true;
                }
                if (ready < 0 && !Errno.EINTR.is(ready)) {
                    throw refused("poll(eventfd)", ready);
                }
                left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
            }
        } finally {
            exit();
        }
    }

    private static int wholeMillis(long nanos) {
        long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    private MemorySegment takeValue() {
        MemorySegment memory = idleValue.getAndSet(null);
        return memory == null ? Arena.ofAuto().allocate(ValueLayout.JAVA_LONG) : memory;
    }

    /** Claims the descriptor for a call: it isn't closed before {@link #exit}. */
    void enter() {
        int seen;
        do {
            seen = users.get();
            if (seen < 0) {
                throw closedException();
            }
        } while (!users.compareAndSet(seen, seen + 1));
    }

    void exit() {
        int seen = users.get();
        if (seen < 0 && (seen & ~CLOSED) > 1) {
            // This call may have taken what was to wake the next.
            wakeOne();
        }
        if (users.decrementAndGet() == CLOSED) {
            Libc.close(fd);
        }
    }

    /** {@return whether {@link #close} was called} */
    public boolean isClosed() {
        return users.get() < 0;
    }

    private static IllegalStateException closedException() {
        return new IllegalStateException("eventfd is closed");
    }

    private static UringException refused(String call, int errno) {
        return Errno.EBADF.number() == Math.abs(errno)
                ? new UringException(call, errno, "The descriptor was closed behind the back of its EventFd")
                : new UringException(call, errno);
    }

    /** Closes it. Threads that wait for it are woken, with an exception. Closing twice does nothing. */
    @Override
    public void close() {
        int seen;
        do {
            seen = users.get();
            if (seen < 0) {
                return;
            }
            // Its own claim keeps the descriptor open while the others are woken, by exit.
        } while (!users.compareAndSet(seen, (seen + 1) | CLOSED));
        exit();
    }

    /**
     * Lets a call that waits go on; the others are woken by its {@link #exit}. Writers need room, readers
     * and pollers need something to read. Should another call come between and make this one wait, then the
     * exit of that call ends it.
     */
    private void wakeOne() {
        if (Libc.poll(fd, PollEvents.IN, 0) > 0) {
            EventFdCalls.read(fd, takeValue());
        }
        EventFdCalls.write(fd, ONE);
    }

    /** {@return the descriptor, or that it is closed, for a person who debugs} */
    @Override
    public String toString() {
        return isClosed() ? "EventFd[closed]" : "EventFd[fd=" + fd + "]";
    }
}
