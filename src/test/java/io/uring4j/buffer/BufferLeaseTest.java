package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.AllocatedBytes;
import io.uring4j.Rounds;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lease is released once; what comes later is an exception and does no harm. */
class BufferLeaseTest {
    private static final int MAXIMUM = 8;

    @AutoClose
    private final BufferCache cache = new BufferCache(BufferCache.Settings.of(64, MAXIMUM));

    private static void assertRefused(BufferLease lease) {
        assertThatIllegalStateException()
                .isThrownBy(lease::release)
                .withMessage(
                        "BufferLease[id=%d, offset=%d, length=%d] has been released already",
                        lease.id(), lease.offset(), lease.length());
    }

    private static <T> T on(Thread.Builder builder, Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(action);
        builder.start(task);
        return task.get();
    }

    /** Takes all that there is, and checks that each buffer comes once. */
    private void assertNothingLostOrDoubled() throws Exception {
        List<BufferLease> all = BufferCacheTest.acquire(cache, MAXIMUM);
        assertThat(all).extracting(BufferLease::id).doesNotHaveDuplicates();
        assertThat(cache.acquire()).isNull();
        all.forEach(BufferLease::release);
        assertThat(cache.stats().leased()).isZero();
    }

    @Test
    void acquiredLeaseIsEmptyAndCoversTheBuffer() throws Exception {
        try (BufferLease lease = cache.acquire()) {
            assertThat(lease.offset()).isZero();
            assertThat(lease.length()).isZero();
            assertThat(lease.bytes().byteSize()).isZero();
            assertThat(lease.memory().byteSize()).isEqualTo(64);
            assertThat(lease.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void secondReleaseOnTheOwnersThreadIsRefused() throws Exception {
        BufferLease lease = cache.acquire();
        lease.release();
        assertRefused(lease);
        assertNothingLostOrDoubled();
    }

    @Test
    void secondReleaseOnAnotherThreadIsRefused() throws Exception {
        BufferLease lease = cache.acquire();
        lease.release();
        on(Thread.ofPlatform(), () -> {
            assertRefused(lease);
            return null;
        });
        assertNothingLostOrDoubled();
    }

    @Test
    void releaseAfterAnotherThreadsIsRefused() throws Exception {
        BufferLease lease = cache.acquire();
        on(Thread.ofVirtual(), () -> {
            lease.release();
            assertRefused(lease);
            return null;
        });
        assertRefused(lease);
        assertNothingLostOrDoubled();
    }

    @Test
    void lateSecondReleaseIsRefusedWhenSomebodyElseHasTheBuffer() throws Exception {
        BufferLease first = cache.acquire();
        first.release();
        BufferLease second = cache.acquire();
        assertThat(second.id()).isEqualTo(first.id());
        assertRefused(first);
        on(Thread.ofPlatform(), () -> {
            assertRefused(first);
            return null;
        });
        assertThat(cache.stats().leased()).isEqualTo(1);
        second.release();
        assertNothingLostOrDoubled();
    }

    @Test
    void leakDetectionRefusesASecondReleaseHoweverLate() throws Exception {
        try (BufferCache checked = new BufferCache(BufferCache.Settings.of(64, 1).withLeakDetection())) {
            BufferLease first = checked.acquire();
            first.release();
            for (int i = 0; i < 100; i++) {
                try (BufferLease other = checked.acquire()) {
                    assertThat(other).isNotSameAs(first);
                    assertRefused(first);
                }
            }
        }
    }

    @Test
    void releasedLeaseShowsItsMemoryNoMore() throws Exception {
        BufferLease lease = cache.acquire();
        lease.release();
        assertThatIllegalStateException().isThrownBy(lease::memory).withMessageEndingWith("has been released");
        assertThatIllegalStateException().isThrownBy(lease::bytes);
        BufferLease elsewhere = cache.acquire();
        on(Thread.ofPlatform(), () -> {
            elsewhere.release();
            return null;
        });
        assertThatIllegalStateException().isThrownBy(elsewhere::memory);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void releasesAtOnceOnTwoThreadsGiveTheBufferBackOnce(boolean onTheOwnersThread) throws Exception {
        int rounds = Rounds.of(20_000);
        CyclicBarrier barrier = new CyclicBarrier(onTheOwnersThread ? 2 : 3);
        BufferLease[] current = new BufferLease[1];
        List<FutureTask<Integer>> others = new ArrayList<>();
        for (int t = 0; t < (onTheOwnersThread ? 1 : 2); t++) {
            FutureTask<Integer> task = new FutureTask<>(() -> {
                int refused = 0;
                for (int i = 0; i < rounds; i++) {
                    barrier.await();
                    refused += releaseOrCount(current[0]);
                    barrier.await();
                }
                return refused;
            });
            Thread.ofPlatform().daemon().start(task);
            others.add(task);
        }
        int refused = 0;
        for (int i = 0; i < rounds; i++) {
            current[0] = cache.acquire();
            barrier.await();
            if (onTheOwnersThread) {
                refused += releaseOrCount(current[0]);
            }
            barrier.await();
            if (i % 64 == 0) {
                assertNothingLostOrDoubled();
            }
        }
        for (FutureTask<Integer> other : others) {
            refused += other.get();
        }
        assertNothingLostOrDoubled();
        assertThat(refused + cache.stats().doubleReleases())
                .as("each second release was refused, or sorted out")
                .isGreaterThanOrEqualTo(rounds);
        if (!onTheOwnersThread) {
            assertThat(refused).isEqualTo(rounds);
        }
    }

    private static int releaseOrCount(BufferLease lease) {
        try {
            lease.release();
            return 0;
        } catch (IllegalStateException e) {
            return 1;
        }
    }

    @Test
    void virtualThreadsMayRelease() throws Exception {
        for (int i = 0; i < 1000; i++) {
            List<BufferLease> leases = BufferCacheTest.acquire(cache, MAXIMUM);
            List<Thread> threads = new ArrayList<>();
            for (BufferLease lease : leases) {
                threads.add(Thread.ofVirtual().start(lease::release));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertNothingLostOrDoubled();
    }

    @Test
    void leasesAreRecycled() throws Exception {
        Set<BufferLease> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            BufferLease lease = cache.acquire();
            seen.add(lease);
            lease.release();
        }
        assertThat(seen).as("some that take turns, for all buffers").hasSizeBetween(LeasePool.RESTING, 2 * LeasePool.RESTING);
    }

    @Test
    @Tag("host") // what it measures takes the optimizing compiler
    void acquireAndReleaseAllocateNothing() throws Exception {
        assertThat(AllocatedBytes.ofWarm(() -> acquireAndRelease(100_000))).isZero();
    }

    private void acquireAndRelease(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            BufferLease one = cache.acquire();
            BufferLease other = cache.acquire();
            one.release();
            other.release();
        }
    }
}
