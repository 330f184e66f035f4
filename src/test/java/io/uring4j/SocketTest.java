package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.file.RegisteredFiles;
import io.uring4j.sys.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Making, binding, connecting, accepting and shutting down sockets. */
class SocketTest {
    private static final long SHORT_NANOS = 2_000_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private MemorySegment inMemory(InetSocketAddress address) {
        return SocketAddresses.of(arena, address);
    }

    private static int completed(Ring ring) throws UringException {
        Completion completion = Completion.submitAndTakeOne(ring);
        assertThat(completion.error()).isNull();
        assertThat(completion.flags() & ~Cqe.SOCK_NONEMPTY).isZero();
        return completion.result();
    }

    private static Errno refused(Ring ring) throws UringException {
        return Completion.submitAndTakeOne(ring).error();
    }

    @OverRingKinds
    @Covers({Opcode.SOCKET, Opcode.BIND, Opcode.LISTEN, Opcode.CONNECT, Opcode.ACCEPT, Opcode.SEND, Opcode.RECV})
    void connectionCanBeMadeByRingAlone(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.BIND);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
            PeerSocket listener = PeerSocket.of(completed(ring));
            ring.submissions().next().bind(listener.fd(), inMemory(PeerSocket.anyPort()));
            assertThat(completed(ring)).isZero();
            ring.submissions().next().listen(listener.fd(), 8);
            assertThat(completed(ring)).isZero();
            ring.submissions().next().socket(Sockets.AF_INET, Sockets.SOCK_STREAM, Sockets.IPPROTO_TCP);
            PeerSocket client = PeerSocket.of(completed(ring));
            ring.submissions().next().connect(client.fd(), inMemory(listener.address()));
            assertThat(completed(ring)).isZero();

            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) SocketAddresses.MAX_BYTES);
            ring.submissions().next().accept(listener.fd(), address, length, 0);
            PeerSocket server = PeerSocket.of(completed(ring));
            assertThat(SocketAddresses.read(address.asSlice(0, length.get(ValueLayout.JAVA_INT, 0))))
                    .isEqualTo(client.address());

            ring.submissions().next().send(client.fd(), Text.in(arena, "hello"), 5, 0);
            assertThat(completed(ring)).isEqualTo(5);
            MemorySegment buffer = arena.allocate(16);
            ring.submissions().next().recv(server.fd(), buffer, 16, 0);
            assertThat(completed(ring)).isEqualTo(5);
            assertThat(Text.of(buffer, 5)).isEqualTo("hello");
            server.close();
            client.close();
            listener.close();
        }
    }

    @OverRingKinds
    @Covers({Opcode.CONNECT, Opcode.ACCEPT})
    void connectionOfIpVersion6HasItsAddress(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.BIND);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().socket(Sockets.AF_INET6, Sockets.SOCK_STREAM, 0);
            Completion made = Completion.submitAndTakeOne(ring);
            assumeTrue(made.error() != Errno.EAFNOSUPPORT, "this kernel lacks IPv6");
            PeerSocket listener = PeerSocket.of(made.result());
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("::1"), 0);
            ring.submissions().next().bind(listener.fd(), inMemory(loopback));
            assumeTrue(refused(ring) == null, "this machine has no loopback address of IPv6");
            ring.submissions().next().listen(listener.fd(), 1);
            completed(ring);
            ring.submissions().next().socket(Sockets.AF_INET6, Sockets.SOCK_STREAM, 0);
            PeerSocket client = PeerSocket.of(completed(ring));
            ring.submissions().next().connect(client.fd(), inMemory(listener.address()));
            completed(ring);
            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) SocketAddresses.MAX_BYTES);
            ring.submissions().next().accept(listener.fd(), address, length, 0);
            PeerSocket server = PeerSocket.of(completed(ring));

            assertThat(length.get(ValueLayout.JAVA_INT, 0)).isEqualTo(28);
            assertThat(SocketAddresses.read(address.asSlice(0, 28))).isEqualTo(client.address());
            server.close();
            client.close();
            listener.close();
        }
    }

    @OverRingKinds
    @Covers({Opcode.BIND, Opcode.LISTEN, Opcode.CONNECT, Opcode.ACCEPT})
    void socketOfUnixDomainIsFoundByItsPath(RingKind kind, @TempDir Path directory) throws IOException {
        Needs.kernelWith(Opcode.BIND);
        Path path = directory.resolve("socket");
        MemorySegment address = SocketAddresses.of(arena, UnixDomainSocketAddress.of(path));
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            PeerSocket listener = PeerSocket.of(completed(ring));
            ring.submissions().next().bind(listener.fd(), address);
            assertThat(completed(ring)).isZero();
            assertThat(path).exists();
            ring.submissions().next().listen(listener.fd(), 1);
            assertThat(completed(ring)).isZero();
            ring.submissions().next().socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
            PeerSocket client = PeerSocket.of(completed(ring));
            ring.submissions().next().connect(client.fd(), address);
            assertThat(completed(ring)).isZero();
            MemorySegment peerAddress = arena.allocate(SocketAddresses.MAX_BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) SocketAddresses.MAX_BYTES);
            ring.submissions().next().accept(listener.fd(), peerAddress, length, 0);
            PeerSocket server = PeerSocket.of(completed(ring));
            server.send("path");

            assertThat(client.receive(4)).isEqualTo("path");
            assertThat(SocketAddresses.read(peerAddress.asSlice(0, length.get(ValueLayout.JAVA_INT, 0))))
                    .as("the address of a socket without a name")
                    .isEqualTo(UnixDomainSocketAddress.of(""));
            server.close();
            client.close();
            listener.close();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SOCKET)
    void socketMayBeADirectDescriptor(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SOCKET);
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening();
                RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 4)) {
            assertThat(files.capacity()).isEqualTo(4);
            ring.submissions().next().socketDirect(Sockets.AF_INET, Sockets.SOCK_STREAM, 0, 2);
            assertThat(completed(ring)).isZero();
            ring.submissions().next().connect(2, inMemory(listener.address())).fixedFile();
            assertThat(completed(ring)).isZero();
            try (PeerSocket accepted = listener.accept()) {
                ring.submissions().next().send(2, Text.in(arena, "direct"), 6, 0).fixedFile();
                assertThat(completed(ring)).isEqualTo(6);
                assertThat(accepted.receive(6)).isEqualTo("direct");
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.SOCKET)
    void kernelChoosesTheSlotsOfDirectSocketsUntilNoneIsLeft(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SOCKET);
        try (Ring ring = kind.open(8);
                RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 3)) {
            boolean[] taken = new boolean[files.capacity()];
            for (int i = 0; i < 3; i++) {
                ring.submissions()
                        .next()
                        .socketDirect(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, DirectSlot.ALLOCATE);
                taken[completed(ring)] = true;
            }
            assertThat(taken).containsOnly(true);
            ring.submissions().next().socketDirect(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, DirectSlot.ALLOCATE);
            assertThat(refused(ring)).isEqualTo(Errno.ENFILE);
            ring.submissions()
                    .next()
                    .socketDirect(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0, 1);
            assertThat(refused(ring)).as("a direct descriptor has no close-on-exec").isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SOCKET)
    void flagsOfASocketAreThoseAskedFor(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SOCKET);
        try (Ring ring = kind.open(8)) {
            ring.submissions()
                    .next()
                    .socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK, 0);
            try (PeerSocket socket = PeerSocket.of(completed(ring))) {
                assertThat(openFlags(socket.fd()) & (Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK))
                        .isEqualTo(Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK);
            }
            ring.submissions().next().socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
            try (PeerSocket socket = PeerSocket.of(completed(ring))) {
                assertThat(openFlags(socket.fd()) & (Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK)).isZero();
            }
            ring.submissions().next().socket(4711, Sockets.SOCK_STREAM, 0);
            assertThat(refused(ring)).isEqualTo(Errno.EAFNOSUPPORT);
        }
    }

    private static int openFlags(int fd) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).trim(), 8);
            }
        }
        throw new AssertionError("/proc tells no flags of descriptor " + fd);
    }

    @OverRingKinds
    @Covers(Opcode.BIND)
    void addressCanBeBoundOnlyOnce(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.BIND);
        try (Ring ring = kind.open(8);
                PeerSocket first = PeerSocket.listening();
                PeerSocket second = PeerSocket.stream()) {
            ring.submissions().next().bind(second.fd(), inMemory(first.address()));
            assertThat(refused(ring)).isEqualTo(Errno.EADDRINUSE);
        }
    }

    @OverRingKinds
    @Covers(Opcode.CONNECT)
    void connectIsRefusedWhereNobodyListens(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                PeerSocket deaf = PeerSocket.bound();
                PeerSocket client = PeerSocket.stream()) {
            ring.submissions().next().connect(client.fd(), inMemory(deaf.address()));
            assertThat(refused(ring)).isEqualTo(Errno.ECONNREFUSED);
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void acceptWaitsForAConnection(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening()) {
            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) SocketAddresses.MAX_BYTES);
            ring.submissions().next().accept(listener.fd(), address, length, Sockets.SOCK_CLOEXEC).userData(5);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();

            try (PeerSocket client = listener.connectTo()) {
                Completion completion = Completion.takeOne(ring);
                assertThat(completion.userData()).isEqualTo(5);
                try (PeerSocket server = PeerSocket.of(completion.result())) {
                    assertThat(openFlags(server.fd()) & Sockets.SOCK_CLOEXEC).isEqualTo(Sockets.SOCK_CLOEXEC);
                    assertThat(length.get(ValueLayout.JAVA_INT, 0)).isEqualTo(16);
                    assertThat(SocketAddresses.read(address.asSlice(0, 16))).isEqualTo(client.address());
                }
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void addressThatDoesNotFitIsCut(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening();
                PeerSocket client = listener.connectTo()) {
            MemorySegment address = arena.allocate(16);
            address.fill((byte) 0x55);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            ring.submissions().next().accept(listener.fd(), address, length, 0);
            try (PeerSocket server = PeerSocket.of(completed(ring))) {
                assertThat(server.fd()).isNotEqualTo(client.fd());
                assertThat(length.get(ValueLayout.JAVA_INT, 0)).as("the length that it would have").isEqualTo(16);
                assertThat(address.asSlice(4).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void acceptedSocketMayBeADirectDescriptor(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.DIRECT_SLOT);
        Needs.kernelWith(RegisterOpcode.REGISTER_FILE_ALLOC_RANGE);
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening();
                RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 4);
                PeerSocket first = listener.connectTo();
                PeerSocket second = listener.connectTo()) {
            files.allocateFrom(1, 1);
            ring.submissions()
                    .next()
                    .acceptDirect(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0, 3);
            assertThat(completed(ring)).isZero();
            ring.submissions()
                    .next()
                    .acceptDirect(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0, DirectSlot.ALLOCATE);
            assertThat(completed(ring)).isEqualTo(1);

            ring.submissions().next().send(3, Text.in(arena, "one"), 3, 0).fixedFile();
            assertThat(completed(ring)).isEqualTo(3);
            ring.submissions().next().send(1, Text.in(arena, "two"), 3, 0).fixedFile();
            assertThat(completed(ring)).isEqualTo(3);
            assertThat(first.receive(3)).isEqualTo("one");
            assertThat(second.receive(3)).isEqualTo("two");
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void acceptThatDoesNotWaitEndsWhenNobodyConnects(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.ACCEPT_DONT_WAIT);
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening()) {
            ring.submissions()
                    .next()
                    .accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0)
                    .acceptDontWait();
            assertThat(refused(ring)).isEqualTo(Errno.EAGAIN);

            try (PeerSocket client = listener.connectTo()) {
                ring.submissions()
                        .next()
                        .accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0)
                        .acceptDontWait();
                try (PeerSocket server = PeerSocket.of(completed(ring))) {
                    client.send("x");
                    assertThat(server.receive(1)).isEqualTo("x");
                }
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.ACCEPT)
    void acceptThatPollsFirstMakesNoFirstAttempt(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.ACCEPT_POLL_FIRST);
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening()) {
            ring.submissions()
                    .next()
                    .accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0)
                    .acceptPollFirst();
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            try (PeerSocket client = listener.connectTo();
                    PeerSocket server = PeerSocket.of(Completion.takeOne(ring).result())) {
                client.send("x");
                assertThat(server.receive(1)).isEqualTo("x");
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.SHUTDOWN)
    void shutdownEndsOneDirection(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().shutdown(connection.fd(), Sockets.SHUT_WR);
            assertThat(completed(ring)).isZero();
            assertThat(connection.peer().receiveSome()).as("at the end of the stream").isEmpty();

            connection.peer().send("still");
            MemorySegment buffer = arena.allocate(8);
            ring.submissions().next().recv(connection.fd(), buffer, 8, 0);
            assertThat(completed(ring)).isEqualTo(5);
            ring.submissions().next().send(connection.fd(), buffer, 5, Sockets.MSG_NOSIGNAL);
            assertThat(refused(ring)).isEqualTo(Errno.EPIPE);

            ring.submissions().next().shutdown(connection.fd(), Sockets.SHUT_RD);
            assertThat(completed(ring)).isZero();
            ring.submissions().next().recv(connection.fd(), buffer, 8, 0);
            assertThat(completed(ring)).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SHUTDOWN)
    void shutdownWakesAReceiveInFlight(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), arena.allocate(8), 8, 0).userData(1);
            ring.submit();
            ring.submissions().next().shutdown(connection.fd(), Sockets.SHUT_RDWR).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, 0, 0), new Completion(2, 0, 0));
            assertThat(Libc.poll(connection.peer().fd(), PollEvents.RDHUP, 1000) & PollEvents.RDHUP).isPositive();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SHUTDOWN)
    void shutdownNeedsAConnectedSocket(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Pipe pipe = new Pipe();
                PeerSocket socket = PeerSocket.stream()) {
            ring.submissions().next().shutdown(socket.fd(), Sockets.SHUT_WR);
            assertThat(refused(ring)).isEqualTo(Errno.ENOTCONN);
            ring.submissions().next().shutdown(pipe.readEnd(), Sockets.SHUT_WR);
            assertThat(refused(ring)).isEqualTo(Errno.ENOTSOCK);
        }
    }

    @Test
    void addressAndItsLengthGoTogether() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(8)) {
            Sqe entry = ring.submissions().next();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> entry.accept(1, arena.allocate(16), MemorySegment.NULL, 0));
            assertThat(ring.submissions().pending()).as("entries after a refused argument").isZero();
        }
    }
}
