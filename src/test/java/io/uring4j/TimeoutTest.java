package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.abi.__kernel_timespec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;

/** TIMEOUT. */
class TimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(2);
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void timeoutThatRunsOutEndsWithEtime(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            long start = System.nanoTime();
            ring.submissions().next().timeout(Timespec.of(arena, SHORT), 0, 0).userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, -Errno.ETIME.number(), 0));
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
        }
    }

    @OverRingKinds
    void timeoutEndsWithZeroAfterSoManyCompletions(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().timeout(Timespec.of(arena, LONG), 2, 0).userData(1);
            ring.submit();
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(2);
            assertThat(ring.waitFor(1, SHORT.toNanos())).as("after one").isFalse();
            ring.submissions().next().nop().userData(3);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(3, 0, 0), new Completion(1, 0, 0));
        }
    }

    @OverRingKinds
    void absoluteTimeoutOfThePastRunsOutAtOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            MemorySegment past = Timespec.of(arena, Duration.ofNanos(1));
            ring.submissions().next().timeout(past, 0, TimeoutFlags.ABSOLUTE);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ETIME);
        }
    }

    @OverRingKinds
    // Far apart: of those that the kernel meets together, after a pause of the machine, 6.1 tells in reverse order.
    void shorterTimeoutRunsOutFirst(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().timeout(Timespec.of(arena, Duration.ofMillis(200)), 0, 0).userData(200);
            ring.submissions().next().timeout(Timespec.of(arena, Duration.ofMillis(2)), 0, 0).userData(2);
            ring.submissions().next().timeout(Timespec.of(arena, Duration.ofMillis(50)), 0, 0).userData(50);
            assertThat(Completion.submitAndTake(ring, 3)).extracting(Completion::userData).containsExactly(2L, 50L, 200L);
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT_REMOVE)
    void timeoutThatIsRemovedEndsCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().timeout(Timespec.of(arena, LONG), 0, 0).userData(1);
            ring.submit();
            ring.submissions().next().timeoutRemove(1).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(1, -Errno.ECANCELED.number(), 0), new Completion(2, 0, 0));
            ring.submissions().next().timeoutRemove(1);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
        }
    }

    @OverRingKinds
    void invalidTimeIsReported(RingKind kind) throws IOException {
        Needs.kernelWith("the refusal of a timeout's negative time", Opcode.MSG_RING);
        try (Ring ring = kind.open(4)) {
            MemorySegment time = Timespec.of(arena, SHORT);
            __kernel_timespec.tv_nsec(time, -1);
            ring.submissions().next().timeout(time, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }
}
