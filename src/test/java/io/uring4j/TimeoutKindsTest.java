package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;

/** Timeouts that are changed, repeat, or count by other clocks. */
class TimeoutKindsTest {
    private static final Duration SHORT = Duration.ofMillis(3);
    private static final Duration LONG = Duration.ofHours(1);
    private static final int RAN_OUT = -Errno.ETIME.number();
    private static final int CANCELLED = -Errno.ECANCELED.number();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private MemorySegment time(Duration time) {
        return Timespec.of(arena, time);
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void pointInTimeIsReachedOnEachClock(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_CLOCK);
        try (Ring ring = kind.open(8)) {
            for (Clocks clock : Clocks.values()) {
                Duration end = clock.now().plus(SHORT);
                ring.submissions().next().timeout(time(end), 0, TimeoutFlags.ABSOLUTE | clock.flag);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(RAN_OUT);
                assertThat(clock.now()).isGreaterThanOrEqualTo(end);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void lengthOfTimePassesOnEachClock(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_CLOCK);
        try (Ring ring = kind.open(8)) {
            for (Clocks clock : Clocks.values()) {
                Duration start = clock.now();
                ring.submissions().next().timeout(time(SHORT), 0, clock.flag);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(RAN_OUT);
                assertThat(clock.now().minus(start)).isGreaterThanOrEqualTo(SHORT);
            }
            ring.submissions().next().timeout(time(SHORT), 0, TimeoutFlags.BOOTTIME | TimeoutFlags.REALTIME);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("two clocks").isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    @Covers({Opcode.TIMEOUT, Opcode.TIMEOUT_REMOVE})
    void timeoutMayBeShortened(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_UPDATE);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().timeout(time(LONG), 0, 0).userData(1);
            ring.submit();
            long start = System.nanoTime();
            ring.submissions().next().timeoutUpdate(time(SHORT), 1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(2, 0, 0), new Completion(1, RAN_OUT, 0));
            assertThat(System.nanoTime() - start).isBetween(SHORT.toNanos(), Duration.ofMinutes(1).toNanos());
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT_REMOVE)
    void timeoutMayBeChangedToAPointInTime(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_UPDATE);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().timeout(time(LONG), 0, 0).userData(1);
            ring.submissions()
                    .next()
                    .timeoutUpdate(time(Clocks.MONOTONIC.now().plus(SHORT)), 1, TimeoutFlags.ABSOLUTE)
                    .userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(2, 0, 0), new Completion(1, RAN_OUT, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT_REMOVE)
    void timeoutMayBeProlonged(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_UPDATE);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().timeout(time(Duration.ofSeconds(10)), 0, 0).userData(1);
            ring.submissions().next().timeoutUpdate(time(LONG), 1, 0).userData(2);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, 0, 0));
            assertThat(ring.waitFor(1, SHORT.toNanos())).isFalse();
            ring.submissions().next().timeoutRemove(1).userData(3);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(3, 0, 0), new Completion(1, CANCELLED, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT_REMOVE)
    void unknownTimeoutCanBeNeitherChangedNorRemoved(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_UPDATE);
        try (Ring ring = kind.open(8);
                Pipe pipe = new Pipe()) {
            ring.submissions().next().read(pipe.readEnd(), arena.allocate(8), 8, -1).userData(77);
            ring.submissions().next().timeoutUpdate(time(SHORT), 77, 0).userData(1);
            ring.submissions().next().timeoutRemove(77).userData(2);
            ring.submissions().next().timeoutRemove(78).userData(3);
            int missing = -Errno.ENOENT.number();
            assertThat(Completion.submitAndTake(ring, 3))
                    .containsExactly(
                            new Completion(1, missing, 0),
                            new Completion(2, missing, 0),
                            new Completion(3, missing, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void repeatedTimeoutFiresAsOftenAsItCounts(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_MULTISHOT);
        try (Ring ring = kind.open(8)) {
            ring.submissions()
                    .next()
                    .timeout(time(Duration.ofMillis(1)), 5, TimeoutFlags.MULTISHOT)
                    .userData(1);
            ring.submit();
            Completion first = Completion.takeOne(ring);
            assertThat(first).isEqualTo(new Completion(1, RAN_OUT, Cqe.MORE));
            List<Completion> others = Completion.take(ring, 4);
            assertThat(others.subList(0, 3)).containsOnly(new Completion(1, RAN_OUT, Cqe.MORE));
            assertThat(others.getLast()).as("the last").isEqualTo(new Completion(1, RAN_OUT, 0));
            assertThat(ring.waitFor(1, SHORT.toNanos())).isFalse();
        }
    }

    @OverRingKinds
    @Covers({Opcode.TIMEOUT, Opcode.TIMEOUT_REMOVE})
    void repeatedTimeoutWithoutCountFiresUntilItIsRemoved(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_MULTISHOT);
        try (Ring ring = kind.open(8)) {
            ring.submissions()
                    .next()
                    .timeout(time(Duration.ofMillis(1)), 0, TimeoutFlags.MULTISHOT)
                    .userData(1);
            for (int i = 0; i < 10; i++) {
                Completion completion = i == 0 ? Completion.submitAndTakeOne(ring) : Completion.takeOne(ring);
                assertThat(completion).isEqualTo(new Completion(1, RAN_OUT, Cqe.MORE));
            }
            Completion last = null;
            boolean removed = false;
            remove(ring);
            while (!removed || last == null) {
                Completion completion = Completion.takeOne(ring);
                if (completion.userData() == 2) {
                    removed = completion.result() == 0;
                    if (!removed) {
                        // The moment in which it fires, and isn't to be found.
                        assertThat(completion.error()).isIn(Errno.ENOENT, Errno.EALREADY);
                        remove(ring);
                    }
                } else if (Cqe.hasMore(completion.flags())) {
                    assertThat(completion).isEqualTo(new Completion(1, RAN_OUT, Cqe.MORE));
                } else {
                    last = completion;
                }
            }
            assertThat(last).isEqualTo(new Completion(1, CANCELLED, 0));
            assertThat(ring.waitFor(1, SHORT.toNanos())).isFalse();
        }
    }

    private static void remove(Ring ring) throws UringException {
        ring.submissions().next().timeoutRemove(1).userData(2);
        ring.submit();
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void timeMayLieInTheEntry(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_IN_ENTRY);
        try (Ring ring = kind.open(8)) {
            long start = System.nanoTime();
            ring.submissions().next().timeoutNanos(SHORT.toNanos(), 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(RAN_OUT);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT_REMOVE)
    void newTimeMayLieInTheEntry(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_IN_ENTRY);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().timeout(time(LONG), 0, 0).userData(1);
            ring.submit();
            ring.submissions().next().timeoutUpdateNanos(SHORT.toNanos(), 1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(2, 0, 0), new Completion(1, RAN_OUT, 0));
        }
    }

    /** What timeout points at need only stay until the submission. */
    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    @Covers(Opcode.TIMEOUT)
    void timespecMayChangeAfterTheSubmission(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            MemorySegment time = time(SHORT);
            ring.submissions().next().timeout(time, 0, 0);
            ring.submit();
            Timespec.set(time, LONG);
            assertThat(Completion.takeOne(ring).result()).isEqualTo(RAN_OUT);
        }
    }
}
