package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Rounds;
import io.uring4j.UringException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A cache that has run out tells its owner when another thread releases. */
class StarvationTest {
    private final AtomicInteger wakeUps = new AtomicInteger();

    private BufferCache open(int maximum) {
        BufferCache cache = new BufferCache(BufferCache.Settings.of(64, maximum));
        cache.onRelease(wakeUps::incrementAndGet);
        return cache;
    }

    @Test
    void onlyReleasesAfterItHasRunOutWakeTheOwner() throws Exception {
        try (BufferCache cache = open(3)) {
            List<BufferLease> leases = BufferCacheTest.acquire(cache, 3);
            BufferCacheTest.releaseElsewhere(leases.subList(0, 1));
            assertThat(wakeUps).as("nobody was short").hasValue(0);
            leases.set(0, cache.acquire());

            assertThat(cache.acquire()).isNull();
            assertThat(cache.acquire()).isNull();
            BufferCacheTest.releaseElsewhere(leases);
            assertThat(wakeUps).as("once, however many are released").hasValue(1);

            leases = BufferCacheTest.acquire(cache, 3);
            BufferCacheTest.releaseElsewhere(leases.subList(1, 2));
            assertThat(wakeUps).as("not short again").hasValue(1);
            leases.set(1, cache.acquire());
            assertThat(cache.acquire()).isNull();
            BufferCacheTest.releaseElsewhere(leases);
            assertThat(wakeUps).hasValue(2);
        }
    }

    @Test
    void theOwnersOwnReleasesDoNotWakeIt() throws Exception {
        try (BufferCache cache = open(2)) {
            List<BufferLease> leases = BufferCacheTest.acquire(cache, 2);
            assertThat(cache.acquire()).isNull();
            leases.forEach(BufferLease::release);
            assertThat(wakeUps).hasValue(0);
        }
    }

    /** The owner sleeps after each null; a release that slips in between the last look and the sleep must wake it. */
    @Test
    void noWakeUpIsLost() throws Exception {
        int rounds = Rounds.of(50_000);
        Semaphore awake = new Semaphore(0);
        BlockingQueue<BufferLease> toRelease = new LinkedBlockingQueue<>();
        Thread releaser = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    toRelease.take().release();
                }
            } catch (InterruptedException e) {
                // The test is over.
            }
        });
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(64, 2))) {
            cache.onRelease(awake::release);
            for (int i = 0; i < rounds; i++) {
                toRelease.add(acquireOrSleep(cache, awake));
            }
            BufferLease one = acquireOrSleep(cache, awake);
            BufferLease other = acquireOrSleep(cache, awake);
            one.release();
            other.release();
        } finally {
            releaser.interrupt();
            releaser.join();
        }
    }

    private static BufferLease acquireOrSleep(BufferCache cache, Semaphore awake)
            throws UringException, InterruptedException {
        while (true) {
            BufferLease lease = cache.acquire();
            if (lease != null) {
                return lease;
            }
            assertThat(awake.tryAcquire(Reaped.PATIENCE_NANOS, TimeUnit.NANOSECONDS))
                    .as("woken after a release")
                    .isTrue();
        }
    }
}
