package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.abi.Abi;
import io.uring4j.abi.cmsghdr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many receives from one entry, each into a buffer that the kernel picks. */
class RecvMultishotTest {
    private static final long RECEIVE = 21;
    private static final long CANCEL = 22;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Modifier.RECV_MULTISHOT);
    }

    private static void receive(Ring ring, int fd) throws UringException {
        ring.submissions().next().recvMultishot(fd, 0, GroupBuffers.GROUP).userData(RECEIVE);
        ring.submit();
    }

    private static void assertGoesOn(Completion completion) {
        assertThat(completion.userData()).isEqualTo(RECEIVE);
        assertThat(completion.result()).isPositive();
        assertThat(Cqe.hasMore(completion.flags())).isTrue();
        assertThat(Cqe.hasBuffer(completion.flags())).isTrue();
    }

    /** The last completion promises no other and holds no buffer. */
    private static void assertEnded(Completion completion, int result) {
        assertThat(completion.userData()).isEqualTo(RECEIVE);
        assertThat(completion.result()).isEqualTo(result);
        assertThat(Cqe.hasMore(completion.flags())).isFalse();
        assertThat(Cqe.hasBuffer(completion.flags())).isFalse();
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void eachMessageComesInABufferUntilTheStreamEnds(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 32)) {
            receive(ring, connection.fd());
            for (int i = 0; i < 20; i++) {
                connection.peer().send("message " + i);
                Completion completion = Completion.takeOne(ring);
                assertGoesOn(completion);
                assertThat(buffers.take(completion)).isEqualTo("message " + i);
            }
            connection.peer().finishSending();
            assertEnded(Completion.takeOne(ring), 0);
            assertThat(buffers.available()).as("buffers that are not lost").isEqualTo(4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void wantOfBuffersEndsItAndLosesNothing(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.ofMessages();
                GroupBuffers buffers = new GroupBuffers(ring, 2, 32)) {
            receive(ring, connection.fd());
            for (String text : List.of("one", "two", "three")) {
                connection.peer().send(text);
            }
            List<Completion> completions = Completion.take(ring, 3);
            assertGoesOn(completions.get(0));
            assertGoesOn(completions.get(1));
            assertEnded(completions.get(2), -Errno.ENOBUFS.number());
            assertThat(buffers.take(completions.get(0))).isEqualTo("one");
            assertThat(buffers.take(completions.get(1))).isEqualTo("two");

            receive(ring, connection.fd());
            Completion third = Completion.takeOne(ring);
            assertGoesOn(third);
            assertThat(buffers.take(third)).isEqualTo("three");
        }
    }

    @OverRingKinds
    @Covers({Opcode.RECV, Opcode.ASYNC_CANCEL})
    void cancellationEndsIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 32)) {
            receive(ring, connection.fd());
            connection.peer().send("before");
            assertThat(buffers.take(Completion.takeOne(ring))).isEqualTo("before");
            ring.submissions().next().cancel(RECEIVE, 0).userData(CANCEL);
            List<Completion> completions = Completion.submitAndTake(ring, 2);
            assertThat(completions).contains(new Completion(CANCEL, 0, 0));
            completions.removeIf(completion -> completion.userData() == CANCEL);
            assertEnded(completions.getFirst(), -Errno.ECANCELED.number());
            assertThat(buffers.available()).isEqualTo(4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void resetEndsIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 32)) {
            receive(ring, connection.fd());
            connection.peer().abort();
            assertEnded(Completion.takeOne(ring), -Errno.ECONNRESET.number());
            assertThat(buffers.available()).isEqualTo(4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void groupMustExist(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            receive(ring, connection.fd());
            connection.peer().send("nowhere to go");
            assertEnded(Completion.takeOne(ring), -Errno.ENOBUFS.number());
        }
    }

    /** Neither bytes nor buffers are lost when the completions don't fit. */
    @OverRingKinds
    @Covers(Opcode.RECV)
    void nothingIsLostWhenTheCompletionQueueIsFull(RingKind kind) throws IOException {
        int messages = 64;
        try (Ring ring = Ring.open(kind.config(4).completionEntries(4));
                Connection connection = Connection.ofMessages();
                GroupBuffers buffers = new GroupBuffers(ring, 32, 32)) {
            receive(ring, connection.fd());
            List<String> received = new ArrayList<>();
            int sent = 0;
            while (received.size() < messages) {
                while (sent < messages && sent < received.size() + 16) {
                    connection.peer().send("message " + sent++);
                }
                Completion completion = Completion.takeOne(ring);
                if (Cqe.hasBuffer(completion.flags())) {
                    received.add(buffers.take(completion));
                }
                if (!Cqe.hasMore(completion.flags())) {
                    receive(ring, connection.fd());
                }
            }
            for (int i = 0; i < messages; i++) {
                assertThat(received.get(i)).isEqualTo("message " + i);
            }
            assertThat(buffers.available()).isEqualTo(32);
            assertThat(ring.completions().lost()).isZero();
        }
    }

    /** The peer sends and goes at once, in the course of the arming and after it. */
    @OverRingKinds
    @Covers(Opcode.RECV)
    void endOfTheStreamIsNeverLost(RingKind kind) throws Exception {
        StreamEnds.require();
        int rounds = Rounds.of(150);
        try (Ring ring = kind.open(4);
                GroupBuffers buffers = new GroupBuffers(ring, 8, 32)) {
            for (int round = 0; round < rounds; round++) {
                try (Connection connection = round % 2 == 0 ? Connection.local() : Connection.tcp()) {
                    OtherThread<Void> peer = OtherThread.start(() -> {
                        connection.peer().send("last words");
                        connection.peer().finishSending();
                        return null;
                    });
                    receive(ring, connection.fd());
                    StringBuilder text = new StringBuilder();
                    Completion completion = Completion.takeOne(ring);
                    while (Cqe.hasMore(completion.flags())) {
                        text.append(buffers.take(completion));
                        completion = Completion.takeOne(ring);
                    }
                    assertEnded(completion, 0);
                    assertThat(text).hasToString("last words");
                    peer.result();
                }
            }
            assertThat(ring.completions().ready()).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void messageLiesBehindItsHeaderAndAddress(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket first = PeerSocket.datagram();
                PeerSocket second = PeerSocket.datagram();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 256)) {
            MemorySegment header = receiveMessages(ring, ours, 28, 24, 0);
            for (PeerSocket sender : List.of(first, second, first)) {
                sender.connect(ours.address());
                sender.send("from " + sender.address().getPort());
                Completion completion = Completion.takeOne(ring);
                assertGoesOn(completion);
                ReceivedMessage message = received(buffers, completion, header);
                assertThat(message.address().byteSize()).isEqualTo(16);
                assertThat(SocketAddresses.read(message.address())).isEqualTo(sender.address());
                assertThat(message.control().byteSize()).isZero();
                assertThat(Text.of(message.payload(), message.payload().byteSize()))
                        .isEqualTo("from " + sender.address().getPort());
                assertThat(message.payloadLength()).isEqualTo(message.payload().byteSize());
                assertThat(message.flags() & (Sockets.MSG_TRUNC | Sockets.MSG_CTRUNC)).isZero();
                buffers.giveBack(Cqe.bufferId(completion.flags()));
            }
            assertThat(buffers.available()).isEqualTo(4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void messageThatWasCutSaysSo(RingKind kind) throws IOException {
        assertThat(lengthOfCutMessage(kind, 0)).as("the length of what has come").isEqualTo(40);
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void messageThatWasCutSaysHowLongItWasWhenAsked(RingKind kind) throws IOException {
        assertThat(lengthOfCutMessage(kind, Sockets.MSG_TRUNC)).as("the length of what was sent").isEqualTo(100);
    }

    private long lengthOfCutMessage(RingKind kind, int flags) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket sender = PeerSocket.datagram();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 64)) {
            // 16 bytes of header and 8 of address leave 40 for the payload.
            MemorySegment header = receiveMessages(ring, ours, 8, 0, flags);
            sender.connect(ours.address());
            sender.send("x".repeat(100));
            Completion completion = Completion.takeOne(ring);
            assertGoesOn(completion);
            assertThat(completion.result()).isEqualTo(64);
            ReceivedMessage message = received(buffers, completion, header);
            assertThat(message.flags() & Sockets.MSG_TRUNC).isEqualTo(Sockets.MSG_TRUNC);
            assertThat(message.payload().byteSize()).isEqualTo(40);
            assertThat(message.address().byteSize()).as("the part of the address that fits").isEqualTo(8);
            return message.payloadLength();
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void controlDataLiesBetweenAddressAndPayload(RingKind kind) throws IOException {
        int soTimestamp = Abi.SO_TIMESTAMP_OLD();
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket sender = PeerSocket.datagram();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 256)) {
            ours.setOption(soTimestamp, 1);
            MemorySegment header = receiveMessages(ring, ours, 16, 48, 0);
            sender.connect(ours.address());
            sender.send("when");
            Completion completion = Completion.takeOne(ring);
            ReceivedMessage message = received(buffers, completion, header);
            // A control message: 8 bytes of length, level, type, and a timeval of 16 bytes.
            assertThat(message.control().byteSize()).isEqualTo(32);
            assertThat(cmsghdr.cmsg_type(message.control())).isEqualTo(soTimestamp);
            assertThat(Text.of(message.payload(), 4)).isEqualTo("when");
            assertThat(message.payload().byteSize()).isEqualTo(4);
            assertThat(completion.result()).isEqualTo(16 + 16 + 48 + 4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void bufferThatIsTooSmallForTheFixedPartsEndsIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket ours = PeerSocket.datagram();
                PeerSocket sender = PeerSocket.datagram();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 32)) {
            receiveMessages(ring, ours, 28, 0, 0);
            sender.connect(ours.address());
            sender.send("x");
            Completion completion = Completion.takeOne(ring);
            assertThat(completion.error()).isEqualTo(Errno.EFAULT);
            assertThat(Cqe.hasMore(completion.flags())).isFalse();
            int held = Cqe.hasBuffer(completion.flags()) ? 1 : 0;
            assertThat(buffers.available() + held).as("no buffer is lost").isEqualTo(4);
        }
    }

    @Test
    void messageShorterThanItsFixedPartsIsRefused() {
        MemorySegment header = MessageHeader.of(
                arena, arena.allocate(28), MemorySegment.NULL, MemorySegment.NULL);
        assertThatIllegalArgumentException().isThrownBy(() -> ReceivedMessage.of(arena.allocate(64), 43, header));
        assertThat(ReceivedMessage.of(arena.allocate(64), 44, header).payload().byteSize()).isZero();
    }

    private MemorySegment receiveMessages(Ring ring, PeerSocket socket, int addressRoom, int controlRoom, int flags)
            throws UringException {
        // The segments only say how much room there is: it lies in the provided buffers.
        MemorySegment header = MessageHeader.of(
                arena,
                arena.allocate(addressRoom),
                MemorySegment.NULL,
                controlRoom == 0 ? MemorySegment.NULL : arena.allocate(controlRoom));
        ring.submissions()
                .next()
                .recvmsgMultishot(socket.fd(), header, flags, GroupBuffers.GROUP)
                .userData(RECEIVE);
        ring.submit();
        return header;
    }

    private static ReceivedMessage received(GroupBuffers buffers, Completion completion, MemorySegment header) {
        return ReceivedMessage.of(buffers.at(Cqe.bufferId(completion.flags())), completion.result(), header);
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveMayBeLimitedEachTimeAndInAll(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.RECV_LIMIT);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local();
                GroupBuffers buffers = new GroupBuffers(ring, 8, 32)) {
            connection.peer().send("abcdefghijklmno");
            ring.submissions()
                    .next()
                    .recvMultishot(connection.fd(), 0, GroupBuffers.GROUP)
                    .receiveAtMost(4, 10)
                    .userData(RECEIVE);
            ring.submit();
            List<Completion> completions = Completion.take(ring, 3);
            assertThat(completions).extracting(buffers::text).containsExactly("abcd", "efgh", "ijkl");
            assertThat(completions).extracting(completion -> Cqe.hasMore(completion.flags()))
                    .as("whether it goes on")
                    .containsExactly(true, true, false);
            assertThat(connection.ours().receive(3)).as("what is left").isEqualTo("mno");
        }
    }
}
