package io.uring4j.kernels;

import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Timespec;
import io.uring4j.notify.EventFd;
import io.uring4j.notify.EventFdRegistration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * How long it takes to register an eventfd and to unregister it, in nanoseconds: as the benchmark {@code eventfd} does it,
 * but for the load, which is timers alone. Before Linux 5.18 a change waits for what is in flight to end, so a read that
 * doesn't end would hold it up for ever.
 *
 * @param register each registration
 * @param unregister each unregistration
 */
record EventFdTimes(long[] register, long[] unregister) {
    /** How long a timer takes. */
    static final Duration PERIOD = Duration.ofMillis(5);

    static final int TIMERS = 16;
    private static final int ENTRIES = 64;
    private static final int TIMES = 200;
    private static final int FIRST_TIMES = 50;

    /**
     * Measures.
     *
     * @param busy whether timers are in flight at each change
     */
    static EventFdTimes measure(boolean busy) throws IOException {
        try (Arena arena = Arena.ofShared();
                EventFd eventFd = EventFd.create(0, EventFd.Option.NON_BLOCKING);
                Ring ring = Ring.open(RingConfig.best(ENTRIES))) {
            MemorySegment period = Timespec.of(arena, PERIOD);
            long[] register = new long[TIMES];
            long[] unregister = new long[TIMES];
            int inFlight = 0;
            for (int i = -FIRST_TIMES; i < TIMES; i++) {
                inFlight = busy ? startTimers(ring, period, inFlight) : 0;
                long start = System.nanoTime();
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
                long registered = System.nanoTime();
                inFlight = busy ? startTimers(ring, period, inFlight) : 0;
                long again = System.nanoTime();
                registration.close();
                long unregistered = System.nanoTime();
                if (i >= 0) {
                    register[i] = registered - start;
                    unregister[i] = unregistered - again;
                }
            }
            return new EventFdTimes(register, unregister);
        }
    }

    /** Starts those anew that have expired. */
    private static int startTimers(Ring ring, MemorySegment period, int inFlight) throws IOException {
        ring.peek();
        int left = inFlight - ring.completions().drain((userData, result, flags) -> {});
        for (; left < TIMERS; left++) {
            ring.submissions().next().timeout(period, 0, 0);
        }
        ring.submit();
        return left;
    }
}
