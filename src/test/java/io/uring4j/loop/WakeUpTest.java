package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.Needs;
import io.uring4j.Opcode;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Operations of other threads reach a loop that sleeps, and nothing that befalls the loop ends it. */
@Timeout(60)
class WakeUpTest {
    private static final LoopConfig SMALL = LoopConfig.standard().submissionEntries(8);

    /** How the loop is woken. */
    enum Way {
        MESSAGE(SMALL),
        EVENTFD(SMALL.without(LoopFeature.MESSAGE_WAKE_UP)),
        EVENTFD_ONE_SHOT(SMALL.without(LoopFeature.MESSAGE_WAKE_UP, LoopFeature.MULTISHOT_POLL));

        private final LoopConfig config;

        Way(LoopConfig config) {
            this.config = config;
        }
    }

    /** Pauses of random length let submissions meet the loop in every state: awake, about to sleep, asleep. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void noWakeUpIsLost(Way way) throws Exception {
        try (EventLoop loop = EventLoop.start(way.config)) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            for (int i = 0; i < 20_000; i++) {
                CompletableFuture<Integer> future = loop.nop().future();
                assertThat(future.get(10, TimeUnit.SECONDS)).isZero();
                for (int spin = random.nextInt(300); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
            }
            LoopStats stats = loop.stats().get();
            assertThat(stats.staleCompletions()).isZero();
            assertThat(stats.wakeUps()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void burstWakesTheLoopOnce(Way way) throws Exception {
        try (EventLoop loop = EventLoop.start(way.config)) {
            loop.nop().await();
            List<CompletableFuture<Integer>> futures = new ArrayList<>();
            HeldLoop.meanwhile(loop, () -> {
                for (int i = 0; i < 1000; i++) {
                    futures.add(loop.nop().future());
                }
            });
            for (CompletableFuture<Integer> future : futures) {
                assertThat(future.get()).isZero();
            }
            assertThat(loop.stats().get().wakeUps()).isLessThan(20);
        }
    }

    @Test
    void manyThreadsSubmitThroughASmallQueue() throws Exception {
        try (EventLoop loop = EventLoop.start(SMALL.queueCapacity(4))) {
            AtomicInteger sum = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 5000; i++) {
                        loop.nop().start((result, flags, none) -> sum.incrementAndGet());
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Eventually.holds(() -> sum.get() == 20_000);
        }
    }

    /**
     * A cancellation, say, whose operation is still in the queue, behind a cell that another thread has claimed and not
     * filled yet: more threads than processors are interrupted there at times.
     */
    @Test
    void whatIsUrgentComesBehindWhatWasInTheQueueBefore() throws Exception {
        try (EventLoop loop = EventLoop.start(SMALL.queueCapacity(1024))) {
            AtomicInteger early = new AtomicInteger();
            long end = System.nanoTime() + 2_000_000_000L;
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    while (System.nanoTime() < end) {
                        AtomicBoolean ran = new AtomicBoolean();
                        CompletableFuture<Void> done = new CompletableFuture<>();
                        loop.execute(() -> ran.set(true));
                        loop.inbox().urge(() -> {
                            early.addAndGet(ran.get() ? 0 : 1);
                            done.complete(null);
                        });
                        done.join();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(early.get()).isZero();
        }
    }

    @Test
    void fullQueueIsRefusedWhenAskedFor() throws Exception {
        LoopConfig config = SMALL.queueCapacity(4).backPressure(LoopConfig.BackPressure.REJECT);
        try (EventLoop loop = EventLoop.start(config)) {
            HeldLoop.meanwhile(loop, () -> {
                for (int i = 0; i < 4; i++) {
                    loop.nop().future();
                }
                assertThatThrownBy(() -> loop.nop().future())
                        .isInstanceOf(RejectedExecutionException.class)
                        .hasMessageContaining("full");
            });
            loop.sleep(Duration.ofMillis(10));
            Eventually.holds(() -> {
                try {
                    return loop.nop().await() == 0;
                } catch (RejectedExecutionException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void handlersAndTasksThatThrowAreReported() throws Exception {
        List<Throwable> reported = Collections.synchronizedList(new ArrayList<>());
        try (EventLoop loop = EventLoop.start(SMALL.onFailure((own, failure) -> {
            reported.add(failure);
            throw new IllegalStateException("the reporter fails too");
        }))) {
            loop.execute(() -> {
                throw new IllegalStateException("task");
            });
            loop.nop().start((result, flags, none) -> {
                throw new AssertionError("handler");
            });
            assertThat(loop.nop().await()).isZero();
            assertThat(reported).extracting(Throwable::getMessage).containsExactly("task", "handler");
            assertThat(loop.stats().get().failures()).isEqualTo(2);
        }
    }

    @Test
    void completionsThatBelongToNoOperationAreCountedAndDropped() throws Exception {
        Needs.kernelWith(Opcode.MSG_RING);
        try (EventLoop loop = EventLoop.start(SMALL);
                Ring sender = Ring.open(RingConfig.plain(4))) {
            CompletableFuture<Long> token = new CompletableFuture<>();
            loop.execute(() -> token.complete(loop.nop().start((result, flags, none) -> {})));
            loop.nop().await();
            int ring = loop.withRing(Ring::fd).get();
            long stale = token.get();
            AtomicInteger strangers = new AtomicInteger();
            // The slot serves another operation now.
            CompletableFuture<Integer> sleep = new CompletableFuture<>();
            CompletableFuture<Long> second = new CompletableFuture<>();
            loop.execute(() -> second.complete(loop.sleep(Duration.ofHours(1)).start((result, flags, none) -> {
                strangers.incrementAndGet();
                sleep.complete(result);
            })));
            assertThat((int) (long) second.get()).as("the same slot").isEqualTo((int) stale);
            for (long strange : new long[] {stale, stale + 5, 12345}) {
                sender.submissions().next().msgRing(ring, 77, strange, 0);
            }
            sender.submitAndWait(3);
            loop.nop().await();
            Eventually.holds(() -> loop.stats().get().staleCompletions() >= 2);
            assertThat(strangers.get()).isZero();
            assertThat(loop.cancel(second.get()).await()).isZero();
            assertThat(sleep.get()).isEqualTo(-Errno.ECANCELED.number());
        }
    }

    @Test
    void operationThatTheKernelLacksEndsWithAnErrorOnOtherThreads() throws Exception {
        try (EventLoop loop = EventLoop.start(SMALL)) {
            Operation refused = loop.make(Preparation.READ).on(0).writing(Memory.room(8), 8);
            // As Sqe refuses what can't be: the fault is found only when the entry is prepared.
            refused.memory = MemorySegment.ofArray(new byte[8]);
            CompletableFuture<Integer> future = refused.future();
            assertThat(future).failsWithin(Duration.ofSeconds(10));
            assertThat(loop.nop().await()).isZero();
        }
    }
}
