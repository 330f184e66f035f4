package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.Opcode;
import io.uring4j.PollEvents;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.notify.EventFd;
import io.uring4j.sys.Libc;
import io.uring4j.sys.SocketCalls;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sockets of every kind that a loop can make and use, and what it does on all of a descriptor. */
@Timeout(60)
class SocketKindsOfLoopTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    /** O_CLOEXEC, as /proc tells it. */
    private static final int CLOSED_AT_EXECUTION = 02000000;

    @AutoClose
    private final EventLoop loop = EventLoop.start();

    @TempDir
    private Path folder;

    SocketKindsOfLoopTest() throws UringException {}

    private record Result(int result, boolean more) {}

    private static SocketAddress address(int fd) {
        MemorySegment room = Memory.room((int) SocketAddresses.MAX_BYTES);
        return SocketAddresses.read(room.asSlice(0, SocketCalls.name(fd, room)));
    }

    private static int flags(int fd) throws Exception {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
                .findFirst()
                .orElseThrow();
    }

    private void exchange(int client, int server) throws Exception {
        assertThat(loop.send(client, Memory.of("question")).await()).isEqualTo(8);
        MemorySegment room = Memory.room(8);
        assertThat(loop.receive(server, room).fully().await()).isEqualTo(8);
        assertThat(Memory.text(room, 8)).isEqualTo("question");
        loop.close(client).await();
        assertThat(loop.receive(server, room).await()).isZero();
        loop.close(server).await();
    }

    @Test
    void socketIsMadeBoundAndListensByOperations() throws Exception {
        Needs.kernelWith(Opcode.LISTEN);
        for (SocketAddress address : List.of(ANY_PORT, UnixDomainSocketAddress.of(folder.resolve("socket")))) {
            int domain = address == ANY_PORT ? Sockets.AF_INET : Sockets.AF_UNIX;
            int listener = loop.socket(domain, Sockets.SOCK_STREAM, 0).await();
            assertThat(flags(listener) & CLOSED_AT_EXECUTION).isNotZero();
            assertThat(loop.bind(listener, address).await()).isZero();
            assertThat(loop.listen(listener, 1).await()).isZero();
            int client = loop.socket(domain, Sockets.SOCK_STREAM, 0).await();
            assertThat(loop.connect(client, address(listener)).await()).isZero();
            exchange(client, loop.accept(listener).await());

            int second = loop.socket(domain, Sockets.SOCK_STREAM, 0).await();
            assertThatThrownBy(() -> loop.bind(second, address(listener)).await())
                    .isInstanceOfSatisfying(
                            UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.EADDRINUSE));
            loop.close(second).await();
            loop.close(listener).await();
        }
        assertThatThrownBy(() -> loop.socket(-1, Sockets.SOCK_STREAM, 0).await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.EAFNOSUPPORT));
    }

    private static void requireVersionSix() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            assertThat(socket.isBound()).isTrue();
        } catch (SocketException e) {
            abort("no IPv6 here: " + e.getMessage());
        }
    }

    @Test
    void socketsOfVersionSixOfTheProtocolAreServed() throws Exception {
        InetSocketAddress any = new InetSocketAddress("::1", 0);
        requireVersionSix();
        try (LocalSocket listener = LocalSocket.listen(any, 8);
                LocalSocket one = LocalSocket.datagram(any);
                LocalSocket two = LocalSocket.datagram(any)) {
            SocketAddress address = listener.address();
            assertThat(((InetSocketAddress) address).getAddress().getHostAddress()).isEqualTo("0:0:0:0:0:0:0:1");
            LocalSocket client = LocalSocket.streamTo(address);
            loop.connect(client.fd(), address).await();
            exchange(client.release(), loop.accept(listener.fd()).await());

            loop.send(one.fd(), new Datagram(Memory.of("hello")).to(two.address())).await();
            Datagram received = new Datagram(Memory.room(8));
            assertThat(loop.receive(two.fd(), received).await()).isEqualTo(5);
            assertThat(received.sender()).isEqualTo(one.address());
        }
    }

    @Test
    void datagramsOfUnixDomainSocketsHaveTheirSenderIfItHasAName() throws Exception {
        UnixDomainSocketAddress here = UnixDomainSocketAddress.of(folder.resolve("here"));
        UnixDomainSocketAddress there = UnixDomainSocketAddress.of(folder.resolve("there"));
        try (LocalSocket server = LocalSocket.datagram(here);
                LocalSocket client = LocalSocket.datagram(there)) {
            loop.send(client.fd(), new Datagram(Memory.of("named")).to(here)).await();
            Datagram received = new Datagram(Memory.room(16));
            assertThat(loop.receive(server.fd(), received).await()).isEqualTo(5);
            assertThat(received.sender()).isEqualTo(there);
            loop.send(server.fd(), received.length(5)).await();
            assertThat(loop.receive(client.fd(), new Datagram(Memory.room(16))).await())
                    .isEqualTo(5);
        }
    }

    @Test
    void receiverOfUnixDatagramsTellsWhoHasNoName() throws Exception {
        UnixDomainSocketAddress here = UnixDomainSocketAddress.of(folder.resolve("here"));
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(512, 8), 8);
        int nameless = SocketCalls.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        try (LocalSocket server = LocalSocket.datagram(here);
                LocalSocket named = LocalSocket.datagram(UnixDomainSocketAddress.of(folder.resolve("there")))) {
            CompletableFuture<Integer> end = new CompletableFuture<>();
            DatagramReceiver receiver = DatagramReceiver.start(buffers, server.fd(), new DatagramReceiver.Listener() {
                @Override
                public void received(DatagramReceiver.Message message) {
                    received.add(message.content().byteSize() + " of " + message.sender());
                    message.release();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            loop.send(nameless, new Datagram(Memory.of("abc")).to(here)).await();
            assertThat(received.take()).isEqualTo("3 of null");
            loop.send(named.fd(), new Datagram(Memory.of("ab")).to(here)).await();
            assertThat(received.take()).isEqualTo("2 of " + folder.resolve("there"));
            receiver.close();
            assertThat(end.get()).isEqualTo(-Errno.ECANCELED.number());
        } finally {
            Libc.close(nameless);
        }
    }

    @Test
    void datagramFromNobodyHasNoSender() throws Exception {
        UnixDomainSocketAddress here = UnixDomainSocketAddress.of(folder.resolve("here"));
        int nameless = SocketCalls.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        try (LocalSocket server = LocalSocket.datagram(here)) {
            loop.send(nameless, new Datagram(Memory.of("abc")).to(here)).await();
            Datagram received = new Datagram(Memory.room(8));
            assertThat(loop.receive(server.fd(), received).await()).isEqualTo(3);
            assertThat(received.sender()).isNull();
        } finally {
            Libc.close(nameless);
        }
    }

    @Test
    void connectionsAreSpreadAmongSocketsOnOnePort() throws Exception {
        int count = 200;
        try (EventLoop other = EventLoop.start();
                LocalSocket first = LocalSocket.listenShared(ANY_PORT, count)) {
            InetSocketAddress address = (InetSocketAddress) first.address();
            try (LocalSocket second = LocalSocket.listenShared(address, count)) {
                assertThat(second.address()).isEqualTo(address);
                AtomicInteger here = new AtomicInteger();
                AtomicInteger there = new AtomicInteger();
                Acceptor one = Acceptor.start(loop, first.fd(), fd -> count(fd, here));
                Acceptor two = Acceptor.start(other, second.fd(), fd -> count(fd, there));
                for (int i = 0; i < count; i++) {
                    new Socket(address.getAddress(), address.getPort()).close();
                }
                Eventually.holds(() -> here.get() + there.get() == count);
                assertThat(here.get()).isPositive();
                assertThat(there.get()).isPositive();
                one.close();
                two.close();
                loop.nop().await();
                other.nop().await();
            }
        }
    }

    private static void count(int fd, AtomicInteger counter) {
        Libc.close(fd);
        counter.incrementAndGet();
    }

    @Test
    void allOperationsOnADescriptorAreCancelledAndNoOther() throws Exception {
        Needs.kernelWith(Modifier.CANCEL_FD);
        try (Pipes pipe = new Pipes();
                Pipes other = new Pipes()) {
            List<CompletableFuture<Integer>> reads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                reads.add(loop.read(pipe.readEnd(), Memory.room(8), -1).future());
            }
            CompletableFuture<Integer> spared =
                    loop.read(other.readEnd(), Memory.room(8), -1).future();
            assertThat(loop.cancelAllOf(pipe.readEnd()).await()).isEqualTo(5);
            for (CompletableFuture<Integer> read : reads) {
                assertThatThrownBy(read::get).isInstanceOf(CancellationException.class);
            }
            loop.write(other.writeEnd(), Memory.of("abc"), -1).await();
            assertThat(spared.get()).isEqualTo(3);
            // What the kernel answers when there is nothing has changed with time.
            int none = loop.cancelAllOf(pipe.readEnd())
                    .future()
                    .handle((count, failure) -> failure == null ? count : -1)
                    .get();
            assertThat(none).isNotPositive();
        }
    }

    @Test
    void acceptGoesOnUntilItIsCancelled() throws Exception {
        Needs.kernelWith(Modifier.ACCEPT_MULTISHOT);
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            InetSocketAddress address = (InetSocketAddress) listener.address();
            BlockingQueue<Result> results = new LinkedBlockingQueue<>();
            long token = loop.acceptMultishot(listener.fd())
                    .start((result, flags, none) -> results.add(new Result(result, Cqe.hasMore(flags))));
            for (int i = 0; i < 3; i++) {
                try (Socket peer = new Socket(address.getAddress(), address.getPort())) {
                    Result accepted = results.take();
                    assertThat(accepted.more()).isTrue();
                    assertThat(flags(accepted.result()) & CLOSED_AT_EXECUTION).isNotZero();
                    assertThat(loop.send(accepted.result(), Memory.of("x")).await()).isEqualTo(1);
                    assertThat(peer.getInputStream().read()).isEqualTo('x');
                    loop.close(accepted.result()).await();
                }
            }
            assertThat(loop.cancel(token).await()).isZero();
            assertThat(results.take()).isEqualTo(new Result(-Errno.ECANCELED.number(), false));
            assertThat(loop.stats().get().live()).isZero();
        }
    }

    @Test
    void pollGoesOnUntilItIsCancelled() throws Exception {
        Needs.kernelWith(Modifier.POLL_MULTISHOT);
        try (EventFd counter = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
            BlockingQueue<Result> results = new LinkedBlockingQueue<>();
            long token = loop.pollMultishot(counter.fd(), PollEvents.IN)
                    .start((result, flags, none) -> results.add(new Result(result, Cqe.hasMore(flags))));
            for (int i = 0; i < 3; i++) {
                counter.write(1);
                Result report = results.take();
                assertThat(report.more()).isTrue();
                assertThat(report.result() & PollEvents.IN).isNotZero();
                counter.read();
            }
            assertThat(loop.cancel(token).await()).isZero();
            assertThat(results.take()).isEqualTo(new Result(-Errno.ECANCELED.number(), false));
            assertThat(loop.stats().get().live()).isZero();
        }
    }
}
