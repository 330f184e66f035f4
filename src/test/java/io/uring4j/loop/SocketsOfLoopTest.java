package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.PollEvents;
import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.file.RegisteredFiles;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TCP, UDP and Unix-domain sockets through a loop. */
@Timeout(60)
class SocketsOfLoopTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard().idleTime(Duration.ofHours(1)));

    @TempDir
    private Path folder;

    SocketsOfLoopTest() throws UringException {}

    /** Such as the notification of a send that was taken for ended too early. */
    @AfterEach
    void eachCompletionHasFoundItsOperation() throws Exception {
        assertThat(loop.stats().get().staleCompletions()).isZero();
    }

    /** Connects by the loop itself. */
    private int connect(SocketAddress address) throws Exception {
        LocalSocket socket = LocalSocket.streamTo(address);
        loop.connect(socket.fd(), address).await();
        return socket.release();
    }

    private void roundTrip(SocketAddress address, int bytes, long seed) throws Exception {
        int fd = connect(address);
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        MemorySegment sent = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, content);
        MemorySegment received = Memory.room(bytes);
        CompletableFuture<Integer> send = loop.send(fd, sent).fully().future();
        assertThat(loop.receive(fd, received).fully().await()).isEqualTo(bytes);
        assertThat(send.get()).isEqualTo(bytes);
        assertThat(received.mismatch(sent)).isEqualTo(-1);
        loop.shutdown(fd, Sockets.SHUT_WR).await();
        assertThat(loop.receive(fd, received).await()).as("end of stream").isZero();
        loop.close(fd).await();
    }

    @Test
    void echoOverTcpReturnsEveryByte() throws Exception {
        try (Echo echo = Echo.onLoopback(loop)) {
            for (int i = 0; i < 20; i++) {
                roundTrip(echo.address(), 200_000, i);
            }
        }
    }

    @Test
    void echoOverUnixDomainSocketReturnsEveryByte() throws Exception {
        SocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (Echo echo = new Echo(loop, address, 2048, 256, 64)) {
            for (int i = 0; i < 20; i++) {
                roundTrip(echo.address(), 200_000, i);
            }
        }
    }

    /** So few that receivers wait for each other's buffers all the time. */
    @Test
    void echoSurvivesAWantOfBuffers() throws Exception {
        try (Echo echo = new Echo(loop, ANY_PORT, 512, 4, 4)) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            SocketAddress address = echo.address();
            for (int i = 0; i < 8; i++) {
                int seed = i;
                CompletableFuture<Void> client = new CompletableFuture<>();
                clients.add(client);
                Thread.startVirtualThread(() -> {
                    try {
                        roundTrip(address, 100_000, seed);
                        client.complete(null);
                    } catch (Throwable t) {
                        client.completeExceptionally(t);
                    }
                });
            }
            for (CompletableFuture<Void> client : clients) {
                client.get();
            }
        }
    }

    @Test
    void bufferReleasedElsewhereLetsReceiversGoOn() throws Exception {
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 2), 2);
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            int client = connect(listener.address());
            int server = loop.accept(listener.fd()).await();
            List<BufferLease> held = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch two = new CountDownLatch(2);
            CountDownLatch six = new CountDownLatch(6);
            Receiver.start(buffers, server, new Receiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    held.add(lease);
                    two.countDown();
                    six.countDown();
                }

                @Override
                public void ended(int result) {}
            });
            loop.send(client, Memory.room(64 * 6)).fully().await();
            two.await();
            Thread.sleep(50);
            assertThat(six.getCount()).isEqualTo(4);
            while (six.getCount() > 0) {
                if (!held.isEmpty()) {
                    held.removeFirst().release();
                }
                Thread.sleep(1);
            }
            held.forEach(BufferLease::release);
            loop.close(client).await();
            loop.close(server).await();
        }
    }

    @Test
    void receiverCanBePausedAndGoesOn() throws Exception {
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 16), 16);
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            int client = connect(listener.address());
            int server = loop.accept(listener.fd()).await();
            // Appended to by the loop's thread, and read meanwhile: a list's iterator would fail.
            StringBuffer received = new StringBuffer();
            CompletableFuture<Integer> end = new CompletableFuture<>();
            Receiver receiver = Receiver.start(buffers, server, new Receiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    received.append(Memory.text(lease.bytes(), lease.length()));
                    lease.release();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            loop.send(client, Memory.of("one")).await();
            Eventually.holds(() -> received.toString().equals("one"));
            receiver.pause();
            loop.nop().await();
            Thread.sleep(20);
            loop.send(client, Memory.of("two")).await();
            Thread.sleep(50);
            assertThat(received.toString()).isEqualTo("one");
            receiver.resume();
            Eventually.holds(() -> received.toString().equals("onetwo"));
            receiver.close();
            assertThat(end.get()).isEqualTo(-Errno.ECANCELED.number());
            loop.close(client).await();
            loop.close(server).await();
        }
    }

    /** One completion may bring several buffers; the bytes stay in order. */
    @Test
    void bundlesOnDirectDescriptorsBringEveryByteInOrder() throws Exception {
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        loop.withRing(ring -> RegisteredFiles.registerEmpty(ring, 4)).get();
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 64), 64);
        int size = 50_000;
        byte[] content = new byte[size];
        new Random(1).nextBytes(content);
        MemorySegment sent = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, content);
        MemorySegment received = Memory.room(size);
        CompletableFuture<Integer> end = new CompletableFuture<>();
        long[] position = new long[1];
        Receiver.Listener listener = new Receiver.Listener() {
            @Override
            public void received(BufferLease lease) {
                received.asSlice(position[0], lease.length()).copyFrom(lease.bytes());
                position[0] += lease.length();
                lease.release();
            }

            @Override
            public void ended(int result) {
                end.complete(result);
            }
        };
        try (LocalSocket socket = LocalSocket.listen(ANY_PORT, 8)) {
            int client = connect(socket.address());
            int slot = loop.acceptDirect(socket.fd(), DirectSlot.ALLOCATE).await();
            Receiver.start(buffers, slot, new Receiver.Options(true, true), listener);
            assertThat(loop.send(client, sent).fully().await()).isEqualTo(size);
            loop.shutdown(client, Sockets.SHUT_WR).await();
            assertThat(end.get()).isZero();
            assertThat(position[0]).isEqualTo(size);
            assertThat(received.mismatch(sent)).isEqualTo(-1);
            loop.close(client).await();
            loop.closeDirect(slot).await();
        }
    }

    @Test
    void timeLimitHoldsForAllPartsOfAFullTransfer() throws Exception {
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            int client = connect(listener.address());
            int server = loop.accept(listener.fd()).await();
            loop.send(client, Memory.of("part")).await();
            assertThatThrownBy(() -> loop.receive(server, Memory.room(100))
                            .fully()
                            .within(Duration.ofMillis(30))
                            .await())
                    .isInstanceOfSatisfying(
                            UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ETIME));
            loop.send(client, Memory.of("whole")).await();
            assertThat(loop.receive(server, Memory.room(5))
                            .fully()
                            .within(Duration.ofSeconds(20))
                            .await())
                    .isEqualTo(5);
            loop.close(client).await();
            loop.close(server).await();
        }
    }

    @Test
    void endOfStreamResetAndTimeAreToldApart() throws Exception {
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            int port = ((InetSocketAddress) listener.address()).getPort();
            try (Socket peer = new Socket("127.0.0.1", port)) {
                int first = loop.accept(listener.fd()).await();
                assertThatThrownBy(() ->
                                loop.receive(first, Memory.room(8)).within(Duration.ofMillis(20)).await())
                        .isInstanceOfSatisfying(
                                UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ETIME));
                peer.shutdownOutput();
                assertThat(loop.receive(first, Memory.room(8)).await()).isZero();
                loop.close(first).await();
            }
            int fd;
            try (Socket peer = new Socket("127.0.0.1", port)) {
                fd = loop.accept(listener.fd()).await();
                peer.setSoLinger(true, 0);
            }
            assertThatThrownBy(() -> loop.receive(fd, Memory.room(8)).await())
                    .isInstanceOfSatisfying(
                            UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ECONNRESET));
            loop.close(fd).await();
        }
    }

    @Test
    void datagramIsAnsweredToItsSender() throws Exception {
        try (LocalSocket server = LocalSocket.datagram(ANY_PORT);
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            Datagram request = new Datagram(Memory.room(100));
            CompletableFuture<Integer> received = loop.receive(server.fd(), request).future();
            Datagram question = new Datagram(Memory.of("question")).to(server.address());
            assertThat(loop.send(client.fd(), question).await()).isEqualTo(8);
            assertThat(received.get()).isEqualTo(8);
            assertThat(request.sender()).isEqualTo(client.address());
            assertThat(loop.send(server.fd(), request.length(8)).await()).isEqualTo(8);
            Datagram answer = new Datagram(Memory.room(4));
            assertThat(loop.receive(client.fd(), answer).await()).isEqualTo(4);
            assertThat(answer.isTruncated()).isTrue();
            assertThat(Memory.text(answer.buffer(), 4)).isEqualTo("ques");
        }
    }

    @Test
    void zeroCopySendEndsWhenTheBufferIsFree() throws Exception {
        try (Echo echo = Echo.onLoopback(loop)) {
            int fd = connect(echo.address());
            MemorySegment sent = Memory.room(300_000).fill((byte) 3);
            MemorySegment received = Memory.room(300_000);
            CompletableFuture<Integer> send =
                    loop.sendZeroCopy(fd, sent, 300_000, 0).fully().future();
            assertThat(loop.receive(fd, received).fully().await()).isEqualTo(300_000);
            assertThat(send.get()).isEqualTo(300_000);
            assertThat(received.mismatch(sent)).isEqualTo(-1);
            loop.close(fd).await();
        }
    }

    @Test
    void vectoredSendKeepsTheOrder() throws Exception {
        try (Echo echo = Echo.onLoopback(loop)) {
            int fd = connect(echo.address());
            assertThat(loop.sendVectored(fd, 0, Memory.of("ab"), Memory.of("cde")).await())
                    .isEqualTo(5);
            MemorySegment received = Memory.room(5);
            loop.receive(fd, received).fully().await();
            assertThat(Memory.text(received, 5)).isEqualTo("abcde");
            loop.close(fd).await();
        }
    }

    @Test
    void socketOptionIsSetAndRead() throws Exception {
        Needs.kernelWith(Modifier.SOCKET_COMMANDS);
        try (LocalSocket socket = LocalSocket.streamTo(ANY_PORT)) {
            MemorySegment value = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, 1);
            loop.setOption(socket.fd(), Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, value).await();
            loop.setOption(socket.fd(), Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, value).await();
            MemorySegment read = Memory.room(4);
            loop.getOption(socket.fd(), Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, read).await();
            assertThat(read.get(ValueLayout.JAVA_INT, 0)).isEqualTo(1);
        }
    }

    @Test
    void pollTellsWhatIsReady() throws Exception {
        try (LocalSocket listener = LocalSocket.listen(ANY_PORT, 8)) {
            CompletableFuture<Integer> poll = loop.poll(listener.fd(), PollEvents.IN).future();
            int fd = connect(listener.address());
            assertThat(poll.get() & PollEvents.IN).isNotZero();
            loop.close(fd).await();
        }
    }

    @Test
    void loopWithoutNewFeaturesEchoesToo() throws Exception {
        LoopConfig old = LoopConfig.standard().without(LoopFeature.values());
        try (EventLoop bare = EventLoop.start(old);
                Echo echo = Echo.onLoopback(bare)) {
            assertThat(bare.describe()).contains("MULTISHOT_ACCEPT: one accept after the other");
            for (int i = 0; i < 10; i++) {
                roundTrip(echo.address(), 100_000, i);
            }
        }
    }

    @Test
    void ordinarySocketsOfTheJdkAreServed() throws Exception {
        try (Echo echo = Echo.onLoopback(loop)) {
            int port = ((InetSocketAddress) echo.address()).getPort();
            try (Socket socket = new Socket("127.0.0.1", port);
                    OutputStream out = socket.getOutputStream();
                    InputStream in = socket.getInputStream()) {
                out.write("hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(in.readNBytes(5)).asString().isEqualTo("hello");
            }
            Eventually.holds(() -> echo.open() == 0);
        }
    }
}
