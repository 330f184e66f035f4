package io.uring4j.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Rounds;
import io.uring4j.SetupFlag;
import io.uring4j.Timespec;
import io.uring4j.UringException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompletionNotifierTest {
    private static final long PATIENCE_SECONDS = 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);

    private long descriptors;

    /** The two ways in which completions come about. */
    enum Kind {
        /** Whatever the kernel has: with DEFER_TASKRUN, a completion is ready only when it is asked for. */
        BEST,
        PLAIN;

        Ring open(int entries) throws UringException {
            return Ring.open(this == BEST ? RingConfig.best(entries) : RingConfig.plain(entries));
        }
    }

    @BeforeEach
    void countDescriptors() throws IOException {
        descriptors = Descriptors.count();
    }

    @AfterEach
    void noDescriptorIsLeft() throws IOException {
        assertThat(Descriptors.count()).isEqualTo(descriptors);
    }

    private static void nop(Ring ring) throws UringException {
        ring.submissions().next().nop();
        ring.submit();
    }

    @ParameterizedTest
    @EnumSource
    void callbackIsToldOfCompletions(Kind kind) throws Exception {
        try (Ring ring = kind.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            Semaphore told = new Semaphore(0);
            AtomicReference<Thread> teller = new AtomicReference<>();
            notifier.onCompletions(() -> {
                teller.set(Thread.currentThread());
                told.release();
            });
            assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("told once at first").isTrue();
            assertThat(teller.get()).isNotSameAs(Thread.currentThread());
            for (int i = 0; i < 100; i++) {
                nop(ring);
                int drained = 0;
                while (drained == 0) {
                    assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
                    drained += notifier.drain((userData, result, flags) -> {});
                }
                assertThat(drained).isEqualTo(1);
            }
        }
    }

    @Test
    void callbackThatFailsDoesNotStopTheOthers() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> failures.incrementAndGet());
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            Semaphore told = new Semaphore(0);
            Runnable failing = () -> {
                throw new AssertionError("callback");
            };
            notifier.onCompletions(failing);
            notifier.onCompletions(told::release);
            for (int i = 0; i < 3; i++) {
                long seen = notifier.signals();
                nop(ring);
                notifier.awaitBeyond(seen, PATIENCE_NANOS);
                told.drainPermits();
                notifier.drain((userData, result, flags) -> {});
            }
            nop(ring);
            assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(failures.get()).isPositive();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void callbackThatWasRemovedIsToldNoMore() throws Exception {
        try (Ring ring = Kind.PLAIN.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            AtomicInteger removed = new AtomicInteger();
            Semaphore told = new Semaphore(0);
            Runnable listener = removed::incrementAndGet;
            notifier.onCompletions(listener);
            notifier.remove(listener);
            notifier.onCompletions(told::release);
            // By now a round that had begun before the removal is over.
            assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            int before = removed.get();
            nop(ring);
            assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(removed.get()).isEqualTo(before);
        }
    }

    @Test
    void virtualThreadsWaitWithoutHoldingTheirCarriers() throws Exception {
        // More than there can be carriers (jdk.virtualThreadScheduler.maxPoolSize): were they held, nothing would run.
        int waiters = 2000;
        try (Ring ring = Kind.PLAIN.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            long seen = settled(notifier);
            CountDownLatch begun = new CountDownLatch(waiters);
            List<FutureTask<Long>> waiting = new ArrayList<>();
            for (int i = 0; i < waiters; i++) {
                FutureTask<Long> wait = new FutureTask<>(() -> {
                    begun.countDown();
                    return notifier.awaitBeyond(seen, PATIENCE_NANOS);
                });
                waiting.add(wait);
                Thread.ofVirtual().start(wait);
            }
            assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("all have begun").isTrue();
            FutureTask<String> another = new FutureTask<>(() -> "ran");
            Thread.ofVirtual().start(another);
            assertThat(another.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("ran");
            assertThat(waiting).noneMatch(FutureTask::isDone);

            nop(ring);
            for (FutureTask<Long> wait : waiting) {
                assertThat(wait.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isGreaterThan(seen);
            }
        }
    }

    /** What has been signalled when nothing more comes. */
    private static long settled(CompletionNotifier notifier) throws InterruptedException {
        long seen;
        do {
            seen = notifier.signals();
        } while (notifier.awaitBeyond(seen, 5_000_000) != seen);
        return seen;
    }

    @Test
    void virtualThreadsThatHaveTheRingDrainedMissNothing() throws Exception {
        int total = Rounds.of(20_000);
        try (Ring ring = Kind.PLAIN.open(64);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            AtomicInteger drained = new AtomicInteger();
            FutureTask<Void> consumer = new FutureTask<>(() -> {
                while (drained.get() < total) {
                    long seen = notifier.signals();
                    int count = ring.completions().drain((userData, result, flags) -> {});
                    drained.addAndGet(count);
                    if (count == 0 && notifier.awaitBeyond(seen, PATIENCE_NANOS) == seen) {
                        throw new AssertionError("slept past a completion: " + ring);
                    }
                }
                return null;
            });
            Thread.ofVirtual().start(consumer);
            for (int next = 0; next < total && !consumer.isDone(); ) {
                if (next - drained.get() < 64) {
                    ring.submissions().next().nop().userData(next++);
                    ring.submit();
                }
            }
            result(consumer);
            assertThat(drained.get()).isEqualTo(total);
        }
    }

    @Test
    void waitEndsWithItsTime() throws Exception {
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            long seen = settled(notifier);
            assertThat(notifier.awaitBeyond(seen, 0)).isEqualTo(seen);
            assertThat(notifier.awaitBeyond(seen, 1_000_000)).isEqualTo(seen);
            assertThat(notifier.awaitBeyond(seen - 1, PATIENCE_NANOS)).isEqualTo(seen);
            assertThatIllegalArgumentException().isThrownBy(() -> notifier.awaitBeyond(seen, -1));
        }
    }

    @Test
    void waitEndsWithAnInterrupt() throws Exception {
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            long seen = settled(notifier);
            FutureTask<Long> wait = new FutureTask<>(() -> notifier.awaitBeyond(seen, PATIENCE_NANOS));
            Thread waiter = Thread.ofVirtual().start(wait);
            waiter.interrupt();
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> result(wait));
        }
    }

    @Test
    void closeWakesWhoeverWaits() throws Exception {
        List<FutureTask<Long>> waiting = new ArrayList<>();
        CompletionNotifier closed;
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            closed = notifier;
            long seen = settled(notifier);
            for (int i = 0; i < 10; i++) {
                FutureTask<Long> wait = new FutureTask<>(() -> {
                    long now = seen;
                    while (true) {
                        now = notifier.awaitBeyond(now, PATIENCE_NANOS);
                    }
                });
                waiting.add(wait);
                Thread.ofVirtual().start(wait);
            }
            Thread.sleep(5);
        }
        for (FutureTask<Long> wait : waiting) {
            assertThatIllegalStateException().isThrownBy(() -> result(wait)).withMessageContaining("closed");
        }
        assertThatIllegalStateException().isThrownBy(() -> closed.onCompletions(() -> {}));
        assertThatIllegalStateException().isThrownBy(() -> closed.setEnabled(true));
        closed.close();
    }

    @Test
    void callbackMayClose() throws Exception {
        try (Ring ring = Kind.PLAIN.open(4)) {
            CompletionNotifier notifier = CompletionNotifier.start(ring);
            FutureTask<Void> closing = new FutureTask<>(() -> {
                notifier.close();
                return null;
            });
            notifier.onCompletions(closing);
            result(closing);
            CompletionNotifier.start(ring).close();
        }
    }

    @Test
    void ringMayBeClosedFirst() throws Exception {
        Ring ring = Kind.BEST.open(4);
        CompletionNotifier notifier = CompletionNotifier.start(ring);
        ring.close();
        notifier.close();
        notifier.close();
        assertThatIllegalStateException().isThrownBy(() -> CompletionNotifier.start(ring));
    }

    @Test
    void aSecondNotifierIsRefusedAndLeavesNothing() throws Exception {
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            long before = Descriptors.count();
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> CompletionNotifier.start(ring))
                    .returns(Errno.EBUSY, UringException::error);
            assertThat(Descriptors.count()).isEqualTo(before);
            long seen = notifier.signals();
            nop(ring);
            assertThat(notifier.awaitBeyond(seen, PATIENCE_NANOS)).isGreaterThan(seen);
        }
    }

    @Test
    void closeAfterOthersHaveUnregisteredIsReportedAndLeavesNothing() throws Exception {
        try (Ring ring = Kind.BEST.open(4)) {
            CompletionNotifier notifier = CompletionNotifier.start(ring);
            ring.register(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(notifier::close)
                    .returns(Errno.ENXIO, UringException::error);
            notifier.close();
        }
    }

    @Test
    void onlyTheOwnerOfARingMayClose() throws Exception {
        try (Ring ring = Kind.BEST.open(4)) {
            if (!ring.flags().contains(SetupFlag.SINGLE_ISSUER)) {
                return;
            }
            CompletionNotifier notifier = CompletionNotifier.start(ring);
            FutureTask<Void> closing = new FutureTask<>(() -> {
                notifier.close();
                return null;
            });
            Thread.ofPlatform().start(closing);
            assertThatIllegalStateException().isThrownBy(() -> result(closing));
            long seen = notifier.signals();
            nop(ring);
            assertThat(notifier.awaitBeyond(seen, PATIENCE_NANOS)).as("not closed").isGreaterThan(seen);
            notifier.close();
        }
    }

    @Test
    void signalsMayBeSwitchedOffWhileTheRingIsServedAnyway() throws Exception {
        try (Ring ring = Kind.BEST.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            notifier.setEnabled(false);
            long seen = settled(notifier);
            nop(ring);
            assertThat(notifier.awaitBeyond(seen, 5_000_000)).isEqualTo(seen);
            notifier.setEnabled(true);
            assertThat(notifier.awaitBeyond(seen, PATIENCE_NANOS)).as("one is unread").isGreaterThan(seen);
            assertThat(notifier.drain((userData, result, flags) -> {})).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void selectorLoopMissesNothing(Kind kind) throws Exception {
        int total = Rounds.of(20_000);
        try (Arena arena = Arena.ofShared();
                Ring ring = kind.open(64);
                CompletionNotifier notifier = CompletionNotifier.start(ring);
                Selector selector = Selector.open()) {
            notifier.wake(selector);
            MemorySegment moment = Timespec.of(arena, Duration.ofNanos(1000));
            BitSet seen = new BitSet();
            int submitted = 0;
            while (seen.cardinality() < total) {
                while (submitted < total && ring.submissions().spaceLeft() > 0 && ring.inFlight() < 64) {
                    // Timers are what a ring with DEFER_TASKRUN defers.
                    if (submitted % 4 == 0) {
                        ring.submissions().next().timeout(moment, 0, 0).userData(submitted++);
                    } else {
                        ring.submissions().next().nop().userData(submitted++);
                    }
                    ring.submit();
                }
                long start = System.nanoTime();
                selector.select(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
                assertThat(System.nanoTime() - start).as("woken").isLessThan(PATIENCE_NANOS);
                notifier.drain((userData, result, flags) -> seen.set((int) userData));
            }
            assertThat(ring.completions().ready()).isZero();
        }
    }

    @Test
    void selectorThatIsClosedIsForgotten() throws Exception {
        try (Ring ring = Kind.PLAIN.open(4);
                CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            Selector selector = Selector.open();
            notifier.wake(selector);
            selector.close();
            Semaphore told = new Semaphore(0);
            notifier.onCompletions(told::release);
            assertThat(told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        try {
            return task.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
