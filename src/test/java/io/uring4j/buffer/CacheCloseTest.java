package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A cache keeps its memory until all leases are back, and tells which aren't. */
class CacheCloseTest {
    private static final BufferCache.Settings SETTINGS = BufferCache.Settings.of(64, 16);

    @Test
    void closeIsRefusedWhileLeasesAreOut() throws Exception {
        BufferCache cache = new BufferCache(SETTINGS);
        List<BufferLease> leases = BufferCacheTest.acquire(cache, 3);
        assertThatIllegalStateException()
                .isThrownBy(cache::close)
                .withMessageStartingWith("3 leases are out and the kernel holds 0 buffers");
        leases.get(0).release();
        BufferCacheTest.releaseElsewhere(leases.subList(1, 2));
        assertThatIllegalStateException().isThrownBy(cache::close).withMessageStartingWith("1 leases are out");
        leases.get(2).memory().fill((byte) 1);
        BufferCacheTest.releaseElsewhere(leases.subList(2, 3));
        cache.close();
    }

    @Test
    void refusedCacheStaysOpen() throws Exception {
        try (BufferCache cache = new BufferCache(SETTINGS)) {
            BufferLease lease = cache.acquire();
            assertThatIllegalStateException().isThrownBy(cache::close);
            cache.acquire().release();
            lease.release();
        }
    }

    private static BufferLease takeAndForget(BufferCache cache) throws Exception {
        return cache.acquire();
    }

    @Test
    void leakDetectionNamesWhereLostLeasesWereTaken() throws Exception {
        BufferCache cache = new BufferCache(SETTINGS.withLeakDetection());
        cache.acquire().release();
        BufferLease lost = takeAndForget(cache);
        BufferCacheTest.releaseElsewhere(List.of(cache.acquire()));
        IllegalStateException refusal = catchThrowableOfType(IllegalStateException.class, cache::close);
        assertThat(refusal.getSuppressed()).hasSize(1);
        Throwable taker = refusal.getSuppressed()[0];
        assertThat(taker).hasMessage("buffer " + lost.id() + " was taken on " + Thread.currentThread().getName());
        assertThat(Arrays.stream(taker.getStackTrace()).map(StackTraceElement::getMethodName))
                .contains("takeAndForget", "leakDetectionNamesWhereLostLeasesWereTaken");
        lost.release();
        cache.close();
    }

    @Test
    void withoutLeakDetectionNothingIsRecorded() throws Exception {
        try (BufferCache cache = new BufferCache(SETTINGS)) {
            BufferLease lost = takeAndForget(cache);
            IllegalStateException refusal = catchThrowableOfType(IllegalStateException.class, cache::close);
            assertThat(refusal.getSuppressed()).isEmpty();
            lost.release();
        }
    }
}
