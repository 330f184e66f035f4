package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.AllocatedBytes;
import io.uring4j.Ring;
import io.uring4j.sys.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a group costs that nobody uses. docs/buffers.md quotes what this measures: the process's shared resident memory
 * (RssShmem), where slabs and buffer rings lie, and what the opening allocates on the Java heap.
 */
class IdleGroupMemoryTest {
    /** Per buffer: its view of the slab, and its share of the tables. Measured were 76. */
    private static final long HEAP_PER_BUFFER = 80;

    /** Measured were 2 KiB. */
    private static final long HEAP_PER_GROUP = 3 << 10;
    private static final long PAGE = Libc.PAGE_SIZE;

    private static long residentBytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return 1024
                    * lines.filter(line -> line.startsWith("RssShmem:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum();
        }
    }

    /** In one slab, since a cache that grows slab by slab leaves smaller tables behind as garbage. */
    private static long heapBytesOfOneGroup(GroupKind kind, int buffers, int size) throws Exception {
        BufferCache[] cache = new BufferCache[1];
        long bytes;
        try (Ring ring = Setup.BEST.open()) {
            bytes = AllocatedBytes.ofFirst(() -> {
                cache[0] = new BufferCache(BufferCache.Settings.of(size, buffers).withSlabBuffers(buffers));
                kind.open(ring, 1, cache[0], buffers);
            });
        }
        cache[0].close();
        return bytes;
    }

    @ParameterizedTest
    @Tag("host") // before Linux 6.2 a process's resident pages are counted in batches
    @CsvSource({
        "BUFFER_RING, 128, 4096",
        "BUFFER_RING, 1024, 2048",
        "INCREMENTAL, 8, 65536",
        "PROVIDED, 128, 4096",
        "PROVIDED, 1024, 2048"
    })
    void idleGroupCostsItsBuffersAndLittleElse(GroupKind kind, int buffers, int size) throws Exception {
        heapBytesOfOneGroup(kind, buffers, size);
        assertThat(heapBytesOfOneGroup(kind, buffers, size))
                .as("bytes on the heap")
                .isLessThan(HEAP_PER_GROUP + buffers * HEAP_PER_BUFFER);
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(size, buffers));
                Ring ring = Setup.BEST.open()) {
            long before = residentBytes();
            try (BufferGroup group = kind.open(ring, 1, cache, buffers)) {
                ring.submit();
                long resident = residentBytes() - before;
                long entries = kind.isRing() ? Math.max(PAGE, buffers * 16L) : 0;
                assertThat(group.stats().heldByKernel()).isEqualTo(buffers);
                assertThat(resident).as("resident bytes").isEqualTo((long) buffers * size + entries);
            }
        }
    }
}
