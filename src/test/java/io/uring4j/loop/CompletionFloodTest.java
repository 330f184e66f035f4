package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More operations than either queue holds. */
@Timeout(60)
class CompletionFloodTest {
    private static final int COUNT = 50_000;

    /** Reads that all wait, and then all end by one close. */
    @Test
    void completionQueueThatOverflowsLosesNothing() throws Exception {
        LoopConfig config = LoopConfig.standard().submissionEntries(4).completionEntries(8);
        try (EventLoop loop = EventLoop.start(config);
                Pipes pipe = new Pipes()) {
            int reads = 2000;
            CountDownLatch ended = new CountDownLatch(reads);
            for (int i = 0; i < reads; i++) {
                loop.read(pipe.readEnd(), Memory.room(1), -1).start((result, flags, latch) -> latch.countDown(), ended);
            }
            loop.nop().await();
            pipe.closeWriteEnd();
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            LoopStats stats = loop.stats().get();
            assertThat(stats.ring().overflows()).isPositive();
            assertThat(stats.staleCompletions()).isZero();
            assertThat(stats.live()).isZero();
        }
    }

    @Test
    void submissionQueueThatIsFullLosesNothing() throws Exception {
        try (EventLoop loop = EventLoop.start(LoopConfig.standard().submissionEntries(2))) {
            CountDownLatch ended = new CountDownLatch(COUNT);
            loop.execute(() -> {
                for (int i = 0; i < COUNT; i++) {
                    loop.nop().start((result, flags, latch) -> latch.countDown(), ended);
                }
            });
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.stats().get().fullQueues()).isPositive();
        }
    }
}
