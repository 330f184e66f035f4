package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What both kinds of group have in common, on every kind of ring. */
class BufferGroupTest {
    private static void receive(Ring ring, SocketOrPipe stream) {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, GroupKind.SIZE, 0).selectBuffer(GroupKind.ID).userData(1);
    }

    private static byte[] bytes(BufferLease lease) {
        return lease.bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void dataLandsInTheBufferThatTheCompletionNames(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(8);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 8);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            long position = 0;
            for (int length = 1; length <= 2 * GroupKind.SIZE; length++) {
                stream.write(Pattern.of(position, length));
                for (int left = length; left > 0; ) {
                    receive(ring, stream);
                    Reaped reaped = GroupKind.next(ring, group);
                    assertThat(reaped.result()).isBetween(1, Math.min(left, GroupKind.SIZE));
                    try (BufferLease lease = group.take(reaped.result(), reaped.flags())) {
                        assertThat(lease.id()).isEqualTo(reaped.bufferId());
                        assertThat(lease.length()).isEqualTo(reaped.result());
                        assertThat(bytes(lease)).isEqualTo(Pattern.of(position, reaped.result()));
                    }
                    left -= reaped.result();
                    position += reaped.result();
                    group.replenish();
                }
            }
            assertThat(group.stats().taken()).isGreaterThan(2 * GroupKind.SIZE);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void pipesAreReadToo(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4);
                SocketOrPipe pipe = SocketOrPipe.pipe()) {
            byte[] sent = Pattern.of(7, 300);
            pipe.write(sent);
            List<Byte> received = new ArrayList<>();
            while (received.size() < sent.length) {
                ring.submissions().next().read(pipe.fd(), MemorySegment.NULL, GroupKind.SIZE, -1).selectBuffer(GroupKind.ID);
                Reaped reaped = GroupKind.next(ring, group);
                try (BufferLease lease = group.take(reaped.result(), reaped.flags())) {
                    for (byte b : bytes(lease)) {
                        received.add(b);
                    }
                }
                group.replenish();
            }
            assertThat(received).containsExactly(boxed(sent));
        }
    }

    private static Byte[] boxed(byte[] bytes) {
        Byte[] boxed = new Byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            boxed[i] = bytes[i];
        }
        return boxed;
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void blocksOfAFileComeInBuffersWhicheverTheKernelPicks(GroupKind kind, @TempDir Path directory) throws Exception {
        int blocks = 40;
        Path file = Files.write(directory.resolve("data"), Pattern.of(0, blocks * GroupKind.SIZE));
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = GroupKind.cache(blocks);
                Ring ring = Setup.BEST.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 64)) {
            ring.submissions()
                    .next()
                    .openat(OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom(file.toString()), OpenFlags.READ_ONLY, 0);
            int fd = GroupKind.next(ring, group).result();
            for (int block = 0; block < blocks; block++) {
                ring.submissions()
                        .next()
                        .read(fd, MemorySegment.NULL, GroupKind.SIZE, (long) block * GroupKind.SIZE)
                        .selectBuffer(GroupKind.ID)
                        .userData(block);
            }
            BitSet ids = new BitSet();
            List<BufferLease> leases = new ArrayList<>();
            for (int i = 0; i < blocks; i++) {
                Reaped reaped = GroupKind.next(ring, group);
                assertThat(reaped.result()).isEqualTo(GroupKind.SIZE);
                BufferLease lease = group.take(reaped.result(), reaped.flags());
                assertThat(ids.get(lease.id())).isFalse();
                ids.set(lease.id());
                assertThat(bytes(lease)).isEqualTo(Pattern.of(reaped.userData() * GroupKind.SIZE, GroupKind.SIZE));
                leases.add(lease);
            }
            ring.submissions().next().close(fd);
            assertThat(GroupKind.next(ring, group).result()).isZero();
            leases.forEach(BufferLease::release);
        }
    }

    /** Over many laps, with releases in random order: the kernel never has an id twice, and none gets lost. */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void idIsEitherTheKernelsOrTheProgramsAndNeverLost(Setup setup, GroupKind kind) throws Exception {
        int buffers = 32;
        Random random = new Random(kind.ordinal());
        BitSet leased = new BitSet();
        int[] uses = new int[buffers];
        try (BufferCache cache = GroupKind.cache(buffers);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, buffers);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            List<BufferLease> leases = new ArrayList<>();
            for (int i = 0; i < 800; i++) {
                // Whole buffers, so that the incremental kind returns each at once.
                stream.write(Pattern.of(i, GroupKind.SIZE));
                receive(ring, stream);
                Reaped reaped = GroupKind.next(ring, group);
                assertThat(reaped.result()).isEqualTo(GroupKind.SIZE);
                BufferLease lease = group.take(reaped.result(), reaped.flags());
                assertThat(leased.get(lease.id())).as("id %d leased twice", lease.id()).isFalse();
                leased.set(lease.id());
                uses[lease.id()]++;
                leases.add(lease);
                int keep = random.nextInt(buffers / 2);
                Collections.shuffle(leases, random);
                while (leases.size() > keep) {
                    BufferLease released = leases.removeLast();
                    leased.clear(released.id());
                    released.release();
                }
                group.replenish();
                BufferCacheStats stats = cache.stats();
                assertThat(stats.heldByKernel()).isEqualTo(group.stats().heldByKernel());
                assertThat(stats.leased()).isEqualTo(leases.size());
                assertThat(stats.heldByKernel()).isEqualTo(buffers - leases.size());
            }
            if (GroupKind.BUFFER_RING.isSupported()) {
                // Before Linux 5.19 the kernel takes what was provided last.
                assertThat(uses).as("every buffer is used").doesNotContain(0);
            }
            leases.forEach(BufferLease::release);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void withoutBuffersReceivesEndWithEnobufsAndNothingIsLost(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(2);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 2);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            Deque<BufferLease> leases = new ArrayDeque<>();
            for (int i = 0; i < 3; i++) {
                stream.write(Pattern.of(i, GroupKind.SIZE));
            }
            for (int i = 0; i < 2; i++) {
                receive(ring, stream);
                Reaped reaped = GroupKind.next(ring, group);
                leases.add(group.take(reaped.result(), reaped.flags()));
            }
            receive(ring, stream);
            Reaped refused = GroupKind.next(ring, group);
            assertThat(refused.error()).isEqualTo(Errno.ENOBUFS);
            assertThat(refused.hasBuffer()).isFalse();
            group.noteExhausted();
            assertThat(group.stats().exhausted()).isEqualTo(1);
            assertThat(group.replenish()).isZero();

            leases.remove().release();
            assertThat(group.replenish()).isEqualTo(1);
            receive(ring, stream);
            Reaped third = GroupKind.next(ring, group);
            try (BufferLease lease = group.take(third.result(), third.flags())) {
                assertThat(bytes(lease)).isEqualTo(Pattern.of(2, GroupKind.SIZE));
            }
            leases.remove().release();
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void idsFrom32768OnAreNotNegative(GroupKind kind) throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(GroupKind.SIZE, BufferCache.MAX_BUFFERS));
                Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            List<BufferLease> lower = BufferCacheTest.acquire(cache, 65535);
            try (BufferGroup group = kind.open(ring, GroupKind.ID, cache, 1)) {
                for (int i = 0; i < 3; i++) {
                    stream.write(Pattern.of(i, GroupKind.SIZE));
                    receive(ring, stream);
                    Reaped reaped = GroupKind.next(ring, group);
                    try (BufferLease lease = group.take(reaped.result(), reaped.flags())) {
                        assertThat(lease.id()).isEqualTo(65535);
                        assertThat(bytes(lease)).isEqualTo(Pattern.of(i, GroupKind.SIZE));
                    }
                    group.replenish();
                }
            }
            lower.forEach(BufferLease::release);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void completionThatIsNotOfTheGroupIsRefusedAndChangesNothing(GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(8);
                Ring ring = Setup.BEST.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4)) {
            BufferGroupStats before = group.stats();
            assertThat(before.heldByKernel()).isEqualTo(4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> group.take(1, 0))
                    .withMessageStartingWith("completion carries no buffer id");
            assertThatIllegalArgumentException()
                    .as("in the cache, not the kernel's")
                    .isThrownBy(() -> group.take(1, 7 << 16 | Cqe.BUFFER))
                    .withMessage("group 2045 has not given buffer 7 to the kernel");
            assertThatIllegalArgumentException()
                    .as("of no slab")
                    .isThrownBy(() -> group.take(1, 65535 << 16 | Cqe.BUFFER));
            assertThatIllegalArgumentException()
                    .as("more than a buffer")
                    .isThrownBy(() -> group.take(GroupKind.SIZE + 1, Cqe.BUFFER));
            assertThatIllegalArgumentException().isThrownBy(() -> group.takeBundle(1, 0, BufferLease::release));
            assertThat(group.stats()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void anotherThreadCannotUseTheGroup(GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.PLAIN.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4)) {
            Reaped.next(ring, kind == GroupKind.PROVIDED_ALOUD ? 1 : 0);
            FutureTask<Void> task = new FutureTask<>(() -> {
                assertThatIllegalStateException().isThrownBy(() -> group.take(1, Cqe.BUFFER));
                assertThatIllegalStateException()
                        .isThrownBy(() -> group.takeBundle(1, Cqe.BUFFER, BufferLease::release));
                assertThatIllegalStateException().isThrownBy(() -> group.replenish());
                assertThatIllegalStateException().isThrownBy(() -> kind.open(ring, 5, cache, 4));
                return null;
            });
            Thread.ofPlatform().start(task);
            task.get();
            assertThat(group.stats().heldByKernel()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void capacitiesOutOfRangeAreRefusedAndTakeNoId(GroupKind kind) throws Exception {
        kind.require();
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.BEST.open()) {
            for (int capacity : new int[] {Integer.MIN_VALUE, -1, 0, 32769, 65536, Integer.MAX_VALUE}) {
                assertThatIllegalArgumentException().isThrownBy(() -> kind.open(ring, GroupKind.ID, cache, capacity));
            }
            for (int id : new int[] {-1, 65536, Integer.MIN_VALUE}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> kind.open(ring, id, cache, 4))
                        .withMessage("buffer group " + id + " not in 0..65535");
            }
            try (BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4)) {
                assertThat(group.id()).isEqualTo(GroupKind.ID);
                assertThat(group.capacity()).isEqualTo(4);
                assertThat(group.bufferSize()).isEqualTo(GroupKind.SIZE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void wantOfMemoryWhileOpeningLeavesNothingBehind(GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.BEST.open()) {
            // Skips here, not where an exception is expected.
            kind.open(ring, GroupKind.ID, cache, 4).close();
        }
        BufferCache.Settings tooMuch = BufferCache.Settings.of(BufferCache.MAX_BUFFER_SIZE, BufferCache.MAX_BUFFERS)
                .withSlabBuffers(BufferCache.MAX_BUFFERS);
        try (BufferCache greedy = new BufferCache(tooMuch);
                BufferCache modest = GroupKind.cache(4);
                Ring ring = Setup.BEST.open()) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> kind.open(ring, GroupKind.ID, greedy, 4))
                    .withMessageContaining("ENOMEM");
            try (BufferGroup group = kind.open(ring, GroupKind.ID, modest, 4)) {
                assertThat(group.stats().heldByKernel()).isEqualTo(4);
            }
        }
    }

    @Test
    void bestKindIsTheOneThatTheKernelHas() throws Exception {
        Class<? extends BufferGroup> best = GroupKind.BUFFER_RING.isSupported() ? BufferRing.class : ProvidedBuffers.class;
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GroupKind.ID, cache, 4)) {
            assertThat(group).isInstanceOf(best);
            assertThat(group.stats().heldByKernel()).isEqualTo(4);
        }
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, cache, 4)) {
            assertThat(group).isInstanceOf(best);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void idIsNeverSharedByTwoGroupsOfEitherKind(GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(64);
                Ring ring = Setup.BEST.open();
                Ring otherRing = Setup.BEST.open()) {
            BufferGroup group = kind.open(ring, 7, cache, 4);
            for (GroupKind second : GroupKind.values()) {
                if (!second.isSupported()) {
                    continue;
                }
                assertThatIllegalStateException()
                        .isThrownBy(() -> second.open(ring, 7, cache, 4))
                        .withMessageStartingWith("buffer group 7 of this ring is in use");
            }
            try (BufferGroup elsewhere = kind.open(otherRing, 7, cache, 4)) {
                assertThat(elsewhere.id()).as("ids are the ring's own").isEqualTo(7);
            }
            endGroup(ring, group);
            BufferGroup again = kind.open(ring, 7, cache, 4);
            assertThat(again.stats().heldByKernel()).isEqualTo(4);
            endGroup(ring, again);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void idOfAClosedGroupIsFreeForTheOtherKind(GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(64);
                Ring ring = Setup.BEST.open()) {
            for (GroupKind each : List.of(GroupKind.PROVIDED, kind, GroupKind.PROVIDED_ALOUD)) {
                BufferGroup group = each.open(ring, 7, cache, 4);
                assertThat(group.stats().heldByKernel()).isEqualTo(4);
                endGroup(ring, group);
                assertThat(cache.stats().heldByKernel()).isZero();
            }
        }
    }

    /** Closes a group, and reaps what it has still to say. */
    private static void endGroup(Ring ring, BufferGroup group) throws UringException {
        if (group instanceof BufferRing bufferRing) {
            bufferRing.closeUnused();
        } else if (group instanceof ProvidedBuffers provided) {
            provided.close();
            ring.submit();
            while (provided.stats().heldByKernel() > 0) {
                Reaped reaped = Reaped.next(ring);
                assertThat(provided.onCompletion(reaped.userData(), reaped.result())).isTrue();
            }
        }
    }

    @Test
    void managedIdsAreTheLowestThatAreFree() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(64);
                Ring ring = Setup.BEST.open();
                BufferQueue byHand = BufferQueue.register(ring, 2, 4);
                BufferGroup first = BufferGroup.open(ring, cache, 4);
                BufferGroup chosen = BufferGroup.open(ring, 1, cache, 4)) {
            assertThat(first.id()).isZero();
            assertThat(chosen.id()).isEqualTo(1);
            assertThat(byHand.group()).isEqualTo(2);
            BufferGroup third = BufferGroup.open(ring, cache, 4);
            assertThat(third.id()).isEqualTo(3);
            endGroup(ring, chosen);
            try (BufferGroup again = BufferGroup.open(ring, cache, 4)) {
                assertThat(again.id()).isEqualTo(1);
            }
            endGroup(ring, third);
        }
    }

    /** Whatever has the lower ids, of which the kernel doesn't know all. */
    @Test
    void managedIdsAreFreeForTheKindThatTheCallerInsistsOn() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(64);
                Ring ring = Setup.BEST.open();
                BufferGroup legacy = ProvidedBuffers.open(ring, cache, 4);
                BufferQueue byHand = BufferQueue.register(ring, 1, 4);
                BufferGroup second = ProvidedBuffers.open(ring, cache, 4);
                BufferRing third = BufferRing.open(ring, cache, 4);
                BufferGroup fourth = ProvidedBuffers.open(ring, cache, 4)) {
            assertThat(legacy.id()).isZero();
            assertThat(byHand.group()).isEqualTo(1);
            assertThat(second.id()).isEqualTo(2);
            assertThat(third.id()).isEqualTo(3);
            assertThat(fourth.id()).isEqualTo(4);
            ring.submit();
            for (BufferGroup each : List.of(legacy, second, third, fourth)) {
                assertThat(each.stats().heldByKernel()).isEqualTo(4);
            }
            end(byHand);
            try (BufferGroup again = ProvidedBuffers.open(ring, cache, 4)) {
                assertThat(again.id()).isEqualTo(1);
            }
        }
    }

    /** Before its try block ends. */
    private static void end(BufferQueue queue) throws UringException {
        queue.close();
    }

    @Test
    void managedIdOfAGroupInTheKernelsMemoryIsOneThatCanBeMapped() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = Setup.BEST.open()) {
            for (int id = 0; id <= 2046; id++) {
                GroupIds.take(ring, id);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BufferRing.open(ring, 2048, cache, 1, BufferQueue.Option.KERNEL_MEMORY))
                    .withMessageContaining("0..2047");
            try (BufferGroup last = openManagedInKernelsMemory(ring, cache)) {
                assertThat(last.id()).isEqualTo(2047);
                assertThatIllegalStateException()
                        .isThrownBy(() -> BufferRing.open(ring, cache, 1, BufferQueue.Option.KERNEL_MEMORY))
                        .withMessage("all 2048 group ids of this ring are in use");
                try (BufferGroup other = BufferRing.open(ring, cache, 1)) {
                    assertThat(other.id()).as("not kept by the refusal").isEqualTo(2048);
                }
            }
        }
    }

    private static BufferGroup openManagedInKernelsMemory(Ring ring, BufferCache cache) throws UringException {
        try {
            return BufferRing.open(ring, cache, 1, BufferQueue.Option.KERNEL_MEMORY);
        } catch (UringException e) {
            assumeTrue(e.error() != Errno.EINVAL, "this kernel lacks " + GroupKind.KERNEL_MEMORY);
            throw e;
        }
    }

    @Test
    void allIdsCanBeInUse() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(1);
                Ring ring = Setup.BEST.open()) {
            for (int i = 0; i <= BufferGroup.MAX_ID; i++) {
                GroupIds.take(ring, i);
            }
            assertThatIllegalStateException()
                    .isThrownBy(() -> BufferGroup.open(ring, cache, 1))
                    .withMessage("all 65536 group ids of this ring are in use");
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void bothKindsWorkSideBySideFromOneCache(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(16);
                Ring ring = setup.open();
                BufferGroup one = kind.open(ring, GroupKind.ID, cache, 4);
                BufferGroup other = GroupKind.PROVIDED_ALOUD.open(ring, GroupKind.ID + 1, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            for (int i = 0; i < 200; i++) {
                BufferGroup group = i % 3 == 0 ? other : one;
                stream.write(Pattern.of(i, GroupKind.SIZE));
                ring.submissions()
                        .next()
                        .recv(stream.fd(), MemorySegment.NULL, GroupKind.SIZE, 0)
                        .selectBuffer(group.id())
                        .userData(1);
                Reaped reaped;
                do {
                    reaped = GroupKind.next(ring, one);
                } while (((ProvidedBuffers) other).onCompletion(reaped.userData(), reaped.result()));
                assertThat(reaped.result()).isEqualTo(GroupKind.SIZE);
                Reaped taken = reaped;
                BufferGroup wrong = group == one ? other : one;
                assertThatIllegalArgumentException().isThrownBy(() -> wrong.take(taken.result(), taken.flags()));
                try (BufferLease lease = group.take(reaped.result(), reaped.flags())) {
                    assertThat(bytes(lease)).isEqualTo(Pattern.of(i, GroupKind.SIZE));
                }
                group.replenish();
            }
        }
    }
}
