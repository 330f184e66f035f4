package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Timed waits as they are before Linux 5.11, where a wait takes no timeout and the ring's descriptor is polled instead:
 * on this kernel, by rings that are told it lacks EXT_ARG.
 */
class WaitByPollTest {
    private static final long SHORT_NANOS = 2_000_000;
    private static final Capabilities OF_OLD_KERNEL = Needs.capabilities().without(Feature.EXT_ARG);

    @AutoClose
    private final Connection socket = Connection.local();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    /** The kinds of ring that such kernels have. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"PLAIN", "SUBMISSION_THREAD"})
    private @interface OverOldKinds {}

    /** A way to wait for the completion of a receive that is pending, and not submitted yet. */
    @FunctionalInterface
    private interface Wait {
        void on(Ring ring) throws IOException;
    }

    @BeforeAll
    static void handleTheSignal() {
        Posix.handleByDoingNothing(Posix.SIGUSR1);
    }

    private static Ring open(RingKind kind) throws IOException {
        return Ring.open(kind.config(4), OF_OLD_KERNEL);
    }

    private MemorySegment prepareReceive(Ring ring) {
        MemorySegment buffer = arena.allocate(16);
        ring.submissions().next().recv(socket.fd(), buffer, 16, 0).userData(3);
        return buffer;
    }

    @OverOldKinds
    void waitWithoutCompletionsTakesItsTime(RingKind kind) throws IOException {
        try (Ring ring = open(kind)) {
            long shortest = Long.MAX_VALUE;
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
                shortest = Math.min(shortest, System.nanoTime() - start);
            }
            // A busy machine may hold up some of them, but not all.
            assertThat(shortest).isBetween(SHORT_NANOS, 50 * SHORT_NANOS);

            assertThat(ring.waitFor(1, 0)).isFalse();
            assertThat(ring.stats().submitted()).as("entries of its own").isZero();
        }
    }

    @OverOldKinds
    void submitAndWaitEndsWhileTheRequestGoesOn(RingKind kind) throws IOException {
        try (Ring ring = open(kind)) {
            MemorySegment buffer = prepareReceive(ring);
            long start = System.nanoTime();
            assertThat(ring.submitAndWait(1, SHORT_NANOS)).isEqualTo(1);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT_NANOS);
            assertThat(ring.completions().ready()).isZero();
            assertThat(ring.submitAndWait(1, SHORT_NANOS)).as("with nothing pending").isZero();

            socket.peer().send("late");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(3, 4, 0));
            assertThat(Text.of(buffer, 4)).isEqualTo("late");
        }
    }

    /** The descriptor is readable all the time then, and tells nothing of the second. */
    @OverOldKinds
    void waitForMoreThanAreReadyLooksAgain(RingKind kind) throws IOException {
        try (Ring ring = open(kind)) {
            ring.submissions().next().nop();
            prepareReceive(ring);
            ring.submit();
            assertThat(ring.waitFor(1, Completion.PATIENCE_NANOS)).isTrue();

            long before = ring.stats().enters();
            assertThat(ring.waitFor(2, 100 * SHORT_NANOS)).isFalse();
            // At least: a busy machine lets a thread rest longer than it asked for.
            assertThat(ring.stats().enters() - before).as("looks, one each millisecond").isBetween(2L, 201L);
            assertThat(ring.completions().ready()).isEqualTo(1);

            socket.peer().send("x");
            assertThat(ring.waitFor(2, Completion.PATIENCE_NANOS)).isTrue();
        }
    }

    @OverOldKinds
    void waitEndsWithTheCompletion(RingKind kind) throws Exception {
        kind.config(4); // skips here, not in the other thread
        OtherThread<Completion> waiter = OtherThread.start(() -> {
            try (Ring ring = open(kind)) {
                prepareReceive(ring);
                ring.submitAndWait(1, 10 * Completion.PATIENCE_NANOS);
                return Completion.takeReady(ring).getFirst();
            }
        });
        waiter.awaitInsidePoll();
        socket.peer().send("now");

        assertThat(waiter.result()).isEqualTo(new Completion(3, 3, 0));
    }

    @OverOldKinds
    void waitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> {
            ring.submit();
            assertThat(ring.waitFor(1, 10 * Completion.PATIENCE_NANOS)).isTrue();
        });
    }

    @OverOldKinds
    void submitAndWaitIsResumedAfterEachSignal(RingKind kind) throws Exception {
        assertResumed(kind, ring -> ring.submitAndWait(1, 10 * Completion.PATIENCE_NANOS));
    }

    private void assertResumed(RingKind kind, Wait wait) throws Exception {
        kind.config(4);
        Ring[] opened = {null};
        OtherThread<Completion> waiter = OtherThread.start(() -> {
            try (Ring ring = open(kind)) {
                opened[0] = ring;
                prepareReceive(ring);
                wait.on(ring);
                assertThat(ring.completions().ready()).isEqualTo(1);
                return Completion.takeOne(ring);
            }
        });
        waiter.awaitInsidePoll();
        Waiting.until("ten waits were interrupted", () -> {
            Posix.signalThread(waiter.kernelId(), Posix.SIGUSR1);
            return waiter.isDone() || opened[0].stats().interruptions() >= 10;
        });
        assertThat(waiter.isDone()).as("done too early").isFalse();
        socket.peer().send("at last");

        assertThat(waiter.result()).isEqualTo(new Completion(3, 7, 0));
    }

    @OverOldKinds
    void waitThatIsInterruptedAllTheTimeKeepsItsLimit(RingKind kind) throws Exception {
        kind.config(4);
        CountDownLatch waitEnded = new CountDownLatch(1);
        CountDownLatch signalsEnded = new CountDownLatch(1);
        OtherThread<Boolean> waiter = OtherThread.start(() -> {
            try (Ring ring = open(kind)) {
                return ring.waitFor(1, 10 * SHORT_NANOS);
            } finally {
                waitEnded.countDown();
                signalsEnded.await(); // so that there is a thread to signal
            }
        });
        int thread = waiter.kernelId();
        Waiting.until("the wait has ended", () -> {
            Posix.signalThread(thread, Posix.SIGUSR1);
            return waitEnded.getCount() == 0;
        });
        signalsEnded.countDown();
        assertThat(waiter.result()).isFalse();
    }

    @OverOldKinds
    void ringIsClosedWithARequestInFlight(RingKind kind) throws IOException {
        Ring ring = open(kind);
        prepareReceive(ring);
        ring.submit();
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }
}
