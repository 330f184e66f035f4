package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.Capabilities;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of groups, at every stage of a buffer's way: nothing is reused that the kernel may write to. */
class GroupCloseTest {
    private static final int GROUP = 5;
    private static final int SIZE = 64;
    private static final int BUFFERS = 4;

    private final BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, BUFFERS));

    private static void receive(Ring ring, SocketOrPipe stream) throws UringException {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, SIZE, 0).selectBuffer(GROUP).userData(1);
        ring.submit();
    }

    private static BufferLease receiveOne(Ring ring, BufferGroup group, SocketOrPipe stream) throws UringException {
        stream.write(Pattern.of(0, SIZE));
        receive(ring, stream);
        Reaped reaped = GroupKind.next(ring, group);
        return group.take(reaped.result(), reaped.flags());
    }

    /** Closes a group of which no request is in flight; provided buffers come back by an entry. */
    private static void closeUnused(Ring ring, BufferGroup group) throws UringException {
        if (group instanceof BufferRing bufferRing) {
            bufferRing.closeUnused();
        } else {
            group.close();
            reapRemoval(ring, group);
        }
    }

    /** Passes the removal of provided buffers on, and shows the group its completion. */
    private static void reapRemoval(Ring ring, BufferGroup group) throws UringException {
        if (group instanceof ProvidedBuffers provided) {
            ring.submit();
            while (provided.stats().heldByKernel() > 0) {
                Reaped reaped = Reaped.next(ring);
                assertThat(provided.onCompletion(reaped.userData(), reaped.result())).isTrue();
            }
        }
    }

    /** Before its try block ends. */
    static void closeRing(Ring ring) throws UringException {
        ring.close();
    }

    private void assertAllAreBack() throws Exception {
        List<BufferLease> all = BufferCacheTest.acquire(cache, BUFFERS);
        assertThat(all).extracting(BufferLease::id).doesNotHaveDuplicates();
        all.forEach(BufferLease::release);
        cache.close();
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void idleGroupGivesItsBuffersBackWhileTheRingLives(GroupKind kind) throws Exception {
        try (Ring ring = Setup.BEST.open()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            closeUnused(ring, group);
            assertThat(group.stats().heldByKernel()).isZero();
            assertThatIllegalStateException().isThrownBy(group::replenish).withMessage("buffer group is closed");
            group.close();
            assertAllAreBack();
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void leasesOutliveTheirGroup(GroupKind kind) throws Exception {
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            BufferLease one = receiveOne(ring, group, stream);
            BufferLease other = receiveOne(ring, group, stream);
            group.close();
            reapRemoval(ring, group);
            assertThatIllegalStateException()
                    .isThrownBy(cache::close)
                    .withMessageStartingWith("2 leases are out and the kernel holds");
            assertThat(one.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(0, SIZE));
            one.release();
            BufferCacheTest.releaseElsewhere(List.of(other));
            closeUnused(ring, group);
            assertThat(group.stats().heldByKernel()).isZero();
            assertAllAreBack();
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void leasesOutliveTheirRing(GroupKind kind) throws Exception {
        BufferLease lease;
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            lease = receiveOne(ring, kind.open(ring, GROUP, cache, BUFFERS), stream);
        }
        assertThatIllegalStateException()
                .isThrownBy(cache::close)
                .withMessageStartingWith("1 leases are out and the kernel holds");
        assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(0, SIZE));
        lease.release();
        cache.close();
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void buffersOfAGroupWithAReceiveInFlightStayTheKernelsUntilTheRingIsClosed(GroupKind kind) throws Exception {
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            receive(ring, stream);
            group.close();
            assertThat(group.stats().heldByKernel()).isEqualTo(BUFFERS);
            assertThat(cache.acquire()).as("nothing to reuse").isNull();
            assertThatIllegalStateException()
                    .isThrownBy(cache::close)
                    .withMessageStartingWith("0 leases are out and the kernel holds 4 buffers");
            assertThatIllegalStateException()
                    .isThrownBy(() -> kind.open(ring, GROUP, cache, BUFFERS))
                    .withMessageContaining("was closed with requests in flight");
            closeRing(ring);
            group.close();
            assertAllAreBack();
        }
    }

    /** Completions that belong to no request, of which a ring may have many, must not pass for the receive's. */
    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void messagesFromOtherRingsDoNotHideTheReceive(GroupKind kind) throws Exception {
        assumeTrue(
                Capabilities.ofKernel().has(RegisterOpcode.REGISTER_SEND_MSG_RING), "this kernel lacks messages without a ring");
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            receive(ring, stream);
            for (int i = 0; i < 3; i++) {
                Ring.post(ring.fd(), 0, 77);
                assertThat(GroupKind.next(ring, group).userData()).isEqualTo(77);
            }
            group.close();
            assertThat(cache.stats().heldByKernel()).isEqualTo(BUFFERS);
            closeRing(ring);
            group.close();
            assertAllAreBack();
        }
    }

    /** The request sits in a kernel thread, which has picked a buffer and waits for data. */
    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void bufferThatAReceiveHasPickedIsStillTakenFromTheClosedGroup(GroupKind kind) throws Exception {
        try (Ring ring = Setup.PLAIN.open();
                SocketOrPipe pipe = SocketOrPipe.pipe()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            ring.submissions()
                    .next()
                    .read(pipe.fd(), MemorySegment.NULL, SIZE, -1)
                    .selectBuffer(GROUP)
                    .async()
                    .userData(1);
            ring.submit();
            group.close();
            ring.submit();
            pipe.write(Pattern.of(3, SIZE));
            Reaped reaped = GroupKind.next(ring, group);
            if (reaped.hasBuffer()) {
                assertThat(reaped.result()).isEqualTo(SIZE);
                try (BufferLease lease = group.take(reaped.result(), reaped.flags())) {
                    assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(3, SIZE));
                }
            } else {
                assertThat(reaped.error()).as("it came too late to pick one").isEqualTo(Errno.ENOBUFS);
            }
            closeUnused(ring, group);
            assertThat(group.stats().heldByKernel()).isZero();
            assertThatIllegalArgumentException().isThrownBy(() -> group.take(1, reaped.flags()));
            closeRing(ring);
            assertAllAreBack();
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void multishotThatLosesItsGroupEndsWithoutBuffer(GroupKind kind) throws Exception {
        requireMultishotReceives();
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            ring.submissions().next().recvMultishot(stream.fd(), 0, GROUP).userData(1);
            ring.submit();
            group.close();
            ring.submit();
            stream.write(Pattern.of(0, SIZE));
            Reaped reaped;
            do {
                reaped = GroupKind.next(ring, group);
            } while (reaped.userData() != 1);
            assertThat(reaped.error()).isEqualTo(Errno.ENOBUFS);
            assertThat(reaped.hasBuffer()).isFalse();
            closeRing(ring);
            group.close();
            assertAllAreBack();
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.uring4j.buffer.GroupKind#onEveryRing")
    void tryWithResourcesInTheUsualOrderJustWorks(Setup setup, GroupKind kind) throws Exception {
        requireMultishotReceives();
        for (int i = 0; i < 5; i++) {
            try (BufferCache ours = new BufferCache(BufferCache.Settings.of(SIZE, 64));
                    Ring ring = setup.open();
                    BufferGroup group = kind.open(ring, GROUP, ours, 8);
                    BufferGroup second = kind.open(ring, GROUP + 1, ours, 8)) {
                List<SocketOrPipe> streams = new ArrayList<>();
                for (int s = 0; s < 4; s++) {
                    SocketOrPipe stream = SocketOrPipe.ofMessages();
                    streams.add(stream);
                    ring.submissions().next().recvMultishot(stream.fd(), 0, GROUP + s % 2).userData(s);
                }
                ring.submit();
                streams.forEach(stream -> stream.write(Pattern.of(0, SIZE)));
                streams.forEach(SocketOrPipe::close);
                assertThat(group.id()).isNotEqualTo(second.id());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void cacheClosesTheGroupsThatItServes(GroupKind kind) throws Exception {
        try (Ring ring = Setup.BEST.open()) {
            BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
            assertThatIllegalStateException().isThrownBy(cache::close).withMessageContaining("holds 4 buffers");
            assertThatIllegalStateException().isThrownBy(group::replenish).withMessage("buffer group is closed");
            closeRing(ring);
            cache.close();
            assertThatIllegalStateException().isThrownBy(cache::acquire).withMessage("buffer cache is closed");
        }
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void groupsComeAndGoWithoutLoss(GroupKind kind) throws Exception {
        try (Ring ring = Setup.BEST.open();
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            for (int i = 0; i < 50; i++) {
                BufferGroup group = kind.open(ring, GROUP, cache, BUFFERS);
                receiveOne(ring, group, stream).release();
                closeUnused(ring, group);
                assertThat(cache.stats().heldByKernel()).isZero();
            }
            assertAllAreBack();
        }
    }

    private static void requireMultishotReceives() throws Exception {
        assumeTrue(
                Capabilities.ofKernel().has(Modifier.RECV_MULTISHOT), "this kernel lacks multishot receives (6.0)");
    }
}
