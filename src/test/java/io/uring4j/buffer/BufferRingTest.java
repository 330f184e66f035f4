package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.AllocatedBytes;
import io.uring4j.Capabilities;
import io.uring4j.CompletionHandler;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.OpenFlags;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.Rounds;
import io.uring4j.UringException;
import io.uring4j.abi.io_uring_buf_reg;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only buffer rings do: batches, bundles, incremental consumption. */
class BufferRingTest {
    private static final int GROUP = 0xfedc;
    private static final int SIZE = 64;

    @BeforeEach
    void kernelHasIt() throws Exception {
        GroupKind.requireBufferRings();
    }

    /** Of several buffers: before 6.17 local sockets don't tell how much has come, and a bundle has one. */
    private static void requireBundles() throws Exception {
        assumeTrue(
                Capabilities.ofKernel().has(Modifier.SEND_VECTORIZED), "this kernel lacks bundles from local sockets (6.17)");
    }

    private static BufferCache cache(int buffers) {
        return new BufferCache(BufferCache.Settings.of(SIZE, buffers));
    }

    private static Reaped receive(Ring ring, SocketOrPipe stream) throws Exception {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP);
        return Reaped.next(ring);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 32})
    void replenishingCostsOnePublicationPerBatch(int batch) throws Exception {
        try (BufferCache cache = cache(64);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 32).replenishEvery(batch);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(group.stats()).isEqualTo(new BufferGroupStats(32, 0, 32, 1, 0));
            int receives = 320;
            for (int i = 1; i <= receives; i++) {
                stream.write(Pattern.of(i, SIZE));
                Reaped reaped = receive(ring, stream);
                group.take(reaped.result(), reaped.flags()).release();
                assertThat(group.stats().heldByKernel()).isEqualTo(32 - i % batch);
                assertThat(group.stats().publications()).isEqualTo(1 + i / batch);
            }
            assertThat(group.stats())
                    .isEqualTo(new BufferGroupStats(32, receives, 32 + receives, 1 + receives / batch, 0));
        }
    }

    @Test
    void largestRingGivesEachOfItsBuffersOnce() throws Exception {
        int capacity = BufferQueue.MAX_ENTRIES;
        int atOnce = 1024;
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, capacity).withSlabBuffers(capacity));
                Ring ring = Setup.BEST.open(atOnce);
                BufferRing group = BufferRing.open(ring, GROUP, cache, capacity)) {
            assertThat(group.stats().heldByKernel()).isEqualTo(capacity);
            MemorySegment path = arena.allocateFrom("/dev/zero");
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, path, OpenFlags.READ_ONLY, 0);
            int zeros = Reaped.next(ring).result();
            BitSet ids = new BitSet();
            List<BufferLease> leases = new ArrayList<>();
            group.replenishEvery(capacity);
            for (int taken = 0; taken < capacity; taken += atOnce) {
                for (int i = 0; i < atOnce; i++) {
                    ring.submissions().next().read(zeros, MemorySegment.NULL, 0, 0).selectBuffer(GROUP);
                }
                for (Reaped reaped : Reaped.next(ring, atOnce)) {
                    leases.add(group.take(reaped.result(), reaped.flags()));
                    ids.set(reaped.bufferId());
                }
            }
            assertThat(ids.cardinality()).isEqualTo(capacity);
            leases.forEach(BufferLease::release);
            assertThat(group.replenish()).isEqualTo(capacity);
            ring.submissions().next().close(zeros);
            assertThat(Reaped.next(ring).result()).isZero();
        }
    }

    @Test
    void kernelTellsHowManyBuffersItHasLeft() throws Exception {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_STATUS);
        try (BufferCache cache = cache(4);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(group.available()).isEqualTo(4);
            stream.write((byte) 1);
            Reaped reaped = receive(ring, stream);
            assertThat(group.available()).as("before the completion is shown to the group").isEqualTo(3);
            assertThat(group.stats().heldByKernel()).isEqualTo(4);
            BufferLease lease = group.take(reaped.result(), reaped.flags());
            assertThat(group.available()).isEqualTo(3);
            lease.release();
            group.replenish();
            assertThat(group.available()).isEqualTo(4);
            group.closeUnused();
            assertThatIllegalStateException().isThrownBy(group::available).withMessage("buffer ring is closed");
        }
    }

    @Test
    void groupThatWasUnregisteredByHandKeepsItsBuffersUntilTheRingIsClosed() throws Exception {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_STATUS);
        BufferCache cache = cache(4);
        BufferRing group;
        try (Arena arena = Arena.ofConfined();
                Ring ring = Setup.BEST.open()) {
            group = BufferRing.open(ring, GROUP, cache, 4);
            MemorySegment registration = io_uring_buf_reg.allocate(arena);
            io_uring_buf_reg.bgid(registration, (short) GROUP);
            ring.register(RegisterOpcode.UNREGISTER_PBUF_RING, registration, 1);
            List<ThrowingCallable> calls = List.of(group::available, group::close, group::closeUnused);
            for (ThrowingCallable call : calls) {
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(call)
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
            }
            assertThat(cache.stats().heldByKernel()).isEqualTo(4);
        }
        group.close();
        assertThat(cache.stats().heldByKernel()).isZero();
        cache.close();
    }

    @Test
    void batchesOutOfRangeAreRefused() throws Exception {
        try (BufferCache cache = cache(4);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 4)) {
            for (int count : new int[] {-1, 0, 5}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> group.replenishEvery(count))
                        .withMessage("replenishing every " + count + " buffers, not in 1..4");
            }
        }
    }

    @Test
    void tailWrapsManyTimes() throws Exception {
        try (BufferCache cache = cache(64);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            for (int i = 0; i < Rounds.of(140_000); i++) {
                stream.write((byte) i);
                Reaped reaped = receive(ring, stream);
                BufferLease lease = group.take(reaped.result(), reaped.flags());
                if (lease.memory().get(ValueLayout.JAVA_BYTE, 0) != (byte) i || lease.length() != 1) {
                    throw new AssertionError("receive " + i + " is not in the buffer that its completion names");
                }
                lease.release();
            }
            assertThat(group.stats().heldByKernel()).isEqualTo(4);
        }
    }

    /** Several groups of one cache: buffers move between them, and so do their neighbours in the rings. */
    @ParameterizedTest
    @EnumSource(value = GroupKind.class, names = {"BUFFER_RING", "INCREMENTAL"})
    void bundlesKeepTheOrderOfBytesWhereverTheirBuffersHaveBeen(GroupKind kind) throws Exception {
        requireBundles();
        Random random = new Random(4);
        int capacity = 16;
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = cache(3 * capacity);
                Ring ring = Setup.BEST.open();
                BufferGroup one = kind.open(ring, GROUP, cache, capacity);
                BufferGroup other = kind.open(ring, GROUP + 1, cache, capacity);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            List<BufferLease> leases = new ArrayList<>();
            long position = 0;
            long total = 0;
            int largest = 0;
            for (int i = 0; i < 3000; i++) {
                BufferGroup group = random.nextBoolean() ? one : other;
                int length = 1 + random.nextInt(12 * SIZE);
                MemorySegment sent = arena.allocate(length);
                Pattern.write(sent, position);
                stream.write(sent);
                for (int left = length; left > 0; ) {
                    ring.submissions()
                            .next()
                            .recv(stream.fd(), MemorySegment.NULL, 0, 0)
                            .selectBuffer(group.id())
                            .bundle();
                    Reaped reaped = Reaped.next(ring);
                    assertThat(reaped.result()).isBetween(1, left);
                    int firstLease = leases.size();
                    int count = group.takeBundle(reaped.result(), reaped.flags(), leases::add);
                    largest = Math.max(largest, count);
                    assertThat(leases).hasSize(firstLease + count);
                    for (BufferLease lease : leases.subList(firstLease, leases.size())) {
                        assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE))
                                .isEqualTo(Pattern.of(position, lease.length()));
                        position += lease.length();
                    }
                    left -= reaped.result();
                    // In random order, and some kept, so that the rings are soon shuffled.
                    Collections.shuffle(leases, random);
                    while (leases.size() > 8) {
                        leases.removeLast().release();
                    }
                    one.replenish();
                    other.replenish();
                }
                total += length;
                assertThat(position).isEqualTo(total);
            }
            assertThat(largest).as("buffers of the largest bundle").isGreaterThan(4);
            leases.forEach(BufferLease::release);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takerThatThrowsLosesNoBuffer(boolean error) throws Exception {
        requireBundles();
        try (BufferCache cache = cache(8);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 8);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, 5 * SIZE));
            ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP).bundle();
            Reaped reaped = Reaped.next(ring);
            assertThat(reaped.result()).isGreaterThan(2 * SIZE);
            List<BufferLease> taken = new ArrayList<>();
            assertThatThrownBy(() -> group.takeBundle(reaped.result(), reaped.flags(), lease -> {
                        taken.add(lease);
                        if (taken.size() == 2 && error) {
                            throw new AssertionError("full");
                        }
                        if (taken.size() == 2) {
                            throw new IllegalStateException("full");
                        }
                    }))
                    .isInstanceOf(error ? AssertionError.class : IllegalStateException.class)
                    .hasMessage("full");
            assertThat(taken).hasSize(2);
            assertThat(group.stats().taken()).as("those behind too").isEqualTo((reaped.result() + SIZE - 1) / SIZE);
            taken.forEach(BufferLease::release);
            group.replenish();
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
        }
    }

    /** What the ring of buffers says is gone by then, where its memory is the kernel's. */
    @ParameterizedTest
    @EnumSource(names = {"BUFFER_RING", "KERNEL_MEMORY"})
    void bundleCanBeTakenWhenTheRingIsClosed(GroupKind kind) throws Exception {
        requireBundles();
        try (BufferCache cache = cache(8);
                Ring ring = Setup.BEST.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 8);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, 3 * SIZE));
            ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GroupKind.ID).bundle();
            Reaped reaped = Reaped.next(ring);
            GroupCloseTest.closeRing(ring);
            List<Integer> ids = new ArrayList<>();
            group.takeBundle(reaped.result(), reaped.flags(), lease -> {
                assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(Pattern.of((long) ids.size() * SIZE, SIZE));
                ids.add(lease.id());
                lease.release();
            });
            assertThat(ids).hasSize(3).doesNotHaveDuplicates();
        }
    }

    @Test
    void bundleThatIsTakenAsASingleBufferIsRefused() throws Exception {
        requireBundles();
        try (BufferCache cache = cache(8);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 8);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, 3 * SIZE));
            ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP).bundle();
            Reaped reaped = Reaped.next(ring);
            assertThatIllegalArgumentException().isThrownBy(() -> group.take(reaped.result(), reaped.flags()));
            group.takeBundle(reaped.result(), reaped.flags(), BufferLease::release);
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
        }
    }

    @Test
    void piecesOfABufferAddUpToItAndBringItBackInAnyOrderOnAnyThread() throws Exception {
        int size = 1024;
        Random random = new Random(5);
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(size, 2));
                Ring ring = Setup.BEST.open();
                BufferGroup group = GroupKind.INCREMENTAL.open(ring, GROUP, cache, 2);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            for (int lap = 0; lap < 50; lap++) {
                // Two whole buffers, in pieces that cross from one to the other.
                List<BufferLease> pieces = new ArrayList<>();
                int[] bytesOf = new int[2];
                int position = 0;
                while (position < 2 * size) {
                    int length = Math.min(1 + random.nextInt(50), 2 * size - position);
                    stream.write(Pattern.of(position, length));
                    for (int left = length; left > 0; ) {
                        ring.submissions()
                                .next()
                                .recv(stream.fd(), MemorySegment.NULL, 0, 0)
                                .selectBuffer(GROUP);
                        Reaped reaped = Reaped.next(ring);
                        BufferLease piece = group.take(reaped.result(), reaped.flags());
                        assertThat(piece.id()).isEqualTo(reaped.bufferId());
                        assertThat(piece.offset()).isEqualTo(bytesOf[piece.id()]);
                        bytesOf[piece.id()] += piece.length();
                        left -= piece.length();
                        pieces.add(piece);
                    }
                    position += length;
                }
                assertThat(bytesOf).containsOnly(size);
                assertThat(group.stats().heldByKernel()).isZero();
                assertThat(cache.stats().leased()).isEqualTo(2);
                position = 0;
                for (BufferLease piece : pieces) {
                    assertThat(piece.bytes().toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(Pattern.of(position, piece.length()));
                    position += piece.length();
                }
                Collections.shuffle(pieces, random);
                int half = pieces.size() / 2;
                BufferCacheTest.releaseElsewhere(pieces.subList(half, pieces.size()));
                pieces.subList(0, half).forEach(BufferLease::release);
                assertThat(group.replenish()).isEqualTo(2);
            }
        }
    }

    @Test
    void pieceKeepsItsBufferFromTheKernel() throws Exception {
        int size = 256;
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(size, 1));
                Ring ring = Setup.BEST.open();
                BufferGroup group = GroupKind.INCREMENTAL.open(ring, GROUP, cache, 1);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            List<BufferLease> pieces = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                stream.write(Pattern.of(i * 64L, 64));
                Reaped reaped = receive(ring, stream);
                pieces.add(group.take(reaped.result(), reaped.flags()));
                assertThat(group.stats().heldByKernel()).isEqualTo(i < 3 ? 1 : 0);
            }
            for (int i : new int[] {2, 0, 3}) {
                pieces.get(i).release();
                assertThat(group.replenish()).isZero();
                assertThat(cache.acquire()).isNull();
            }
            assertThatIllegalStateException().isThrownBy(pieces.get(3)::release);
            pieces.get(1).release();
            assertThat(group.replenish()).isEqualTo(1);
        }
    }

    @Test
    @Tag("host") // what it measures takes the optimizing compiler
    void warmReceivesAllocateNothing() throws Exception {
        try (BufferCache cache = cache(8);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 8);
                Arena arena = Arena.ofConfined();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            MemorySegment message = arena.allocate(SIZE);
            CompletionHandler handler = (userData, result, flags) -> {
                if (userData == 2) {
                    group.take(result, flags).release();
                }
            };
            AllocatedBytes.Action receives = () -> {
                for (int i = 0; i < 5_000; i++) {
                    ring.submissions().next().send(stream.peerFd(), message, SIZE, 0).userData(1);
                    ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP).userData(2);
                    ring.submitAndWait(2);
                    ring.completions().drain(handler);
                }
            };
            assertThat(AllocatedBytes.ofWarm(receives)).isZero();
        }
    }
}
