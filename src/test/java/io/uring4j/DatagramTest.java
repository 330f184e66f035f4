package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.abi.Abi;
import io.uring4j.abi.cmsghdr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AutoClose;

/** Single messages, with their addresses and control data. */
class DatagramTest {
    private static final long CMSG_HEADER = cmsghdr.layout().byteSize();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final PeerSocket peer = PeerSocket.datagram();

    @AutoClose
    private final PeerSocket ours = PeerSocket.datagram();

    private MemorySegment inMemory(InetSocketAddress address) {
        return SocketAddresses.of(arena, address);
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void datagramReachesItsAddress(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.SEND_ADDRESS);
        try (Ring ring = kind.open(4);
                PeerSocket another = PeerSocket.datagram()) {
            ring.submissions()
                    .next()
                    .sendTo(ours.fd(), Text.in(arena, "to the peer"), 11, 0, inMemory(peer.address()));
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 11, 0));
            ring.submissions()
                    .next()
                    .send(ours.fd(), Text.in(arena, "to another"), 10, 0)
                    .destination(inMemory(another.address()));
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 10, 0));

            assertThat(peer.receiveSome()).isEqualTo("to the peer");
            assertThat(another.receiveSome()).isEqualTo("to another");
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void datagramWithoutAddressIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().send(ours.fd(), Text.in(arena, "x"), 1, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EDESTADDRREQ);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveTellsTheLengthOfADatagramThatWasCut(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(4);
        try (Ring ring = kind.open(4)) {
            peer.connect(ours.address());
            peer.send("longer than four");
            ring.submissions().next().recv(ours.fd(), buffer, 4, Sockets.MSG_TRUNC);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(16);
            assertThat(Text.of(buffer, 4)).isEqualTo("long");
        }
    }

    @OverRingKinds
    @Covers(Opcode.SENDMSG)
    void messageIsGatheredFromItsParts(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            MemorySegment parts = Iovec.of(arena, Text.in(arena, "two "), Text.in(arena, "parts"));
            MemorySegment message = MessageHeader.of(arena, inMemory(peer.address()), parts, MemorySegment.NULL);
            ring.submissions().next().sendmsg(ours.fd(), message, 0);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 9, 0));
            assertThat(peer.receiveSome()).isEqualTo("two parts");
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void messageComesWithItsSendersAddress(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES);
            MemorySegment first = arena.allocate(4);
            MemorySegment second = arena.allocate(10);
            MemorySegment parts = Iovec.of(arena, first, second);
            MemorySegment message = MessageHeader.of(arena, address, parts, MemorySegment.NULL);
            ring.submissions().next().recvmsg(ours.fd(), message, 0);
            ring.submit();
            peer.connect(ours.address());
            peer.send("scatter");

            assertThat(Completion.takeOne(ring).result()).isEqualTo(7);
            assertThat(Text.of(first, 4) + Text.of(second, 3)).isEqualTo("scatter");
            assertThat(MessageHeader.addressLength(message)).isEqualTo(16);
            assertThat(SocketAddresses.read(address.asSlice(0, 16))).isEqualTo(peer.address());
            assertThat(MessageHeader.flags(message) & (Sockets.MSG_TRUNC | Sockets.MSG_CTRUNC)).isZero();
            assertThat(MessageHeader.controlLength(message)).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void messageThatWasCutSaysSo(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            peer.connect(ours.address());
            peer.send("0123456789");
            MemorySegment room = arena.allocate(4);
            MemorySegment message =
                    MessageHeader.of(arena, MemorySegment.NULL, Iovec.of(arena, room), MemorySegment.NULL);
            ring.submissions().next().recvmsg(ours.fd(), message, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
            assertThat(Text.of(room, 4)).isEqualTo("0123");
            assertThat(MessageHeader.flags(message) & Sockets.MSG_TRUNC).isEqualTo(Sockets.MSG_TRUNC);
        }
    }

    /** A descriptor that travels as control data works at the other end. */
    @OverRingKinds
    @Covers({Opcode.SENDMSG, Opcode.RECVMSG})
    void controlDataTravelsWithTheMessage(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe();
                Connection connection = Connection.ofMessages()) {
            ring.submissions().next().sendmsg(connection.fd(), messageWith(pipe.writeEnd()), 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);

            MemorySegment control = arena.allocate(24, Long.BYTES);
            MemorySegment message =
                    MessageHeader.of(arena, MemorySegment.NULL, Iovec.of(arena, arena.allocate(8)), control);
            ring.submissions().next().recvmsg(connection.peer().fd(), message, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
            assertThat(MessageHeader.controlLength(message)).isGreaterThanOrEqualTo(CMSG_HEADER + Integer.BYTES);
            assertThat(cmsghdr.cmsg_level(control)).isEqualTo(Sockets.SOL_SOCKET);
            assertThat(cmsghdr.cmsg_type(control)).isEqualTo(Abi.SCM_RIGHTS());
            int received = control.get(ValueLayout.JAVA_INT, CMSG_HEADER);
            assertThat(received).isNotEqualTo(pipe.writeEnd());
            Posix.write(received, Text.in(arena, "by another descriptor"));
            assertThat(pipe.read()).isEqualTo("by another descriptor");
            Posix.close(received);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECVMSG)
    void controlDataThatWasCutSaysSo(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe();
                Connection connection = Connection.ofMessages()) {
            ring.submissions().next().sendmsg(connection.fd(), messageWith(pipe.writeEnd()), 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
            MemorySegment message = MessageHeader.of(
                    arena, MemorySegment.NULL, Iovec.of(arena, arena.allocate(8)), MemorySegment.NULL);
            ring.submissions().next().recvmsg(connection.peer().fd(), message, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
            assertThat(MessageHeader.flags(message) & Sockets.MSG_CTRUNC).isEqualTo(Sockets.MSG_CTRUNC);
            assertThat(MessageHeader.controlLength(message)).isZero();
        }
    }

    private MemorySegment messageWith(int descriptor) {
        MemorySegment control = arena.allocate(CMSG_HEADER + Long.BYTES, Long.BYTES);
        cmsghdr.cmsg_len(control, CMSG_HEADER + Integer.BYTES);
        cmsghdr.cmsg_level(control, Sockets.SOL_SOCKET);
        cmsghdr.cmsg_type(control, Abi.SCM_RIGHTS());
        control.set(ValueLayout.JAVA_INT, CMSG_HEADER, descriptor);
        return MessageHeader.of(arena, MemorySegment.NULL, Iovec.of(arena, Text.in(arena, "d")), control);
    }
}
