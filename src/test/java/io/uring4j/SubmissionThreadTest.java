package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** SQPOLL: a kernel thread that takes entries, sleeps when there are none, and is woken. */
class SubmissionThreadTest {
    private static boolean sleeps(Ring ring) {
        return (ring.submissions().kernelFlags() & SqFlags.NEED_WAKEUP) != 0;
    }

    @Test
    void threadFallsAsleepAndIsWoken() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(1))) {
            for (int i = 0; i < 5; i++) {
                Waiting.until("the thread sleeps", () -> sleeps(ring));
                assertThat(ring.stats().wakeUps()).isEqualTo(i);
                ring.submissions().next().nop().userData(i);
                ring.submit();
                assertThat(ring.stats().wakeUps()).isEqualTo(i + 1);
                assertThat(Completion.takeOne(ring).userData()).isEqualTo(i);
            }
        }
    }

    @Test
    void threadThatIsAwakeNeedsNoCall() throws IOException {
        // Idle for longer than any test lasts.
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(600_000))) {
            // A new thread goes to sleep before its first entry, however long it may idle.
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
            RingStats before = ring.stats();

            for (int i = 0; i < 100; i++) {
                ring.submissions().next().nop().userData(i);
                ring.submit();
                Waiting.until("the thread has run it", () -> ring.completions().ready() == 1);
                assertThat(Completion.takeReady(ring).getFirst().userData()).isEqualTo(i);
            }
            assertThat(ring.stats().enters()).isEqualTo(before.enters());
            assertThat(ring.stats().wakeUps()).isEqualTo(before.wakeUps());
            assertThat(ring.stats().submitted()).isEqualTo(before.submitted() + 100);
        }
    }

    @Test
    void submitTellsHowManyEntriesItHandedOver() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(600_000))) {
            for (int i = 0; i < Rounds.of(20_000); i++) {
                ring.submissions().next().nop();
                ring.submissions().next().nop();
                // However fast the thread takes them.
                assertThat(ring.submit()).isEqualTo(2);
                Completion.take(ring, 2);
            }
        }
    }

    @Test
    void threadMayBeBoundToACpu() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(10).submissionThreadCpu(0))) {
            assertThat(ring.flags()).contains(SetupFlag.SQPOLL, SetupFlag.SQ_AFF);
            ring.submissions().next().nop().userData(5);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(5);
        }
    }

    @Test
    void threadMayBeShared() throws IOException {
        try (Ring first = Ring.open(RingConfig.plain(8).submissionThread(10));
                Ring second = Ring.open(RingConfig.plain(8).submissionThread(10).sharedWorkers(first))) {
            for (int i = 0; i < 100; i++) {
                first.submissions().next().nop().userData(i);
                second.submissions().next().nop().userData(-i);
                first.submit();
                second.submit();
                assertThat(Completion.takeOne(first).userData()).isEqualTo(i);
                assertThat(Completion.takeOne(second).userData()).isEqualTo(-i);
            }
        }
    }

    @Test
    void noSubmissionIsLostAcrossIdlePauses() throws Exception {
        submitWithPauses(Rounds.of(20_000));
    }

    @Test
    @Tag("soak")
    void noSubmissionIsLostAcrossManyIdlePauses() throws Exception {
        submitWithPauses(1_000_000);
    }

    /**
     * Pauses of about the time after which the thread falls asleep, so that this and publishing meet as often as
     * possible. The time depends on the kernel's tick, so it is felt for: longer while the thread is met awake.
     */
    private static void submitWithPauses(int count) throws Exception {
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(1))) {
            long pause = 1_000_000;
            long sleeps = 0;
            long patience = System.nanoTime() + 30_000_000_000L;
            int i = 0;
            for (; i < count || sleeps == 0 && System.nanoTime() < patience; i++) {
                boolean pausing = i % 50 == 0;
                if (pausing) {
                    spin(pause);
                }
                ring.submissions().next().nop().userData(i);
                assertThat(ring.submit()).isOne();
                if (pausing) {
                    boolean asleep = ring.stats().wakeUps() > sleeps;
                    pause = Math.clamp(asleep ? pause / 16 * 15 : pause / 15 * 16, 500_000, 50_000_000);
                }
                sleeps = ring.stats().wakeUps();
                assertThat(Completion.takeOne(ring).userData()).isEqualTo(i);
            }
            assertThat(ring.stats().completed()).isEqualTo(i);
            assertThat(sleeps).as("times that the thread was met asleep").isPositive();
        }
    }

    private static void spin(long nanos) {
        for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
            Thread.onSpinWait();
        }
    }
}
