package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.Capabilities;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The older kind of group: what its own entries do. */
class ProvidedBuffersTest {
    private static final int GROUP = 0xfedc;
    private static final int SIZE = 64;

    /** In which order leases are released. */
    enum Order {
        ASCENDING,
        DESCENDING,
        RANDOM,
        BLOCKS_OF_32;

        void arrange(List<BufferLease> leases) {
            leases.sort(Comparator.comparingInt(BufferLease::id));
            switch (this) {
                case ASCENDING -> {}
                case DESCENDING -> Collections.reverse(leases);
                case RANDOM -> Collections.shuffle(leases, new Random(1));
                case BLOCKS_OF_32 -> {
                    List<List<BufferLease>> blocks = new ArrayList<>();
                    for (int i = 0; i < leases.size(); i += 32) {
                        blocks.add(List.copyOf(leases.subList(i, Math.min(i + 32, leases.size()))));
                    }
                    Collections.shuffle(blocks, new Random(2));
                    leases.clear();
                    blocks.forEach(leases::addAll);
                }
            }
        }
    }

    /** Has the kernel fill so many buffers, each with a pattern of its own. */
    private static List<BufferLease> takeAll(Ring ring, ProvidedBuffers group, SocketOrPipe stream, int count)
            throws Exception {
        List<BufferLease> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stream.write(Pattern.of(i, SIZE));
            ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, SIZE, 0).selectBuffer(GROUP).userData(1);
            Reaped reaped = GroupKind.next(ring, group);
            leases.add(group.take(reaped.result(), reaped.flags()));
        }
        for (int i = 0; i < count; i++) {
            assertThat(leases.get(i).bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(i, SIZE));
        }
        return leases;
    }

    private static int runs(List<BufferLease> leases, int slabBuffers) {
        List<Integer> ids = leases.stream().map(BufferLease::id).sorted().toList();
        int runs = 1;
        for (int i = 1; i < ids.size(); i++) {
            boolean neighbours = ids.get(i) == ids.get(i - 1) + 1 && ids.get(i) % slabBuffers != 0;
            runs += neighbours ? 0 : 1;
        }
        return runs;
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void neighboursShareAnEntryWhateverTheOrderOfRelease(Order order) throws Exception {
        int buffers = 128;
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, buffers).withSlabBuffers(buffers));
                Ring ring = Setup.BEST.open();
                ProvidedBuffers group = ProvidedBuffers.open(ring, GROUP, cache, buffers);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(group.stats().publications()).isEqualTo(1);
            List<BufferLease> leases = takeAll(ring, group, stream, buffers);
            order.arrange(leases);
            leases.forEach(BufferLease::release);
            assertThat(group.replenish()).isEqualTo(buffers);
            assertThat(group.stats().publications()).as("one entry for all").isEqualTo(2);
            takeAll(ring, group, stream, buffers).forEach(BufferLease::release);
        }
    }

    @Test
    void entriesAreAsManyAsTheRunsThatCameBack() throws Exception {
        int buffers = 100;
        int slab = 30;
        Random random = new Random(3);
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, buffers).withSlabBuffers(slab));
                Ring ring = Setup.BEST.open(128);
                ProvidedBuffers group = ProvidedBuffers.open(ring, GROUP, cache, buffers);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(group.stats().publications()).as("an entry for each slab").isEqualTo(4);
            List<BufferLease> leases = takeAll(ring, group, stream, buffers);
            while (!leases.isEmpty()) {
                Collections.shuffle(leases, random);
                List<BufferLease> back = leases.subList(0, 1 + random.nextInt(leases.size()));
                int runs = runs(back, slab);
                long before = group.stats().publications();
                back.forEach(BufferLease::release);
                assertThat(group.replenish()).isEqualTo(back.size());
                assertThat(group.stats().publications() - before).isEqualTo(runs);
                back.clear();
            }
            takeAll(ring, group, stream, buffers).forEach(BufferLease::release);
        }
    }

    @Test
    void singlesNeedAnEntryEach() throws Exception {
        int buffers = 32;
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, buffers).withSlabBuffers(buffers));
                Ring ring = Setup.BEST.open();
                ProvidedBuffers group = ProvidedBuffers.open(ring, GROUP, cache, buffers);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            List<BufferLease> leases = takeAll(ring, group, stream, buffers);
            leases.stream().filter(lease -> lease.id() % 2 == 1).forEach(BufferLease::release);
            assertThat(group.replenish()).isEqualTo(16);
            assertThat(group.stats().publications()).isEqualTo(1 + 16);
            leases.stream().filter(lease -> lease.id() % 2 == 0).forEach(BufferLease::release);
            assertThat(group.replenish()).isEqualTo(16);
            assertThat(group.stats().publications()).isEqualTo(1 + 16 + 16);
            takeAll(ring, group, stream, buffers).forEach(BufferLease::release);
        }
    }

    @Test
    void whatFindsNoEntryWaitsForTheNextReplenishing() throws Exception {
        int buffers = 20;
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, buffers).withSlabBuffers(1));
                Ring ring = Setup.BEST.open(8);
                ProvidedBuffers group = ProvidedBuffers.open(ring, GROUP, cache, buffers);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(group.stats().heldByKernel()).as("as many as there were entries").isEqualTo(8);
            assertThat(group.replenish()).isZero();
            ring.submit();
            assertThat(group.replenish()).isEqualTo(8);
            ring.submit();
            assertThat(group.replenish()).isEqualTo(4);
            assertThat(group.stats().heldByKernel()).isEqualTo(20);
            takeAll(ring, group, stream, buffers).forEach(BufferLease::release);
        }
    }

    @Test
    void silentEntriesPostNothing() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 8));
                Ring ring = Setup.BEST.open();
                BufferGroup group = GroupKind.PROVIDED.open(ring, GROUP, cache, 8)) {
            ring.submissions().next().nop().userData(5);
            assertThat(Reaped.next(ring).userData()).isEqualTo(5);
            assertThat(ring.completions().ready()).isZero();
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
        }
    }

    @Test
    void otherEntriesPostACompletionThatTheGroupKnows() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 8));
                Ring ring = Setup.BEST.open();
                ProvidedBuffers group = (ProvidedBuffers) GroupKind.PROVIDED_ALOUD.open(ring, GROUP, cache, 8);
                ProvidedBuffers other = (ProvidedBuffers) GroupKind.PROVIDED_ALOUD.open(ring, GROUP - 1, cache, 8)) {
            List<Reaped> reaped = Reaped.next(ring, 1);
            assertThat(reaped.getFirst().result()).isZero();
            assertThat(reaped.getFirst().userData() & 0xffff_ffff_0000_0000L).isEqualTo(group.tag());
            assertThat(other.onCompletion(reaped.getFirst().userData(), 0)).isFalse();
            assertThat(group.onCompletion(reaped.getFirst().userData(), 0)).isTrue();
            assertThat(group.onCompletion(1, 0)).isFalse();
            assertThat(group.refused()).isZero();
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GroupKind.class,
            names = {"PROVIDED", "PROVIDED_ALOUD"})
    void refusedBuffersComeBackToTheCache(GroupKind kind) throws Exception {
        assumeTrue(Capabilities.ofKernel().has(RegisterOpcode.REGISTER_PBUF_STATUS), "this kernel lacks PBUF_STATUS (6.8)");
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 8).withSlabBuffers(4));
                Ring ring = Setup.BEST.open();
                // By hand, since groups of ours would refuse to share the id.
                BufferQueue queue = BufferQueue.register(ring, GROUP, 4);
                ProvidedBuffers group = (ProvidedBuffers) kind.open(ring, GROUP, cache, 8)) {
            for (Reaped refusal : Reaped.next(ring, 2)) {
                assertThat(refusal.result()).isNegative();
                assertThat(group.onCompletion(refusal.userData(), refusal.result())).isTrue();
            }
            assertThat(queue.available()).isZero();
            assertThat(group.refused()).isEqualTo(8);
            assertThat(group.stats().heldByKernel()).isZero();
            assertThat(cache.stats().heldByKernel()).isZero();
            List<BufferLease> leases = BufferCacheTest.acquire(cache, 8);
            assertThat(leases).extracting(BufferLease::id).doesNotHaveDuplicates();
            leases.forEach(BufferLease::release);
        }
    }
}
