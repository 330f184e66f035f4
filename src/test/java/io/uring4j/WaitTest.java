package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Waiting for completions, with and without a limit of time. */
class WaitTest {
    private static final long SHORT_NANOS = 2_000_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds
    void timedWaitEndsWithoutCompletions(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            assertThat(ring.waitFor(1, 0)).isFalse();
            assertThat(ring.completions().ready()).isZero();
        }
    }

    @OverRingKinds
    void timedSubmitAndWaitEndsWhileTheRequestGoesOn(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            MemorySegment buffer = arena.allocate(16);
            ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1).userData(7);

            assertThat(ring.submitAndWait(1, SHORT_NANOS)).isEqualTo(1);
            assertThat(ring.completions().ready()).isZero();
            assertThat(ring.submitAndWait(1, SHORT_NANOS)).as("with nothing pending").isZero();
            assertThat(ring.completions().ready()).isZero();

            pipe.write("late");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(7, 4, 0));
            assertThat(Text.of(buffer, 4)).isEqualTo("late");
        }
    }

    @OverRingKinds
    void timedWaitTellsThatOnlySomeCame(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop();
            ring.submissions().next().read(pipe.readEnd(), arena.allocate(16), 16, -1);
            ring.submit();

            // A submission thread may take longer than the short time to come to the NOP.
            assertThat(ring.waitFor(1, Completion.PATIENCE_NANOS)).isTrue();
            assertThat(ring.waitFor(2, SHORT_NANOS)).isFalse();
            assertThat(ring.completions().ready()).isEqualTo(1);
            pipe.write("x");
            assertThat(ring.waitFor(2, Completion.PATIENCE_NANOS)).isTrue();
            assertThat(ring.completions().ready()).isEqualTo(2);
        }
    }

    @OverRingKinds
    void waitEndsWhenAnotherThreadMakesTheCompletionHappen(RingKind kind) throws Exception {
        OtherThread<Completion> waiter = OtherThread.start(() -> {
            try (Ring ring = kind.open(4)) {
                ring.submissions().next().read(pipe.readEnd(), arena.allocate(16), 16, -1).userData(3);
                ring.submit();
                ring.waitFor(1);
                return Completion.takeReady(ring).getFirst();
            }
        });
        waiter.awaitInsideEnter();
        pipe.write("now");

        assertThat(waiter.result()).isEqualTo(new Completion(3, 3, 0));
    }

    @OverRingKinds
    void submitAndWaitEndsWhenAnotherThreadMakesTheCompletionHappen(RingKind kind) throws Exception {
        OtherThread<Integer> waiter = OtherThread.start(() -> {
            try (Ring ring = kind.open(4)) {
                ring.submissions().next().read(pipe.readEnd(), arena.allocate(16), 16, -1);
                ring.submissions().next().nop();
                ring.submitAndWait(2);
                return ring.completions().ready();
            }
        });
        waiter.awaitInsideEnter();
        pipe.write("now");

        assertThat(waiter.result()).isEqualTo(2);
    }

    @OverRingKinds
    void longestTimeDoesNotOverflow(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            MemorySegment timespec = Timespec.of(arena, Duration.ofNanos(SHORT_NANOS));
            ring.submissions().next().timeout(timespec, 0, 0);
            ring.submit();
            assertThat(ring.waitFor(1, Long.MAX_VALUE)).isTrue();
            ring.submissions().next().timeout(timespec, 0, 0);
            assertThat(ring.submitAndWait(2, Long.MAX_VALUE)).isEqualTo(1);
            assertThat(ring.completions().ready()).isEqualTo(2);
        }
    }

    @OverRingKinds
    void waitInTheMiddleOfABatchSleepsUntilMoreCome(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            CompletionQueue completions = ring.completions();
            ring.submissions().next().nop();
            ring.submissions().next().nop();
            ring.submitAndWait(2);
            assertThat(completions.next()).isTrue();
            assertThat(completions.next()).isTrue();

            long enters = ring.stats().enters();
            assertThat(ring.waitFor(1, 10 * SHORT_NANOS)).as("both were read").isFalse();
            assertThat(ring.stats().enters() - enters).as("calls").isLessThanOrEqualTo(3);
            ring.submissions().next().nop().userData(3);
            assertThat(ring.submitAndWait(1)).isOne();
            assertThat(Completion.takeOne(ring).userData()).isEqualTo(3);
        }
    }

    @Test
    void waitForMoreThanIsLeftBesideUnreleasedOnesIsRefused() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(2).completionEntries(4))) {
            ring.submissions().next().nop();
            ring.submitAndWait(1);
            assertThat(ring.completions().next()).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(() -> ring.waitFor(4, SHORT_NANOS))
                    .withMessageContaining("release");
            ring.completions().release();
            assertThat(ring.waitFor(4, SHORT_NANOS)).isFalse();
        }
    }

    @Test
    void completionsMayBeReapedByAnotherThreadThanTheSubmitter() throws Exception {
        try (Ring ring = RingKind.PLAIN.open(64)) {
            int count = Rounds.of(50_000);
            OtherThread<Long> reaper = OtherThread.start(() -> {
                long[] next = {0};
                while (next[0] < count) {
                    ring.waitFor(1, Completion.PATIENCE_NANOS);
                    ring.completions().drain((userData, result, flags) -> assertThat(userData).isEqualTo(next[0]++));
                }
                return next[0];
            });
            for (int i = 0; i < count; ) {
                for (int room = ring.submissions().spaceLeft(); room > 0 && i < count; room--) {
                    ring.submissions().next().nop().userData(i++);
                }
                ring.submit();
            }
            Waiting.until("all are submitted", () -> {
                ring.submit();
                return ring.submissions().pending() == 0;
            });
            assertThat(reaper.result()).isEqualTo(count);
        }
    }
}
