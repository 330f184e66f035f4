package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.notify.Descriptors;
import io.uring4j.notify.EventFd;
import io.uring4j.notify.EventFdRegistration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One thread submits, one waits for the eventfd and reaps, and one registers and unregisters meanwhile: no completion
 * is slept past. Entries of three sorts, because they complete in different places of the kernel: during their
 * submission, in a worker, and by a timer.
 */
class EventFdChurnTest {
    private static final int MOST_IN_FLIGHT = 512;

    @Test
    void nothingIsMissedInAMillionCompletionsWhileTheRegistrationChanges() throws Exception {
        run(Rounds.of(1_000_000));
    }

    @Test
    @Tag("soak")
    void nothingIsMissedInTenMillionCompletionsWhileTheRegistrationChanges() throws Exception {
        run(10_000_000);
    }

    private static void run(int total) throws Exception {
        long before = Descriptors.count();
        try (Ring ring = Ring.open(RingConfig.plain(64).completionEntries(2 * MOST_IN_FLIGHT));
                EventFd eventFd = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            Reaper reaper = new Reaper(ring, total);
            OtherThread<Long> submitter = OtherThread.start(() -> submit(ring, total, reaper));
            OtherThread<Long> changer = OtherThread.start(() -> change(ring, eventFd, reaper));
            reaper.run(eventFd);
            assertThat(submitter.result()).isEqualTo(total);
            assertThat(changer.result()).as("changes").isGreaterThan(Rounds.of(100));
            assertThat(eventFd.await(1)).as("once the registration is gone and its last signal read").isFalse();
        }
        assertThat(Descriptors.count()).isEqualTo(before);
    }

    private static long submit(Ring ring, int total, Reaper reaper) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment moment = Timespec.of(arena, Duration.ofNanos(20_000));
            int next = 0;
            while (next < total && !reaper.failed) {
                while (next < total && next - reaper.reaped < most(next) && ring.submissions().spaceLeft() > 0) {
                    Sqe entry = ring.submissions().next();
                    switch (next & 15) {
                        case 5 -> entry.timeout(moment, 0, 0);
                        case 10 -> entry.nop().async();
                        default -> entry.nop();
                    }
                    entry.userData(next++);
                }
                if (ring.submit() == 0) {
                    Thread.yield();
                }
            }
            return next;
        }
    }

    /** Much at a time, and now and then so little that one signal that is missing would be the only one. */
    private static int most(int next) {
        return (next >> 6) % 64 == 0 ? 2 : MOST_IN_FLIGHT;
    }

    /**
     * Mostly as fast as it can. Now and then it pauses before it registers, and then rests until the registration
     * alone has brought progress.
     */
    private static long change(Ring ring, EventFd eventFd, Reaper reaper) throws IOException {
        long changes = 0;
        while (!reaper.isDone()) {
            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            int before = reaper.reaped;
            while (changes % 16 == 0 && reaper.reaped == before && !reaper.isDone()) {
                Thread.yield();
            }
            registration.close();
            changes++;
            if (changes % 16 == 0) {
                // Long enough for all that is in flight to complete without a signal.
                LockSupport.parkNanos(50_000);
            }
        }
        eventFd.read();
        return changes;
    }

    /** Waits, reads the eventfd, drains the queue; nothing else brings it to look at the queue. */
    private static final class Reaper {
        private final Ring ring;
        private final int total;
        private final BitSet seen;
        private volatile int reaped;
        private volatile boolean failed;

        Reaper(Ring ring, int total) {
            this.ring = ring;
            this.total = total;
            this.seen = new BitSet(total);
        }

        void run(EventFd eventFd) throws IOException {
            try {
                reap(eventFd);
            } finally {
                failed = reaped < total;
            }
        }

        private void reap(EventFd eventFd) throws IOException {
            while (reaped < total) {
                if (!eventFd.await(Completion.PATIENCE_NANOS)) {
                    throw new AssertionError("waiter wasn't woken after " + reaped + " for " + ring);
                }
                eventFd.read();
                int count = 0;
                while (ring.peek() > 0) {
                    count += ring.completions().drain((userData, result, flags) -> see((int) userData));
                }
                // The only writer.
                reaped = reaped + count;
            }
        }

        private void see(int entry) {
            if (seen.get(entry)) {
                throw new AssertionError("entry " + entry + " a second time");
            }
            seen.set(entry);
        }

        boolean isDone() {
            return reaped == total || failed;
        }
    }
}
