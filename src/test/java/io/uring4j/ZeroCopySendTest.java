package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.buffer.RegisteredBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Sends that leave their bytes where they are: one completion has the result, another frees the buffer. */
class ZeroCopySendTest {
    private static final long SEND = 31;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Opcode.SEND_ZC);
    }

    /** Submits, and checks that result and notification come in this order, with the peer's receive between them. */
    private static Completion sent(Ring ring, Runnable receive) throws UringException {
        Completion result = Completion.submitAndTakeOne(ring);
        assertThat(result.userData()).isEqualTo(SEND);
        assertThat(result.flags() & Cqe.NOTIFICATION).as("a notification is never first").isZero();
        assertThat(result.error()).isNull();
        assertThat(Cqe.hasMore(result.flags())).isTrue();
        receive.run();
        assertThat(notification(ring).result()).isZero();
        return result;
    }

    private static Completion notification(Ring ring) throws UringException {
        Completion notification = Completion.takeOne(ring);
        assertThat(notification.userData()).isEqualTo(SEND);
        assertThat(notification.flags() & Cqe.NOTIFICATION).isEqualTo(Cqe.NOTIFICATION);
        assertThat(Cqe.hasMore(notification.flags())).isFalse();
        return notification;
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void resultComesBeforeTheNotification(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            for (int i = 0; i < 20; i++) {
                String text = "zero copies " + i;
                ring.submissions()
                        .next()
                        .sendZeroCopy(connection.fd(), Text.in(arena, text), text.length(), 0)
                        .userData(SEND);
                Runnable receive = () -> assertThat(connection.peer().receive(text.length())).isEqualTo(text);
                assertThat(sent(ring, receive).result()).isEqualTo(text.length());
            }
            assertThat(ring.completions().ready()).isZero();
        }
    }

    /** Each buffer is used again after its notification, and only then. */
    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void bufferMayBeUsedAgainAfterTheNotification(RingKind kind) throws Exception {
        int size = 32 << 10;
        int rounds = 32;
        MemorySegment buffer = arena.allocate(size);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            OtherThread<MemorySegment> reader =
                    OtherThread.start(() -> connection.peer().receive(arena, rounds * size));
            for (int round = 0; round < rounds; round++) {
                buffer.fill((byte) round);
                ring.submissions()
                        .next()
                        .sendZeroCopy(connection.fd(), buffer, size, Sockets.MSG_WAITALL)
                        .userData(SEND);
                assertThat(sent(ring, () -> {}).result()).isEqualTo(size);
            }
            MemorySegment received = reader.result();
            for (int round = 0; round < rounds; round++) {
                buffer.fill((byte) round);
                assertThat(received.asSlice((long) round * size, size).mismatch(buffer)).isEqualTo(-1);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void notificationTellsOnRequestWhetherTheKernelCopied(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.REPORT_USAGE);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            MemorySegment buffer = arena.allocate(4096);
            ring.submissions()
                    .next()
                    .sendZeroCopy(connection.fd(), buffer, 4096, 0)
                    .reportUsage()
                    .userData(SEND);
            Completion result = Completion.submitAndTakeOne(ring);
            assertThat(result.result()).isEqualTo(4096);
            assertThat(Cqe.hasMore(result.flags())).isTrue();
            connection.peer().receive(4096);
            assertThat(Cqe.wasCopied(notification(ring).result()))
                    .as("the loopback device always copies")
                    .isTrue();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void bytesSentAreThoseOfTheFirstCompletion(RingKind kind) throws IOException {
        int size = 16 << 20;
        MemorySegment buffer = arena.allocate(size);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            // More than the connection takes without a reader: the send is short.
            ring.submissions().next().sendZeroCopy(connection.fd(), buffer, size, 0).userData(SEND);
            Completion result = Completion.submitAndTakeOne(ring);
            assertThat(result.result()).isPositive().isLessThan(size);
            assertThat(Cqe.hasMore(result.flags())).isTrue();
            connection.ours().finishSending();
            long received = 0;
            for (String some = connection.peer().receiveSome(); !some.isEmpty(); ) {
                received += some.length();
                some = connection.peer().receiveSome();
            }
            assertThat(received).isEqualTo(result.result());
            notification(ring);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void errorIsFollowedByANotificationIfItSaysSo(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().shutdown(connection.fd(), Sockets.SHUT_WR);
            Completion.submitAndTakeOne(ring);
            for (int i = 0; i < 5; i++) {
                ring.submissions()
                        .next()
                        .sendZeroCopy(connection.fd(), arena.allocate(16), 16, Sockets.MSG_NOSIGNAL)
                        .userData(SEND);
                Completion result = Completion.submitAndTakeOne(ring);
                assertThat(result.error()).isEqualTo(Errno.EPIPE);
                assertThat(result.flags() & Cqe.NOTIFICATION).isZero();
                if (Cqe.hasMore(result.flags())) {
                    notification(ring);
                }
            }
            ring.submissions().next().nop().userData(5);
            assertThat(Completion.submitAndTakeOne(ring).userData()).as("nothing else came").isEqualTo(5);
        }
    }

    @OverRingKinds
    @Covers({Opcode.SEND_ZC, Opcode.SENDMSG_ZC})
    void socketThatCannotIsRefused(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SENDMSG_ZC);
        MemorySegment buffer = Text.in(arena, "x");
        MemorySegment message =
                MessageHeader.of(arena, MemorySegment.NULL, Iovec.of(arena, buffer), MemorySegment.NULL);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local()) {
            ring.submissions().next().sendZeroCopy(connection.fd(), buffer, 1, 0);
            List<Completion> completions = new ArrayList<>(toTheEnd(ring));
            assertThat(completions.getFirst().error()).isEqualTo(Errno.EOPNOTSUPP);
            ring.submissions().next().sendmsgZeroCopy(connection.fd(), message, 0);
            completions = toTheEnd(ring);
            assertThat(completions.getFirst().error()).isEqualTo(Errno.EOPNOTSUPP);
        }
    }

    private static List<Completion> toTheEnd(Ring ring) throws UringException {
        List<Completion> completions = new ArrayList<>();
        completions.add(Completion.submitAndTakeOne(ring));
        while (Cqe.hasMore(completions.getLast().flags())) {
            completions.add(Completion.takeOne(ring));
        }
        return completions;
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void datagramReachesItsAddress(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket peer = PeerSocket.datagram()) {
            ring.submissions()
                    .next()
                    .sendZeroCopy(ours.fd(), Text.in(arena, "datagram"), 8, 0)
                    .destination(SocketAddresses.of(arena, peer.address()))
                    .userData(SEND);
            Runnable receive = () -> assertThat(peer.receiveSome()).isEqualTo("datagram");
            assertThat(sent(ring, receive).result()).isEqualTo(8);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void bufferMayBeARegisteredOne(RingKind kind) throws IOException {
        MemorySegment other = arena.allocate(4096, 4096);
        MemorySegment registered = arena.allocate(4096, 4096);
        registered.asSlice(1000).copyFrom(Text.in(arena, "registered"));
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                RegisteredBuffers buffers = RegisteredBuffers.register(ring, other, registered)) {
            assertThat(buffers).isNotNull();
            ring.submissions()
                    .next()
                    .sendZeroCopy(connection.fd(), registered.asSlice(1000), 10, 0)
                    .fixedBuffer(1)
                    .userData(SEND);
            Runnable receive = () -> assertThat(connection.peer().receive(10)).isEqualTo("registered");
            assertThat(sent(ring, receive).result()).isEqualTo(10);

            ring.submissions()
                    .next()
                    .sendZeroCopy(connection.fd(), registered.asSlice(1000), 10, 0)
                    .fixedBuffer(0);
            assertThat(toTheEnd(ring).getFirst().error()).as("outside that buffer").isEqualTo(Errno.EFAULT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SENDMSG_ZC)
    void messageIsGatheredFromItsParts(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SENDMSG_ZC);
        MemorySegment parts = Iovec.of(arena, Text.in(arena, "part one, "), Text.in(arena, "part two"));
        MemorySegment message = MessageHeader.of(arena, MemorySegment.NULL, parts, MemorySegment.NULL);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().sendmsgZeroCopy(connection.fd(), message, 0).userData(SEND);
            Runnable receive = () -> assertThat(connection.peer().receive(18)).isEqualTo("part one, part two");
            assertThat(sent(ring, receive).result()).isEqualTo(18);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SENDMSG_ZC)
    void partsOfAMessageMayLieInARegisteredBuffer(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.SENDMSG_FIXED_BUFFER);
        MemorySegment registered = arena.allocate(4096, 4096);
        registered.asSlice(100).copyFrom(Text.in(arena, "fixed "));
        registered.asSlice(3000).copyFrom(Text.in(arena, "parts"));
        MemorySegment parts = Iovec.of(arena, registered.asSlice(100, 6), registered.asSlice(3000, 5));
        MemorySegment message = MessageHeader.of(arena, MemorySegment.NULL, parts, MemorySegment.NULL);
        MemorySegment foreign = MessageHeader.of(
                arena, MemorySegment.NULL, Iovec.of(arena, arena.allocate(8)), MemorySegment.NULL);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                RegisteredBuffers buffers = RegisteredBuffers.register(ring, registered)) {
            assertThat(buffers).isNotNull();
            ring.submissions()
                    .next()
                    .sendmsgZeroCopy(connection.fd(), message, 0)
                    .fixedBuffer(0)
                    .userData(SEND);
            Runnable receive = () -> assertThat(connection.peer().receive(11)).isEqualTo("fixed parts");
            assertThat(sent(ring, receive).result()).isEqualTo(11);

            ring.submissions().next().sendmsgZeroCopy(connection.fd(), foreign, 0).fixedBuffer(0);
            assertThat(toTheEnd(ring).getFirst().error()).as("outside the buffer").isEqualTo(Errno.EFAULT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void sendMayGatherItsBytes(RingKind kind) throws IOException {
        MemorySegment parts = Iovec.of(arena, Text.in(arena, "vector "), Text.in(arena, "of two"));
        Needs.kernelWith(Modifier.SEND_VECTORIZED);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions()
                    .next()
                    .sendVectorizedZeroCopy(connection.fd(), parts, 2, 0)
                    .userData(SEND);
            assertThat(toTheEnd(ring).getFirst().result()).isEqualTo(13);
            assertThat(connection.peer().receive(13)).isEqualTo("vector of two");
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND_ZC)
    void completionOfASendCannotBeSkipped(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().sendZeroCopy(connection.fd(), arena.allocate(4), 4, 0).skipSuccess();
            assertThat(toTheEnd(ring).getFirst().error()).isEqualTo(Errno.EINVAL);
        }
    }
}
