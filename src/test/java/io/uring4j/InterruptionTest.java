package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;

/** Signals to a thread that uses a ring, as profilers send them. */
class InterruptionTest {
    /** A way to wait for the completion of a read that is pending, and not submitted yet. */
    @FunctionalInterface
    private interface Wait {
        void on(Ring ring) throws IOException;
    }

    @BeforeAll
    static void handleTheSignal() {
        Posix.handleByDoingNothing(Posix.SIGUSR1);
    }

    @OverRingKinds
    void waitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> {
            ring.submit();
            ring.waitFor(1);
        });
    }

    @OverRingKinds
    void timedWaitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> {
            ring.submit();
            assertThat(ring.waitFor(1, 10 * Completion.PATIENCE_NANOS)).isTrue();
        });
    }

    @OverRingKinds
    void submitAndWaitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> ring.submitAndWait(1));
    }

    @OverRingKinds
    void submitAndWaitWithNothingPendingIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> {
            ring.submit();
            ring.submitAndWait(1);
        });
    }

    @OverRingKinds
    void timedSubmitAndWaitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> ring.submitAndWait(1, 10 * Completion.PATIENCE_NANOS));
    }

    private static void assertResumed(RingKind kind, Wait wait) throws Exception {
        try (Pipe pipe = new Pipe();
                Arena arena = Arena.ofShared()) {
            Ring[] opened = {null};
            OtherThread<Completion> waiter = OtherThread.start(() -> {
                try (Ring ring = kind.open(4)) {
                    opened[0] = ring;
                    ring.submissions().next().read(pipe.readEnd(), arena.allocate(16), 16, -1).userData(3);
                    wait.on(ring);
                    assertThat(ring.completions().ready()).isEqualTo(1);
                    return Completion.takeOne(ring);
                }
            });
            waiter.awaitInsideEnter();
            Waiting.until("ten waits were interrupted", () -> {
                Posix.signalThread(waiter.kernelId(), Posix.SIGUSR1);
                return waiter.isDone() || opened[0].stats().interruptions() >= 10;
            });
            assertThat(waiter.isDone()).as("done too early").isFalse();
            pipe.write("at last");

            assertThat(waiter.result()).isEqualTo(new Completion(3, 7, 0));
        }
    }

    @OverRingKinds
    void stormOfSignalsLosesNothing(RingKind kind) throws Exception {
        int rounds = 2_000;
        AtomicInteger finished = new AtomicInteger();
        try (Pipe pipe = new Pipe();
                Arena arena = Arena.ofShared()) {
            OtherThread<Long> worker = OtherThread.start(() -> {
                try (Ring ring = kind.open(8)) {
                    MemorySegment buffer = arena.allocate(16);
                    for (int i = 0; i < rounds; i++) {
                        ring.submissions().next().nop().userData(1);
                        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
                        ring.submissions().next().read(pipe.readEnd(), buffer, 1, -1).userData(2);
                        ring.submit();
                        ring.waitFor(1);
                        assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(2, 1, 0));
                        finished.setRelease(i + 1);
                    }
                    assertThat(ring.stats().submitted()).isEqualTo(2L * rounds);
                    assertThat(ring.stats().completed()).isEqualTo(2L * rounds);
                    return ring.stats().interruptions();
                }
            });
            int thread = worker.kernelId();
            for (int written = 0; written < rounds; written++) {
                if (written % 100 == 0) {
                    // So that some signals meet the wait for certain, not the way there.
                    worker.awaitInsideEnter();
                }
                for (int i = 0; i < 5 && !worker.isDone(); i++) {
                    Posix.signalThread(thread, Posix.SIGUSR1);
                }
                pipe.write("x");
                while (finished.getAcquire() <= written && !worker.isDone()) {
                    Thread.onSpinWait();
                }
            }
            assertThat(worker.result()).as("interruptions").isPositive();
        }
    }
}
