package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;

/**
 * Signals to a thread that uses a ring, as profilers send them. What waits is a receive: reads of pipes need a worker
 * before Linux 6.4, and the kernel cancels a request (ECANCELED) whose worker it can't start for a signal.
 */
class InterruptionTest {
    /** A way to wait for the completion of a receive that is pending, and not submitted yet. */
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
        kind.config(4); // skips here, not in the other thread
        try (Connection socket = Connection.local();
                Arena arena = Arena.ofShared()) {
            Ring[] opened = {null};
            OtherThread<Completion> waiter = OtherThread.start(() -> {
                try (Ring ring = kind.open(4)) {
                    opened[0] = ring;
                    ring.submissions().next().recv(socket.fd(), arena.allocate(16), 16, 0).userData(3);
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
            socket.peer().send("at last");

            assertThat(waiter.result()).isEqualTo(new Completion(3, 7, 0));
        }
    }

    @OverRingKinds
    void stormOfSignalsLosesNothing(RingKind kind) throws Exception {
        int rounds = Rounds.of(2_000);
        AtomicInteger finished = new AtomicInteger();
        kind.config(8);
        try (Connection socket = Connection.local();
                Arena arena = Arena.ofShared()) {
            OtherThread<Long> worker = OtherThread.start(() -> {
                try (Ring ring = kind.open(8)) {
                    MemorySegment buffer = arena.allocate(16);
                    for (int i = 0; i < rounds; i++) {
                        ring.submissions().next().nop().userData(1);
                        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
                        ring.submissions().next().recv(socket.fd(), buffer, 1, 0).userData(2);
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
                if (written % Math.max(1, rounds / 20) == 0) {
                    // So that some signals meet the wait for certain, not the way there.
                    worker.awaitInsideEnter();
                }
                for (int i = 0; i < 5 && !worker.isDone(); i++) {
                    Posix.signalThread(thread, Posix.SIGUSR1);
                }
                socket.peer().send("x");
                while (finished.getAcquire() <= written && !worker.isDone()) {
                    // Not a spin: the other thread may need this processor.
                    Thread.yield();
                }
            }
            // In few rounds it is a matter of luck whether a signal meets a wait.
            assertThat(worker.result()).as("interruptions").isGreaterThan(rounds < 1000 ? -1 : 0);
        }
    }
}
