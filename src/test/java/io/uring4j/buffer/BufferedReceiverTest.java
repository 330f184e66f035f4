package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A receive that stays armed: it pauses when the group is empty, and goes on without loss. */
class BufferedReceiverTest {
    private static final int GROUP = 3;
    private static final int SIZE = 64;
    private static final long RECEIVE = 9;

    /** Keeps what it gets. */
    private static final class Keeper implements BufferedReceiver.Listener {
        private final Deque<BufferLease> leases = new ArrayDeque<>();
        private final List<Integer> ends = new ArrayList<>();
        private long position;

        @Override
        public void received(BufferLease lease) {
            assertThat(ends).as("nothing follows the end").isEmpty();
            assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(position, lease.length()));
            position += lease.length();
            leases.add(lease);
        }

        @Override
        public void ended(int result) {
            ends.add(result);
        }

        void releaseAll() {
            while (!leases.isEmpty()) {
                leases.remove().release();
            }
        }
    }

    static Stream<Arguments> groupsAndShots() {
        return Stream.of(GroupKind.values())
                .flatMap(kind -> Stream.of(Arguments.of(kind, true), Arguments.of(kind, false)));
    }

    private final Keeper keeper = new Keeper();

    /** Reaps one completion and shows it to group and receiver. */
    private static void reap(Ring ring, BufferGroup group, BufferedReceiver receiver) throws UringException {
        Reaped reaped = GroupKind.next(ring, group);
        assertThat(reaped.userData()).isEqualTo(RECEIVE);
        receiver.onCompletion(reaped.result(), reaped.flags());
    }

    private BufferedReceiver receiver(Ring ring, BufferGroup group, SocketOrPipe stream, boolean multishot) {
        return multishot
                ? new BufferedReceiver(ring, group, stream.fd(), RECEIVE, keeper)
                : BufferedReceiver.oneShot(ring, group, stream.fd(), RECEIVE, keeper);
    }

    @ParameterizedTest(name = "{0}, multishot {1}")
    @MethodSource("groupsAndShots")
    void pausesWithoutBuffersAndGoesOnWithoutLoss(GroupKind kind, boolean multishot) throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 4));
                Ring ring = Setup.BEST.open();
                BufferGroup group = kind.open(ring, GROUP, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            BufferedReceiver receiver = receiver(ring, group, stream, multishot);
            assertThat(receiver.state()).isEqualTo(BufferedReceiver.State.IDLE);
            receiver.arm();
            int total = 50 * SIZE;
            stream.write(Pattern.of(0, total));
            while (keeper.position < total) {
                while (receiver.state() == BufferedReceiver.State.ARMED && keeper.position < total) {
                    reap(ring, group, receiver);
                }
                if (receiver.state() == BufferedReceiver.State.PAUSED) {
                    assertThat(receiver.resume()).as("no buffer has come back").isFalse();
                    assertThat(keeper.leases).hasSizeGreaterThanOrEqualTo(4);
                    keeper.releaseAll();
                    assertThat(receiver.resume()).isTrue();
                }
            }
            assertThat(group.stats().exhausted()).isPositive();
            assertThat(keeper.position).isEqualTo(total);
            assertThat(keeper.ends).isEmpty();

            keeper.releaseAll();
            stream.finish();
            while (receiver.state() != BufferedReceiver.State.ENDED) {
                receiver.resume();
                reap(ring, group, receiver);
            }
            assertThat(keeper.ends).containsExactly(0);
            assertThat(group.stats().heldByKernel() + cache.stats().leased())
                    .as("buffers that are not lost, the cache's own aside")
                    .isLessThanOrEqualTo(4);
            assertThatIllegalStateException().isThrownBy(receiver::arm).withMessageContaining("is ENDED");
        }
    }

    @ParameterizedTest(name = "{0}, multishot {1}")
    @MethodSource("groupsAndShots")
    void pausedReceiveSubmitsNothing(GroupKind kind, boolean multishot) throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 1));
                Ring ring = Setup.BEST.open();
                BufferGroup group = kind.open(ring, GROUP, cache, 1);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            BufferedReceiver receiver = receiver(ring, group, stream, multishot);
            receiver.arm();
            stream.write(Pattern.of(0, 3 * SIZE));
            while (receiver.state() == BufferedReceiver.State.ARMED) {
                reap(ring, group, receiver);
            }
            long exhausted = group.stats().exhausted();
            for (int i = 0; i < 100; i++) {
                assertThat(receiver.resume()).isFalse();
            }
            assertThat(ring.submissions().pending()).isZero();
            assertThat(ring.completions().ready()).isZero();
            assertThat(group.stats().exhausted()).isEqualTo(exhausted).isLessThanOrEqualTo(2);
            keeper.releaseAll();
        }
    }

    /** A multishot receive would miss it, if 34 buffers or more of data wait for it: see {@code oneShot}. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32, 33, 34, 40, 64})
    void oneShotsSeeTheEndOfALocalStreamThatHasCome(int buffers) throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 64));
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GROUP, cache, 64);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            stream.write(Pattern.of(0, buffers * SIZE));
            stream.finish();
            BufferedReceiver receiver = receiver(ring, group, stream, false);
            receiver.arm();
            while (receiver.state() != BufferedReceiver.State.ENDED) {
                reap(ring, group, receiver);
                keeper.releaseAll();
                group.replenish();
            }
            assertThat(keeper.position).isEqualTo((long) buffers * SIZE);
            assertThat(keeper.ends).containsExactly(0);
        }
    }

    @Test
    void receiversOfOneGroupShareItWhenItIsShort() throws Exception {
        GroupKind.requireBufferRings();
        int connections = 8;
        int each = 40 * SIZE;
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 2));
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 2)) {
            List<SocketOrPipe> streams = new ArrayList<>();
            List<BufferedReceiver> receivers = new ArrayList<>();
            List<Keeper> keepers = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                streams.add(SocketOrPipe.ofBytes());
                keepers.add(new Keeper());
                receivers.add(new BufferedReceiver(ring, group, streams.get(i).fd(), i, keepers.get(i)));
                receivers.get(i).arm();
                streams.get(i).write(Pattern.of(0, each));
            }
            while (keepers.stream().anyMatch(some -> some.position < each)) {
                ring.submit();
                assertThat(ring.waitFor(1, Reaped.PATIENCE_NANOS)).as("something goes on").isTrue();
                ring.completions().drain((userData, result, flags) ->
                        receivers.get((int) userData).onCompletion(result, flags));
                keepers.forEach(Keeper::releaseAll);
                for (BufferedReceiver receiver : receivers) {
                    receiver.resume();
                }
            }
            assertThat(group.stats().exhausted()).isPositive();
            for (SocketOrPipe stream : streams) {
                stream.finish();
            }
            while (receivers.stream().anyMatch(some -> some.state() != BufferedReceiver.State.ENDED)) {
                ring.submit();
                assertThat(ring.waitFor(1, Reaped.PATIENCE_NANOS)).isTrue();
                ring.completions().drain((userData, result, flags) ->
                        receivers.get((int) userData).onCompletion(result, flags));
                for (BufferedReceiver receiver : receivers) {
                    receiver.resume();
                }
            }
            assertThat(keepers).allSatisfy(some -> assertThat(some.ends).containsExactly(0));
            streams.forEach(SocketOrPipe::close);
            assertThat(group.stats().heldByKernel()).isEqualTo(2);
        }
    }

    @Test
    void listenerThatThrowsLeavesTheReceiveArmed() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 4));
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GROUP, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            BufferedReceiver.Listener thrower = new BufferedReceiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    lease.release();
                    throw new UnsupportedOperationException("listener");
                }

                @Override
                public void ended(int result) {
                    keeper.ended(result);
                }
            };
            BufferedReceiver receiver = BufferedReceiver.oneShot(ring, group, stream.fd(), RECEIVE, thrower);
            receiver.arm();
            for (int i = 0; i < 10; i++) {
                stream.write((byte) i);
                Reaped reaped = GroupKind.next(ring, group);
                try {
                    receiver.onCompletion(reaped.result(), reaped.flags());
                } catch (UnsupportedOperationException e) {
                    assertThat(e).hasMessage("listener");
                }
                assertThat(receiver.state()).isEqualTo(BufferedReceiver.State.ARMED);
                group.replenish();
            }
        }
    }

    @Test
    void errorsEndTheReceive() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 4));
                Ring ring = Setup.BEST.open();
                BufferGroup group = BufferGroup.open(ring, GROUP, cache, 4)) {
            BufferedReceiver receiver = new BufferedReceiver(ring, group, -1, RECEIVE, keeper);
            receiver.arm();
            assertThatIllegalStateException().isThrownBy(receiver::arm).withMessage("receive on descriptor -1 is ARMED");
            reap(ring, group, receiver);
            assertThat(receiver.state()).isEqualTo(BufferedReceiver.State.ENDED);
            assertThat(keeper.ends).containsExactly(-Errno.EBADF.number());
            assertThat(receiver.resume()).isFalse();
        }
    }

    @Test
    void fullSubmissionQueuePausesWithoutLoss() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 4));
                Ring ring = Setup.BEST.open(2);
                BufferGroup group = BufferGroup.open(ring, GROUP, cache, 4);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            ring.submit();
            BufferedReceiver receiver = BufferedReceiver.oneShot(ring, group, stream.fd(), RECEIVE, keeper);
            receiver.arm();
            stream.write(Pattern.of(0, 2 * SIZE));
            Reaped first = GroupKind.next(ring, group);
            while (ring.submissions().spaceLeft() > 0) {
                ring.submissions().next().nop().userData(100);
            }
            receiver.onCompletion(first.result(), first.flags());
            assertThat(receiver.state()).isEqualTo(BufferedReceiver.State.PAUSED);
            assertThat(receiver.resume()).isFalse();
            assertThat(Reaped.next(ring, 2)).allMatch(nop -> nop.userData() == 100);
            assertThat(receiver.resume()).isTrue();
            reap(ring, group, receiver);
            assertThat(keeper.position).isEqualTo(2 * SIZE);
            keeper.releaseAll();
        }
    }
}
