package io.uring4j.bench.notify;

import io.uring4j.CompletionHandler;
import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Timespec;
import io.uring4j.notify.EventFd;
import io.uring4j.notify.EventFdRegistration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Registers an eventfd with a ring and unregisters it, and times one of the two. The twin of eventfd.c. */
@State(Scope.Thread)
public class EventFdBenchmark {
    /** The size of the submission queue. */
    public static final int ENTRIES = 512;

    /**
     * Timers start again, outside of what is timed, when all have expired: else each of them would come to interrupt
     * the processor by itself, and the interrupts would be measured instead of the calls.
     */
    private static final int CALLS_PER_LOOK = 64;

    /** What is timed. */
    public enum Operation {
        REGISTER,
        UNREGISTER
    }

    @Param("REGISTER")
    public Operation operation;

    /** How many reads of another eventfd are in flight, which don't end. */
    @Param("0")
    public int reads;

    /** How many timers are in flight. */
    @Param("0")
    public int timers;

    /** How long a timer takes. */
    @Param("1000")
    public int micros;

    private final CompletionHandler restart = this::restart;
    private final Arena arena = Arena.ofShared();
    private Ring ring;
    private EventFd eventFd;
    private EventFdRegistration registration;
    private EventFd silent;
    private MemorySegment period;
    private int calls;

    /** Opens the ring on the thread that will own it, and starts what shall be in flight. */
    @Setup
    public void open() throws IOException {
        ring = Ring.open(RingConfig.best(ENTRIES));
        eventFd = EventFd.create(0, EventFd.Option.NON_BLOCKING);
        period = Timespec.of(arena, Duration.ofNanos(micros * 1000L));
        silent = EventFd.create(0);
        MemorySegment counter = arena.allocate(Long.BYTES);
        for (int i = 0; i < reads; i++) {
            ring.submissions().next().read(silent.fd(), counter, Long.BYTES, 0);
        }
        for (int i = 0; i < timers; i++) {
            startTimer();
        }
        ring.submit();
    }

    private void startTimer() {
        ring.submissions().next().timeout(period, 0, 0);
    }

    @TearDown
    public void close() throws IOException {
        ring.close();
        eventFd.close();
        silent.close();
        arena.close();
    }

    /** Makes ready what is timed. */
    @Setup(Level.Invocation)
    public void prepare() throws IOException {
        if (operation == Operation.UNREGISTER) {
            register();
        }
    }

    @Benchmark
    public EventFdRegistration change() throws IOException {
        if (operation == Operation.REGISTER) {
            register();
        } else {
            registration.close();
        }
        return registration;
    }

    private void register() throws IOException {
        registration = EventFdRegistration.register(ring, eventFd);
    }

    /** Undoes what was timed, and keeps the timers going. */
    @TearDown(Level.Invocation)
    public void undo() throws IOException {
        if (operation == Operation.REGISTER) {
            registration.close();
        }
        if (timers > 0 && ++calls % CALLS_PER_LOOK == 0 && ring.peek() > 0) {
            ring.waitFor(timers);
            ring.completions().drain(restart);
            ring.submit();
        }
    }

    private void restart(long userData, int result, int flags) {
        if (!Errno.ETIME.is(result)) {
            throw new IllegalStateException("timer ended with " + result);
        }
        startTimer();
    }
}
