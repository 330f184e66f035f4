package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often a loop enters the kernel: once per turn, whether or not what it submits completes at once. */
@Timeout(30)
class EntersOfLoopTest {
    private static final int TURNS = 500;

    /** Besides: to hand the work over, and to wait after having tried not to. */
    private static final int FURTHER = 25;

    private final CompletableFuture<Integer> message = new CompletableFuture<>();
    private final EventLoop loop =
            EventLoop.start(LoopConfig.standard().onMessage((own, value, tag) -> message.complete(value)));

    private volatile boolean stopped;

    EntersOfLoopTest() throws Exception {}

    @AfterEach
    void close() {
        stopped = true;
        loop.close();
    }

    /** So many operations one after the other, some at a time. */
    private long enters(int atATime, Supplier<Operation> operation) throws Exception {
        CountDownLatch done = new CountDownLatch(TURNS * atATime);
        long before = loop.stats().get().ring().enters();
        loop.execute(() -> {
            for (int i = 0; i < atATime; i++) {
                startNext(operation, done, TURNS);
            }
        });
        done.await();
        return loop.stats().get().ring().enters() - before;
    }

    private static void startNext(Supplier<Operation> operation, CountDownLatch done, int left) {
        operation.get().start((result, flags, none) -> {
            done.countDown();
            if (left > 1) {
                startNext(operation, done, left - 1);
            }
        });
    }

    @Test
    void whatCompletesAtOnceTakesOneCallForAllOfATurn() throws Exception {
        assertThat(enters(20, loop::nop)).isBetween((long) TURNS, (long) TURNS + FURTHER);
    }

    @Test
    void whatHasToBeWaitedForTakesHardlyMoreThanACallEach() throws Exception {
        assertThat(enters(1, () -> loop.sleep(Duration.ofNanos(50_000)))).isLessThan(TURNS + FURTHER);
    }

    @Test
    void whileAllCompletesAtOnceOthersAreHeard() throws Exception {
        loop.execute(this::nopForEver);
        CompletableFuture<Void> task = new CompletableFuture<>();
        loop.execute(() -> task.complete(null));
        task.get(10, TimeUnit.SECONDS);
        try (EventLoop other = EventLoop.start()) {
            if (other.uses(LoopFeature.RING_MESSAGES)) {
                assertThat(other.message(loop, 7, 1).await()).isZero();
                assertThat(message.get(10, TimeUnit.SECONDS)).isEqualTo(7);
            }
        }
        assertThat(loop.sleep(Duration.ofMillis(1)).await()).isZero();
    }

    private void nopForEver() {
        loop.nop().start((result, flags, none) -> {
            if (!stopped) {
                nopForEver();
            }
        });
    }
}
