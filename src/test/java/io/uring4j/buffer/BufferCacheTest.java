package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where buffers come from: the cache list, then other threads' releases, then a slab, up to the maximum. */
class BufferCacheTest {
    private static BufferCache open(int maxBuffers, int slabBuffers) {
        return new BufferCache(BufferCache.Settings.of(256, maxBuffers).withSlabBuffers(slabBuffers));
    }

    static List<BufferLease> acquire(BufferCache cache, int count) throws UringException {
        List<BufferLease> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(cache.acquire());
        }
        assertThat(leases).doesNotContainNull();
        return leases;
    }

    static void releaseElsewhere(List<BufferLease> leases) throws InterruptedException {
        Thread.ofPlatform().start(() -> leases.forEach(BufferLease::release)).join();
    }

    @Test
    void nothingIsAllocatedBeforeABufferIsAskedFor() {
        try (BufferCache cache = open(64, 16)) {
            assertThat(cache.stats()).isEqualTo(new BufferCacheStats(0, 0, 0, 0, 0, 0, 0, 0, 0));
            assertThat(cache.slabs()).isEmpty();
        }
    }

    @Test
    void slabIsCarvedWhenTheCacheIsEmpty() throws UringException {
        try (BufferCache cache = open(40, 16)) {
            List<BufferLease> leases = acquire(cache, 16);
            assertThat(cache.stats().slabs()).isEqualTo(1);
            leases.addAll(acquire(cache, 1));
            assertThat(cache.stats().slabs()).isEqualTo(2);
            leases.addAll(acquire(cache, 23));
            assertThat(cache.stats().slabs()).isEqualTo(3);
            assertThat(cache.stats().buffers()).as("the last slab ends at the maximum").isEqualTo(40);
            assertThat(leases).extracting(BufferLease::id).doesNotHaveDuplicates().allMatch(id -> id < 40);
            leases.forEach(BufferLease::release);
        }
    }

    @Test
    void buffersDoNotOverlapAndStartOnCacheLines() throws UringException {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(100, 64).withSlabBuffers(7))) {
            assertThat(cache.bufferSize()).isEqualTo(128);
            List<BufferLease> leases = acquire(cache, 64);
            for (BufferLease lease : leases) {
                assertThat(lease.memory().byteSize()).isEqualTo(128);
                assertThat(lease.memory().address() % 64).isZero();
                lease.memory().fill((byte) lease.id());
            }
            for (BufferLease lease : leases) {
                assertThat(lease.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(lease.id());
                MemorySegment slab = cache.slabs().get(cache.slabOf(lease));
                assertThat(slab.asOverlappingSlice(lease.memory())).isPresent();
                lease.release();
            }
        }
    }

    @Test
    void whatTheOwnerReleasedLastComesFirst() throws UringException {
        try (BufferCache cache = open(64, 16)) {
            List<BufferLease> leases = acquire(cache, 16);
            int warm = leases.get(5).id();
            leases.get(5).release();
            BufferLease again = cache.acquire();
            assertThat(again.id()).isEqualTo(warm);
            assertThat(cache.stats().hits()).isEqualTo(16);
            assertThat(cache.stats().splices()).isZero();
            leases.set(5, again);
            leases.forEach(BufferLease::release);
        }
    }

    @Test
    void otherThreadsReleasesAreTakenOverBeforeASlabIsCarved() throws Exception {
        try (BufferCache cache = open(64, 16)) {
            List<BufferLease> leases = acquire(cache, 16);
            releaseElsewhere(leases.subList(0, 10));
            assertThat(cache.stats().leased()).as("the owner hasn't looked").isEqualTo(16);
            List<BufferLease> more = acquire(cache, 10);
            assertThat(cache.stats().splices()).isEqualTo(1);
            assertThat(cache.stats().slabs()).isEqualTo(1);
            assertThat(more).extracting(BufferLease::id).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            more.add(cache.acquire());
            assertThat(cache.stats().slabs()).isEqualTo(2);
            more.forEach(BufferLease::release);
            leases.subList(10, 16).forEach(BufferLease::release);
        }
    }

    @Test
    void releasesElsewhereWaitWhileTheCacheHasSome() throws Exception {
        try (BufferCache cache = open(64, 16)) {
            List<BufferLease> leases = acquire(cache, 8);
            releaseElsewhere(leases);
            acquire(cache, 8).forEach(BufferLease::release);
            assertThat(cache.stats().splices()).isZero();
        }
    }

    @Test
    void maximumIsNullAndEndsWithAReleaseOnAnyThread() throws Exception {
        try (BufferCache cache = open(20, 16)) {
            List<BufferLease> leases = acquire(cache, 20);
            assertThat(cache.acquire()).isNull();
            assertThat(cache.acquire()).isNull();
            assertThat(cache.stats().exhausted()).isEqualTo(2);
            assertThat(cache.stats().highWater()).isEqualTo(20);

            releaseElsewhere(leases.subList(3, 4));
            BufferLease fromElsewhere = cache.acquire();
            assertThat(fromElsewhere.id()).isEqualTo(leases.get(3).id());
            assertThat(cache.acquire()).isNull();

            leases.get(7).release();
            BufferLease fromHere = cache.acquire();
            assertThat(fromHere.id()).isEqualTo(leases.get(7).id());
            leases.set(3, fromElsewhere);
            leases.set(7, fromHere);
            leases.forEach(BufferLease::release);
        }
    }

    @Test
    void statsFollowWhatHappens() throws Exception {
        try (BufferCache cache = open(8, 4)) {
            List<BufferLease> leases = acquire(cache, 6);
            assertThat(cache.stats()).isEqualTo(new BufferCacheStats(4, 0, 2, 8, 6, 0, 6, 0, 0));
            leases.get(0).release();
            releaseElsewhere(leases.subList(1, 3));
            leases.get(3).release();
            List<BufferLease> more = acquire(cache, 4);
            assertThat(cache.stats()).isEqualTo(new BufferCacheStats(8, 0, 2, 8, 8, 0, 8, 0, 0));
            more.add(cache.acquire());
            assertThat(cache.stats()).isEqualTo(new BufferCacheStats(8, 1, 2, 8, 7, 0, 8, 0, 0));
            more.forEach(BufferLease::release);
            leases.subList(4, 6).forEach(BufferLease::release);
        }
    }

    @Test
    void reserveCarvesBeforehand() throws UringException {
        try (BufferCache cache = open(40, 16)) {
            cache.reserve(17);
            assertThat(cache.slabs()).hasSize(2);
            acquire(cache, 32).forEach(BufferLease::release);
            assertThat(cache.slabs()).hasSize(2);
            cache.reserve(40);
            assertThat(cache.stats().buffers()).isEqualTo(40);
            assertThatIllegalArgumentException().isThrownBy(() -> cache.reserve(41)).withMessageContaining("0..40");
            assertThatIllegalArgumentException().isThrownBy(() -> cache.reserve(-1));
        }
    }

    @Test
    void allIdsOf16BitsCanBeOutAtOnce() throws UringException {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(64, BufferCache.MAX_BUFFERS))) {
            List<BufferLease> leases = acquire(cache, BufferCache.MAX_BUFFERS);
            assertThat(leases.getFirst().id()).isZero();
            assertThat(leases.getLast().id()).isEqualTo(65535);
            assertThat(cache.acquire()).isNull();
            leases.forEach(BufferLease::release);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, BufferCache.MAX_BUFFER_SIZE + 1, Integer.MAX_VALUE})
    void sizesOutOfRangeAreRefused(int size) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferCache.Settings.of(size, 1))
                .withMessage("buffer size " + size + " not in 1..1073741824");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, BufferCache.MAX_BUFFERS + 1, Integer.MAX_VALUE})
    void countsOutOfRangeAreRefused(int count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferCache.Settings.of(1, count))
                .withMessage("maximum of buffers " + count + " not in 1..65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferCache.Settings.of(1, 1).withSlabBuffers(count))
                .withMessage("buffers of a slab " + count + " not in 1..65536");
    }

    @Test
    void limitsThemselvesAreAccepted() {
        assertThat(BufferCache.Settings.of(1, BufferCache.MAX_BUFFERS).slabBuffers()).isEqualTo(65536);
        assertThat(BufferCache.Settings.of(BufferCache.MAX_BUFFER_SIZE, 1).slabBuffers()).isEqualTo(1);
        assertThat(BufferCache.Settings.of(4096, 1000).slabBuffers()).isEqualTo(16);
        assertThat(BufferCache.Settings.of(4096, 3).slabBuffers()).isEqualTo(3);
        new BufferCache(BufferCache.Settings.of(BufferCache.MAX_BUFFER_SIZE, BufferCache.MAX_BUFFERS)).close();
    }

    @Test
    void refusedMemoryIsAnExceptionAndTheCacheGoesOn() throws Exception {
        // 64 TiB: more than any machine lets one mapping have.
        BufferCache.Settings settings = BufferCache.Settings.of(BufferCache.MAX_BUFFER_SIZE, BufferCache.MAX_BUFFERS)
                .withSlabBuffers(BufferCache.MAX_BUFFERS);
        try (BufferCache cache = new BufferCache(settings)) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(cache::acquire)
                    .withMessageContaining("mmap: ENOMEM");
            assertThat(cache.stats().buffers()).isZero();
        }
    }

    @Test
    void anotherThreadCanOnlyRelease() throws Exception {
        try (BufferCache cache = open(8, 8)) {
            acquire(cache, 1).getFirst().release();
            assertRefusedElsewhere(cache::acquire);
            assertRefusedElsewhere(() -> {
                cache.reserve(8);
                return null;
            });
            Callable<Void> close = () -> closeCache(cache);
            assertRefusedElsewhere(close);
        }
    }

    private static Void closeCache(BufferCache cache) {
        cache.close();
        return null;
    }

    private static void assertRefusedElsewhere(Callable<?> action) throws Exception {
        assertThat(elsewhere(() -> assertThatIllegalStateException()
                        .isThrownBy(action::call)
                        .withMessageMatching("buffer cache belongs to Thread\\[.*], not to Thread\\[.*]")))
                .isNotNull();
    }

    private static <T> T elsewhere(Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(action);
        Thread.ofPlatform().start(task).join();
        return task.get();
    }

    @Test
    void cacheOfAThreadThatHasEndedCanBeClosed() throws Exception {
        BufferCache cache = elsewhere(() -> open(8, 8));
        cache.close();
    }

    @Test
    void closedCacheIsRefused() throws UringException {
        BufferCache cache = open(8, 8);
        BufferLease lease = cache.acquire();
        MemorySegment memory = lease.memory();
        lease.release();
        cache.close();
        cache.close();
        assertThatIllegalStateException().isThrownBy(cache::acquire).withMessage("buffer cache is closed");
        assertThatIllegalStateException().isThrownBy(() -> cache.reserve(1)).withMessage("buffer cache is closed");
        assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
        assertThatIllegalStateException().isThrownBy(lease::release);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 10})
    void highWaterIsTheMostThatWereOutAlsoWhenSlabsComeInBetween(int outMeanwhile) throws UringException {
        try (BufferCache cache = open(64, 16)) {
            acquire(cache, 10).forEach(BufferLease::release);
            List<BufferLease> held = acquire(cache, outMeanwhile);
            cache.reserve(64);
            assertThat(cache.stats().highWater()).isEqualTo(10);
            for (int out = held.size() + 1; out <= 64; out++) {
                held.addAll(acquire(cache, 1));
                assertThat(cache.stats().highWater()).isEqualTo(Math.max(10, out));
            }
            held.forEach(BufferLease::release);
            List<BufferLease> all = acquire(cache, 64);
            assertThat(all).extracting(BufferLease::id).doesNotHaveDuplicates();
            assertThat(cache.stats().highWater()).isEqualTo(64);
            all.forEach(BufferLease::release);
        }
    }
}
