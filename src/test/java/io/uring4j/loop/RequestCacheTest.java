package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.UringException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Objects of operations are recycled, given up when they aren't needed, and there is one more for the worst case. */
@Timeout(60)
class RequestCacheTest {
    private static final LoopConfig CONFIG = LoopConfig.standard().submissionEntries(64);

    @AutoClose
    private final EventLoop loop = EventLoop.start(CONFIG.idleTime(Duration.ofHours(1)));

    RequestCacheTest() throws UringException {}

    private static void runAtOnce(EventLoop loop, int count) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(count);
        ResultHandler<CountDownLatch> handler = (result, flags, latch) -> latch.countDown();
        loop.execute(() -> {
            for (int i = 0; i < count; i++) {
                loop.nop().start(handler, done);
            }
        });
        done.await();
    }

    @Test
    void inSteadyStateNothingIsAllocated() throws Exception {
        runAtOnce(loop, 100);
        RequestCacheStats before = loop.stats().get().requests();
        for (int i = 0; i < 100; i++) {
            runAtOnce(loop, 100);
        }
        RequestCacheStats after = loop.stats().get().requests();
        assertThat(after.loop().misses()).isEqualTo(before.loop().misses());
        assertThat(after.loop().hits() - before.loop().hits()).isEqualTo(10_000);
        assertThat(after.slots()).isEqualTo(before.slots());
    }

    @Test
    void beyondTheLimitABatchBecomesReclaimableAndIsUsedAgain() throws Exception {
        runAtOnce(loop, 1000);
        RequestCacheStats stats = loop.stats().get().requests();
        assertThat(stats.loop().available()).isLessThanOrEqualTo(256);
        assertThat(stats.loop().available() + stats.loop().reclaimable()).isEqualTo(1000);
        assertThat(stats.loop().reclaimable() % 128).isZero();
        runAtOnce(loop, 1000);
        assertThat(loop.stats().get().requests().loop().misses()).isEqualTo(stats.loop().misses());
    }

    @Test
    void idleLoopGivesUpWhatIsReclaimableAndShrinksTheTable() throws Exception {
        try (EventLoop idle = EventLoop.start(CONFIG.idleTime(Duration.ofMillis(10)))) {
            runAtOnce(idle, 10_000);
            Eventually.holds(() -> {
                Thread.sleep(50);
                return idle.stats().get().requests().loop().reclaimable() == 0;
            });
            RequestCacheStats stats = idle.stats().get().requests();
            assertThat(stats.loop().trimmed()).isGreaterThan(9000);
            assertThat(stats.loop().available()).isPositive();
            assertThat(stats.slots()).isLessThanOrEqualTo(512);
            runAtOnce(idle, 10_000);
            assertThat(idle.stats().get().staleCompletions()).isZero();
        }
    }

    @Test
    void objectsOfOtherThreadsAreRecycledToo() throws Exception {
        for (int i = 0; i < 1000; i++) {
            loop.nop().await();
            loop.nop().future().get();
        }
        RequestCacheStats stats = loop.stats().get().requests();
        assertThat(stats.elsewhere().misses()).isLessThan(20);
        assertThat(stats.elsewhere().hits()).isGreaterThan(1900);
    }

    @Test
    void withoutTheCacheEachOperationIsAllocated() throws Exception {
        try (EventLoop without = EventLoop.start(CONFIG.withoutRequestCache())) {
            runAtOnce(without, 1000);
            without.nop().await();
            RequestCacheStats stats = without.stats().get().requests();
            assertThat(stats.loop().hits() + stats.elsewhere().hits()).isZero();
            assertThat(stats.loop().misses()).isEqualTo(1000);
            assertThat(stats.loop().available()).isZero();
        }
    }

    @Test
    void spareObjectServesWhenMemoryIsRefused() {
        OperationTable table = new OperationTable();
        boolean[] refuses = {false};
        RequestCache cache = new RequestCache(table, true, kind -> {
            if (refuses[0]) {
                throw new OutOfMemoryError("refused by the test");
            }
            return new Operation(loop, kind);
        });
        refuses[0] = true;
        Operation spare = take(cache, table);
        assertThat(table.restAtHand(spare, spare.token)).as("its end isn't the usual one").isFalse();
        assertThatThrownBy(() -> take(cache, table)).isInstanceOf(OutOfMemoryError.class);
        long token = spare.token;
        cache.putBack(spare);
        Operation another = new Operation(loop, 0);
        assertThat(table.restAtHand(another, another.token)).as("another's end is the usual one again").isTrue();
        table.takeAtHand();
        assertThat(take(cache, table)).isSameAs(spare);
        assertThat(spare.token).isNotEqualTo(token);
        assertThat(cache.stats(0).fallbacks()).isEqualTo(2);
    }

    @Test
    void otherThreadsAreToldThatMemoryIsRefusedAndLoseNothing() {
        boolean[] refuses = {false};
        RequestCache cache = new RequestCache(new OperationTable(), true, kind -> {
            if (refuses[0]) {
                throw new OutOfMemoryError("refused by the test");
            }
            return new Operation(loop, kind);
        });
        Operation first = cache.takeElsewhere();
        refuses[0] = true;
        assertThatThrownBy(cache::takeElsewhere).isInstanceOf(OutOfMemoryError.class);
        cache.putBackElsewhere(first);
        assertThat(cache.takeElsewhere()).as("what is at hand serves all the same").isSameAs(first);
        assertThat(cache.stats(0).fallbacks()).as("the spare one is the loop's").isZero();
    }

    @Test
    void noTokenIsUsedTwiceWhileTheTableGrowsAndShrinks() {
        OperationTable table = new OperationTable();
        Set<Long> seen = new HashSet<>();
        for (int round = 1; round < 60; round++) {
            List<Long> tokens = new ArrayList<>();
            for (int i = 0; i < round * 37 % 500; i++) {
                long token = table.take();
                assertThat(seen.add(token)).as("token %x is new", token).isTrue();
                assertThat(token).isNegative();
                tokens.add(token);
            }
            long[] freed = tokens.stream().mapToLong(Long::longValue).toArray();
            table.free(freed, freed.length);
            table.shrink();
            assertThat(table.capacity()).isEqualTo(64);
        }
    }

    @Test
    void countersArePrintedLikeTheKernels() throws Exception {
        runAtOnce(loop, 10);
        assertThat(loop.stats().get().requests().toString())
                .startsWith("AllocCache:\n")
                .contains("  loop: available=10 reclaimable=0 hits=0 misses=10 trimmed=0\n")
                .contains("  elsewhere: available=");
    }

    @Test
    void whatHandlersWereGivenIsForgottenByAnIdleLoop() throws Exception {
        try (EventLoop idle = EventLoop.start(CONFIG.idleTime(Duration.ofMillis(5)))) {
            CompletableFuture<WeakReference<Object>> reference = new CompletableFuture<>();
            idle.execute(() -> {
                Object kept = new Object();
                reference.complete(new WeakReference<>(kept));
                idle.nop().start((result, flags, attached) -> attached.hashCode(), kept);
            });
            Eventually.holds(() -> {
                System.gc();
                return reference.get().get() == null;
            });
        }
    }

    @Test
    void asManyAsMayRestAreTrimmedAgainAndAgain() {
        OperationTable table = new OperationTable();
        RequestCache cache = new RequestCache(table, true, kind -> new Operation(loop, kind));
        Deque<Operation> inUse = new ArrayDeque<>();
        for (int i = 0; i < 600; i++) {
            inUse.add(take(cache, table));
        }
        for (int round = 0; round < 3; round++) {
            // One more each time than when it was trimmed last.
            while (inUse.size() > 600 - OperationTable.MOST_RESTING - round) {
                Operation ended = inUse.remove();
                if (!table.restAtHand(ended, ended.token)) {
                    cache.putBack(ended);
                }
            }
            cache.trim();
            assertThat(table.restingCount()).isBetween(1, OperationTable.MOST_RESTING);
            assertThat(table.inUse()).isEqualTo(inUse.size());
        }
    }

    private static Operation take(RequestCache cache, OperationTable table) {
        int slot = table.takeAtHand();
        return table.resident(slot >= 0 ? slot : cache.takeSlot());
    }
}
