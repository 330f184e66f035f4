package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.AllocatedBytes;
import io.uring4j.CompletionHandler;
import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that are used in their buffer, which then goes straight back. */
class BufferVisitTest {
    private static Reaped receive(Ring ring, BufferGroup group, SocketOrPipe stream, int most) throws Exception {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, most, 0).selectBuffer(GroupKind.ID).userData(1);
        return GroupKind.next(ring, group);
    }

    private static byte[] bytes(MemorySegment memory, long offset, int length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void everyByteIsSeenOnceAndFewBuffersServeForAll(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            long[] position = {0};
            BitSet ids = new BitSet();
            for (int round = 0; round < 200; round++) {
                int length = 1 + round % GroupKind.SIZE;
                stream.write(Pattern.of(position[0], length));
                for (int left = length; left > 0; ) {
                    Reaped reaped = receive(ring, group, stream, GroupKind.SIZE);
                    assertThat(reaped.result()).isPositive();
                    ids.set(reaped.bufferId());
                    group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> {
                        assertThat(count).isEqualTo(reaped.result());
                        assertThat(bytes(memory, offset, count)).isEqualTo(Pattern.of(position[0], count));
                        position[0] += count;
                        // A buffer that the kernel goes on to fill is still the kernel's.
                        assertThat(cache.stats().leased()).isEqualTo((reaped.flags() & Cqe.BUFFER_MORE) != 0 ? 0 : 1);
                    });
                    left -= reaped.result();
                    assertThat(cache.stats().leased()).isZero();
                    group.replenish();
                }
            }
            // Some kernels pick the one that came last, again and again.
            assertThat(ids.length()).isLessThanOrEqualTo(4);
            assertThat(group.stats().heldByKernel()).isEqualTo(4);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void visitorThatThrowsKeepsNothing(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(1);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 1);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            for (int i = 0; i < 5; i++) {
                stream.write(Pattern.of(0, GroupKind.SIZE));
                Reaped reaped = receive(ring, group, stream, GroupKind.SIZE);
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> {
                            throw new UnsupportedOperationException();
                        }));
                assertThat(cache.stats().leased()).isZero();
                group.replenish();
            }
        }
    }

    @Test
    void bufferWhosePiecesAreLentGoesBackWithTheLastOfThem() throws Exception {
        try (BufferCache cache = GroupKind.cache(1);
                Ring ring = Setup.BEST.open();
                BufferGroup group = GroupKind.INCREMENTAL.open(ring, GroupKind.ID, cache, 1);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, GroupKind.SIZE));
            Reaped first = receive(ring, group, stream, GroupKind.SIZE / 2);
            BufferLease lease = group.take(first.result(), first.flags());
            Reaped second = receive(ring, group, stream, GroupKind.SIZE / 2);
            group.visit(second.result(), second.flags(), (memory, offset, count) -> {
                assertThat(offset).isEqualTo(GroupKind.SIZE / 2);
                assertThat(bytes(memory, offset, count)).isEqualTo(Pattern.of(GroupKind.SIZE / 2, GroupKind.SIZE / 2));
            });
            assertThat(group.replenish()).as("while a piece is lent").isZero();
            assertThat(receive(ring, group, stream, GroupKind.SIZE).result()).isEqualTo(-Errno.ENOBUFS.number());
            lease.release();
            assertThat(group.replenish()).isEqualTo(1);
        }
    }

    @Test
    void kernelIsShownWholeBatches() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(8);
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GroupKind.ID, cache, 8).replenishEvery(4);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, 7));
            for (int i = 1; i <= 7; i++) {
                Reaped reaped = receive(ring, group, stream, 1);
                group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> {});
                assertThat(group.stats().heldByKernel()).isEqualTo(8 - i % 4);
                assertThat(group.stats().publications()).isEqualTo(1 + i / 4);
            }
            assertThat(group.replenish()).as("those that make no batch").isEqualTo(3);
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
            assertThat(group.stats().replenished()).isEqualTo(15);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void visitorMayTakeAndVisitMore(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(4);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 3; i++) {
                    stream.write(Pattern.of(i, GroupKind.SIZE));
                }
                Reaped one = receive(ring, group, stream, GroupKind.SIZE);
                Reaped two = receive(ring, group, stream, GroupKind.SIZE);
                Reaped three = receive(ring, group, stream, GroupKind.SIZE);
                group.visit(one.result(), one.flags(), (memory, offset, count) -> {
                    BufferLease lease = group.take(two.result(), two.flags());
                    group.visit(three.result(), three.flags(), (other, start, size) -> assertThat(bytes(other, start, size))
                            .isEqualTo(Pattern.of(2, GroupKind.SIZE)));
                    assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(1, GroupKind.SIZE));
                    lease.release();
                    assertThat(bytes(memory, offset, count)).isEqualTo(Pattern.of(0, GroupKind.SIZE));
                });
                group.replenish();
                assertThat(cache.stats().leased()).isZero();
            }
        }
    }

    @Test
    void cacheIsNotClosedByAVisitor() throws Exception {
        try (BufferCache cache = GroupKind.cache(2);
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GroupKind.ID, cache, 2);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, GroupKind.SIZE));
            Reaped reaped = receive(ring, group, stream, GroupKind.SIZE);
            group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> assertThatIllegalStateException()
                    .isThrownBy(cache::close)
                    .withMessageContaining("1 leases are out"));
            assertThat(cache.stats().leased()).isZero();
        }
    }

    @Test
    void groupThatItsVisitorClosesTakesNothingBack() throws Exception {
        GroupKind.requireBufferRings();
        try (BufferCache cache = GroupKind.cache(2);
                Ring ring = Setup.BEST.open()) {
            BufferRing group = BufferRing.open(ring, GroupKind.ID, cache, 2);
            try (SocketOrPipe stream = SocketOrPipe.ofBytes()) {
                stream.write(Pattern.of(0, GroupKind.SIZE));
                Reaped reaped = receive(ring, group, stream, GroupKind.SIZE);
                group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> close(group));
            }
            assertThat(cache.stats().leased()).isZero();
            assertThat(cache.stats().heldByKernel()).isZero();
        }
    }

    private static void close(BufferRing group) {
        try {
            group.closeUnused();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void whatIsNoBufferOfTheGroupIsRefused(Setup setup, GroupKind kind) throws Exception {
        try (BufferCache cache = GroupKind.cache(2);
                Ring ring = setup.open();
                BufferGroup group = kind.open(ring, GroupKind.ID, cache, 2);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, 1));
            Reaped reaped = receive(ring, group, stream, GroupKind.SIZE);
            BufferVisitor never = (memory, offset, count) -> {
                throw new AssertionError("visited");
            };
            assertThatIllegalArgumentException().isThrownBy(() -> group.visit(1, 0, never));
            assertThatIllegalArgumentException().isThrownBy(() -> group.visit(GroupKind.SIZE + 1, reaped.flags(), never));
            FutureTask<Void> elsewhere = new FutureTask<>(() -> {
                assertThatIllegalStateException().isThrownBy(() -> group.visit(1, reaped.flags(), never));
                return null;
            });
            Thread.ofPlatform().start(elsewhere);
            elsewhere.get();
            group.visit(reaped.result(), reaped.flags(), (memory, offset, count) -> {});
        }
    }

    @Test
    @Tag("host") // what it measures takes the optimizing compiler
    void nothingIsAllocated() throws Exception {
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = GroupKind.cache(8);
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GroupKind.ID, cache, 8)) {
            MemorySegment path = arena.allocateFrom("/dev/zero");
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, path, OpenFlags.READ_ONLY, 0);
            int zero = GroupKind.next(ring, group).result();
            long[] seen = {0};
            BufferVisitor visitor = (memory, offset, count) -> seen[0] += count;
            CompletionHandler handler = (userData, result, flags) -> {
                if (userData == 1) {
                    group.visit(result, flags, visitor);
                }
            };
            assertThat(AllocatedBytes.ofWarm(() -> {
                        for (int i = 0; i < 1000; i++) {
                            ring.submissions().next().read(zero, MemorySegment.NULL, GroupKind.SIZE, 0).selectBuffer(GroupKind.ID).userData(1);
                            ring.submitAndWait(1);
                            ring.completions().drain(handler);
                            group.replenish();
                        }
                    }))
                    .isZero();
            assertThat(seen[0]).isPositive();
        }
    }
}
