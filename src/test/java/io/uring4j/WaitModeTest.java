package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Waits until a point in time, for batches, for room, and without counting as I/O wait. */
class WaitModeTest {
    private static final long MILLI = 1_000_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds
    void waitEndsAtAPointInTime(RingKind kind) throws IOException {
        Needs.kernelWith(EnterFlag.ABS_TIMER);
        try (Ring ring = kind.open(4)) {
            long deadline = Clocks.MONOTONIC.now().toNanos() + 3 * MILLI;
            assertThat(ring.waitUntil(1, deadline)).isFalse();
            assertThat(Clocks.MONOTONIC.now().toNanos()).isGreaterThanOrEqualTo(deadline);
            assertThat(ring.waitUntil(1, deadline)).as("a point in the past").isFalse();

            ring.submissions().next().nop().userData(3);
            ring.submit();
            assertThat(ring.waitUntil(1, deadline + Completion.PATIENCE_NANOS)).isTrue();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(3, 0, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> ring.waitUntil(1, -1));
        }
    }

    @OverRingKinds
    void waitUntilAPointInTimeEndsWithTheCompletion(RingKind kind) throws Exception {
        Needs.kernelWith(EnterFlag.ABS_TIMER);
        OtherThread<Boolean> waiting = OtherThread.start(() -> {
            try (Ring ring = kind.open(4)) {
                ring.submissions().next().read(pipe.readEnd(), arena.allocate(8), 8, -1);
                ring.submit();
                return ring.waitUntil(1, Clocks.MONOTONIC.now().toNanos() + Completion.PATIENCE_NANOS);
            }
        });
        waiting.awaitInsideEnter();
        pipe.write("x");

        assertThat(waiting.result()).isTrue();
    }

    @OverRingKinds
    void batchGetsItsMinimumTimeAndNoMore(RingKind kind) throws IOException {
        Needs.kernelWith(Feature.MIN_TIMEOUT);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop();
            ring.submit();
            ring.waitFor(1);
            long start = System.nanoTime();
            assertThat(ring.waitForBatch(4, Completion.PATIENCE_NANOS, 5000)).isEqualTo(1);
            assertThat(System.nanoTime() - start).isBetween(5 * MILLI, Completion.PATIENCE_NANOS / 2);
            Completion.takeOne(ring);

            start = System.nanoTime();
            assertThat(ring.waitForBatch(4, 8 * MILLI, 2000)).as("nothing comes").isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(8 * MILLI);
        }
    }

    @OverRingKinds
    void fullBatchEndsTheWaitAtOnce(RingKind kind) throws IOException {
        Needs.kernelWith(Feature.MIN_TIMEOUT);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop();
            ring.submissions().next().nop();
            ring.submit();
            long start = System.nanoTime();

            assertThat(ring.waitForBatch(2, Completion.PATIENCE_NANOS, 10_000_000)).isEqualTo(2);
            assertThat(System.nanoTime() - start).isLessThan(5_000 * MILLI);
        }
    }

    @OverRingKinds
    void waitWorksWithoutCountingAsIoWait(RingKind kind) throws IOException {
        Needs.kernelWith(EnterFlag.NO_IOWAIT);
        try (Ring ring = kind.open(4)) {
            for (boolean counted : new boolean[] {false, true}) {
                ring.countIoWait(counted);
                assertThat(ring.waitFor(1, MILLI)).isFalse();
                ring.submissions().next().nop().userData(1);
                ring.submitAndWait(1);
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, 0, 0));
            }
        }
    }

    @Test
    void submissionThreadMakesRoom() throws IOException {
        int entries = 1000;
        int[] ended = {0};
        try (Ring ring = RingKind.SUBMISSION_THREAD.open(4)) {
            for (int prepared = 0; prepared < entries; ) {
                while (ring.submissions().spaceLeft() > 0) {
                    ring.submissions().next().nop();
                    prepared++;
                }
                assertThat(ring.waitForSpace()).isBetween(1, 4);
                ring.peek();
                ring.completions().drain((userData, result, flags) -> ended[0]++);
            }
            Waiting.until("all have ended", () -> {
                ring.peek();
                ring.completions().drain((userData, result, flags) -> ended[0]++);
                return ended[0] >= entries;
            });
        }
    }

    @Test
    void onlyASubmissionThreadMakesRoomByItself() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            assertThatIllegalStateException().isThrownBy(ring::waitForSpace);
        }
    }
}
