package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.UringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Slabs in huge pages, which a system has only if somebody has set them aside. */
@ResourceLock("vm.nr_hugepages")
class HugePagesTest {
    private static final Path SET_ASIDE = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private static long free() throws IOException {
        try (var lines = Files.lines(MEMORY)) {
            return lines.filter(line -> line.startsWith("HugePages_Free:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
    }

    @Test
    void withoutAnyTheRefusalNamesTheSetting() throws Exception {
        assumeTrue(free() == 0, "this system has huge pages set aside");
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(4096, 64).withHugePages())) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(cache::acquire)
                    .withMessageContaining("ENOMEM")
                    .withMessageContaining("vm.nr_hugepages");
        }
    }

    @Test
    void slabFillsAWholePage() {
        BufferCache.Settings settings = BufferCache.Settings.of(4096, 65536).withHugePages();
        assertThat(settings.slabBuffers()).isEqualTo((int) (HugePages.SIZE / 4096));
        assertThat(BufferCache.Settings.of(4096, 20).withHugePages().slabBuffers()).isEqualTo(20);
    }

    @Test
    void slabsLieInHugePages() throws Exception {
        assumeTrue(Files.isWritable(SET_ASIDE), "setting huge pages aside needs root");
        String before = Files.readString(SET_ASIDE).strip();
        try {
            Files.writeString(SET_ASIDE, Long.toString(Long.parseLong(before) + 2));
            long free = free();
            assumeTrue(free >= 2, "this system has no memory for huge pages");
            // 2 MiB each where pages have 4 KiB, but 32 MiB where they have 16 KiB.
            int buffer = (int) (HugePages.SIZE / 512);
            try (BufferCache cache = new BufferCache(BufferCache.Settings.of(buffer, 600).withHugePages())) {
                var leases = BufferCacheTest.acquire(cache, 600);
                assertThat(cache.slabs()).hasSize(2).allMatch(slab -> slab.address() % HugePages.SIZE == 0);
                leases.forEach(lease -> lease.memory().fill((byte) lease.id()));
                assertThat(free()).isEqualTo(free - 2);
                leases.forEach(BufferLease::release);
            }
            assertThat(free()).as("all freed by close").isEqualTo(free);
        } finally {
            Files.writeString(SET_ASIDE, before);
        }
    }
}
