package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.sys.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Times that are longer than a number of nanoseconds can tell are for ever: they neither fail nor pass at once. */
@Timeout(30)
class LongTimesTest {
    @AutoClose
    private final Pipes pipe = new Pipes();

    static Stream<Duration> longTimes() {
        return Stream.of(
                Duration.ofNanos(Long.MAX_VALUE / 2),
                Duration.ofNanos(Long.MAX_VALUE - 1),
                Duration.ofNanos(Long.MAX_VALUE),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    }

    private static void requireStillRunning(CompletableFuture<?> future) {
        assertThatThrownBy(() -> future.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
    }

    private CompletableFuture<Integer> blockedRead(EventLoop loop) {
        return loop.read(pipe.readEnd(), Memory.room(8), -1).future();
    }

    @ParameterizedTest
    @MethodSource("longTimes")
    void graceThatNeverEndsLeavesOperationsTheirTime(Duration time) throws Exception {
        EventLoop loop = EventLoop.start(LoopConfig.standard().closeTimeout(time));
        CompletableFuture<Integer> read = blockedRead(loop);
        CompletableFuture<LoopOutcome> outcome = loop.shutdown(time);
        requireStillRunning(read);
        assertThat(outcome).isNotDone();
        try (EventLoop other = EventLoop.start()) {
            other.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        }
        assertThat(read.get()).isEqualTo(1);
        assertThat(outcome.get().isClean()).isTrue();
        assertThat(outcome.get().finished()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("longTimes")
    void longTimeForTheEndCancelsAllTheSame(Duration time) throws Exception {
        EventLoop loop = EventLoop.start(LoopConfig.standard().closeTimeout(time));
        CompletableFuture<Integer> read = blockedRead(loop);
        LoopOutcome outcome = loop.shutdown(Duration.ofMillis(10)).get();
        assertThat(outcome.isClean()).as(outcome.toString()).isTrue();
        assertThat(outcome.cancelled()).isEqualTo(1);
        assertThat(read).isCancelled();
    }

    @ParameterizedTest
    @MethodSource("longTimes")
    void longTimeLimitDoesNotEndAnOperation(Duration time) throws Exception {
        try (EventLoop loop = EventLoop.start()) {
            assertThat(loop.nop().within(time).await()).isZero();
            CompletableFuture<Integer> read =
                    loop.read(pipe.readEnd(), Memory.room(8), -1).within(time).future();
            requireStillRunning(read);
            loop.write(pipe.writeEnd(), Memory.of("x"), -1).await();
            assertThat(read.get()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("longTimes")
    void longTimersAndIdleTimesDoNotPass(Duration time) throws Exception {
        LoopConfig config = LoopConfig.standard().idleTime(time);
        for (LoopConfig each : new LoopConfig[] {config, config.without(LoopFeature.values())}) {
            AtomicInteger ticks = new AtomicInteger();
            try (EventLoop loop = EventLoop.start(each);
                    Ticker ticker = Ticker.start(loop, time, ticks::incrementAndGet)) {
                assertThat(ticker).isNotNull();
                CompletableFuture<Integer> sleep = loop.sleep(time).future();
                requireStillRunning(sleep);
                assertThat(ticks).hasValue(0);
                assertThat(loop.stats().get().turns()).isLessThan(50);
                sleep.cancel(true);
            }
        }
    }

    @Test
    void lengthsOfTimeAreCutAtHalfOfWhatALongHolds() {
        assertThat(Deadline.nanos(Duration.ZERO)).isZero();
        assertThat(Deadline.nanos(Duration.ofNanos(1_000_000_001))).isEqualTo(1_000_000_001);
        Duration longest = Duration.ofSeconds(Deadline.FOREVER / 1_000_000_000);
        assertThat(Deadline.nanos(longest.minusNanos(1)))
                .isEqualTo(longest.minusNanos(1).toNanos());
        longTimes().forEach(time -> assertThat(Deadline.nanos(time)).isEqualTo(Deadline.FOREVER));
        assertThat(Deadline.after(Duration.ofSeconds(Long.MAX_VALUE)) - System.nanoTime())
                .isPositive();
    }
}
