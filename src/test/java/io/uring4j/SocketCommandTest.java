package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.abi.Abi;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands of sockets: what waits in their queues, their options, addresses and timestamps. */
class SocketCommandTest {
    @AutoClose
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void kernelHasThem() {
        Needs.kernelWith(Modifier.SOCKET_COMMANDS);
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void inputQueueCountsBytesThatCanBeReceived(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            assertThat(inputQueue(ring, connection.fd())).isZero();
            connection.peer().send("12345");
            Waiting.until("the bytes have come", () -> inputQueue(ring, connection.fd()) == 5);
            connection.ours().receive(3);
            assertThat(inputQueue(ring, connection.fd())).isEqualTo(2);
        }
    }

    private static int inputQueue(Ring ring, int fd) throws UringException {
        ring.submissions().next().socketInputQueue(fd).userData(1);
        Completion completion = Completion.submitAndTakeOne(ring);
        assertThat(completion.error()).isNull();
        return completion.result();
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void outputQueueCountsBytesThatThePeerHasYetToTake(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16 << 20);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            assertThat(outputQueue(ring, connection.fd())).isZero();
            ring.submissions().next().send(connection.fd(), buffer, 16 << 20, Sockets.MSG_DONTWAIT);
            int sent = Completion.submitAndTakeOne(ring).result();
            assertThat(sent).isPositive();
            assertThat(outputQueue(ring, connection.fd())).isPositive().isLessThanOrEqualTo(sent);
            connection.peer().receive(arena, sent);
            Waiting.until("the peer has confirmed all", () -> outputQueue(ring, connection.fd()) == 0);
        }
    }

    private static int outputQueue(Ring ring, int fd) throws UringException {
        ring.submissions().next().socketOutputQueue(fd).userData(2);
        Completion completion = Completion.submitAndTakeOne(ring);
        assertThat(completion.error()).isNull();
        return completion.result();
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void optionIsSet(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 50_000);
            ring.submissions().next().setsockopt(socket.fd(), Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, value);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 0, 0));
            assertThat(socket.option(Sockets.SO_RCVBUF)).as("the kernel doubles it").isEqualTo(100_000);

            ring.submissions().next().setsockopt(socket.fd(), Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, value);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 0, 0));
            ring.submissions().next().setsockopt(socket.fd(), Sockets.SOL_SOCKET, 4711, value);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOPROTOOPT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void optionIsRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream()) {
            socket.setOption(Sockets.SO_SNDBUF, 40_000);
            MemorySegment value = arena.allocate(8).fill((byte) 0x55);
            ring.submissions()
                    .next()
                    .getsockopt(socket.fd(), Sockets.SOL_SOCKET, Sockets.SO_SNDBUF, value);
            assertThat(Completion.submitAndTakeOne(ring)).as("length").isEqualTo(new Completion(0, 4, 0));
            assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(socket.option(Sockets.SO_SNDBUF));
            assertThat(value.get(ValueLayout.JAVA_INT, 4)).as("behind it").isEqualTo(0x5555_5555);

            ring.submissions()
                    .next()
                    .getsockopt(socket.fd(), Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, value);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("another level").isEqualTo(Errno.EOPNOTSUPP);
        }
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void commandNeedsASocket(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            ring.submissions().next().socketInputQueue(pipe.readEnd());
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EOPNOTSUPP);
            ring.submissions().next().socketInputQueue(-1);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
        }
    }

    @OverRingKinds
    @Covers(Opcode.URING_CMD)
    void addressesOfASocketAreRead(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.SOCKET_NAME);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            for (boolean peer : new boolean[] {false, true}) {
                MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES);
                MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) SocketAddresses.MAX_BYTES);
                ring.submissions().next().getsockname(connection.fd(), address, length, peer);
                assertThat(Completion.submitAndTakeOne(ring).error()).isNull();
                PeerSocket described = peer ? connection.peer() : connection.ours();
                assertThat(SocketAddresses.read(address.asSlice(0, length.get(ValueLayout.JAVA_INT, 0))))
                        .isEqualTo(described.address());
            }
        }
    }

    /** SO_TIMESTAMPING: software timestamps of sent packets, numbered, without the packets' content. */
    private static final int TRANSMIT_TIMESTAMPS = 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11;

    /** Those of packets that are queued for the device, too. */
    private static final int QUEUED = 1 << 8;

    @Test
    @Covers(Opcode.URING_CMD)
    void timestampsOfSentPacketsCome() throws IOException {
        Needs.kernelWith(Modifier.TRANSMIT_TIMESTAMPS);
        try (Ring ring = RingKind.LARGE_ENTRIES.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket peer = PeerSocket.datagram()) {
            ours.setOption(Abi.SO_TIMESTAMPING_OLD(), TRANSMIT_TIMESTAMPS);
            ours.connect(peer.address());
            ring.submissions().next().transmitTimestamps(ours.fd()).userData(9);
            ring.submit();
            for (int packet = 0; packet < 3; packet++) {
                ours.send("packet");
                assertThat(ring.waitFor(1, Completion.PATIENCE_NANOS)).isTrue();
                CompletionQueue completions = ring.completions();
                assertThat(completions.next()).isTrue();
                assertThat(completions.userData()).isEqualTo(9);
                assertThat(completions.result()).as("number of the packet").isEqualTo(packet);
                assertThat(Cqe.hasMore(completions.flags())).isTrue();
                assertThat(Cqe.timestampKind(completions.flags())).as("given to the device").isZero();
                assertThat(Cqe.isHardwareTimestamp(completions.flags())).isFalse();
                long now = System.currentTimeMillis() / 1000;
                assertThat(completions.extra(0)).as("seconds").isBetween(now - 10, now + 1);
                assertThat(completions.extra(1)).as("nanoseconds").isBetween(0L, 999_999_999L);
                completions.release();
            }
        }
    }

    @Test
    @Covers(Opcode.URING_CMD)
    void timestampTellsItsKind() throws IOException {
        Needs.kernelWith(Modifier.TRANSMIT_TIMESTAMPS);
        try (Ring ring = RingKind.LARGE_ENTRIES.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket peer = PeerSocket.datagram()) {
            ours.setOption(Abi.SO_TIMESTAMPING_OLD(), TRANSMIT_TIMESTAMPS | QUEUED);
            ours.connect(peer.address());
            ring.submissions().next().transmitTimestamps(ours.fd());
            ring.submit();
            ours.send("packet");
            assertThat(Completion.take(ring, 2))
                    .extracting(completion -> Cqe.timestampKind(completion.flags()))
                    .containsExactlyInAnyOrder(0, 1);
        }
    }

    @OverRingKinds(except = {RingKind.LARGE_ENTRIES, RingKind.MIXED_COMPLETIONS})
    @Covers(Opcode.URING_CMD)
    void timestampsNeedLargeCompletions(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TRANSMIT_TIMESTAMPS);
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram()) {
            ring.submissions().next().transmitTimestamps(ours.fd());
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }
}
