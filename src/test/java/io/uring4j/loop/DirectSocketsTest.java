package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.Opcode;
import io.uring4j.PollEvents;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.file.RegisteredFiles;
import io.uring4j.sys.SocketCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets that are slots of the registered files from their beginning to their end, with multishots and without. */
@Timeout(60)
class DirectSocketsTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final int CANCELLED = -Errno.ECANCELED.number();

    /** The rest of what a listener is told. */
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    private static EventLoop start(boolean multishots, int slots) throws Exception {
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        Needs.kernelWith(Opcode.BIND);
        LoopConfig config = LoopConfig.standard();
        EventLoop loop = EventLoop.start(multishots ? config : config.without(LoopFeature.values()));
        loop.withRing(ring -> RegisteredFiles.registerEmpty(ring, slots)).get();
        return loop;
    }

    private static int socket(EventLoop loop, int type) throws Exception {
        int slot = loop.socketDirect(Sockets.AF_INET, type, 0, DirectSlot.ALLOCATE).await();
        loop.bind(slot, ANY_PORT).direct().await();
        return slot;
    }

    private static int listen(EventLoop loop) throws Exception {
        int slot = socket(loop, Sockets.SOCK_STREAM);
        loop.listen(slot, 16).direct().await();
        return slot;
    }

    /** The kernel tells it of an ordinary descriptor only. */
    private static SocketAddress address(EventLoop loop, int slot) throws Exception {
        int fd = loop.install(slot).await();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
            return SocketAddresses.read(room.asSlice(0, SocketCalls.name(fd, room)));
        } finally {
            loop.close(fd).await();
        }
    }

    private Acceptor.Listener acceptedTo(BlockingQueue<Integer> slots) {
        return new Acceptor.Listener() {
            @Override
            public void accepted(int slot) {
                slots.add(slot);
            }

            @Override
            public void ended(int result) {
                end.complete(result);
            }
        };
    }

    private static int next(BlockingQueue<Integer> slots) throws InterruptedException {
        Integer slot = slots.poll(10, TimeUnit.SECONDS);
        assertThat(slot).as("a connection").isNotNull();
        return slot;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void streamServerAndClientNeedNoDescriptor(boolean multishots) throws Exception {
        try (EventLoop loop = start(multishots, 8)) {
            int server = listen(loop);
            BlockingQueue<Integer> slots = new LinkedBlockingQueue<>();
            Acceptor acceptor = Acceptor.start(loop, server, new Acceptor.Options(true, true), acceptedTo(slots));
            int client = socket(loop, Sockets.SOCK_STREAM);
            loop.connect(client, address(loop, server)).direct().await();
            int connection = next(slots);

            MemorySegment value = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, 1);
            loop.setOption(connection, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, value).direct().await();
            MemorySegment read = Memory.room(4);
            loop.getOption(connection, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, read).direct().await();
            assertThat(read.get(ValueLayout.JAVA_INT, 0)).isEqualTo(1);

            CompletableFuture<Integer> receiverEnd = new CompletableFuture<>();
            StringBuffer received = new StringBuffer();
            ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 8), 8);
            Receiver.start(buffers, connection, new Receiver.Options(true, false), new Receiver.Listener() {
                @Override
                public void received(BufferLease lease) {
                    received.append(Memory.text(lease.bytes(), lease.length()));
                    lease.release();
                }

                @Override
                public void ended(int result) {
                    receiverEnd.complete(result);
                }
            });
            assertThat(loop.send(client, Memory.of("question")).direct().await()).isEqualTo(8);
            loop.shutdown(client, Sockets.SHUT_WR).direct().await();
            assertThat(receiverEnd.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(received.toString()).isEqualTo("question");
            assertThat(loop.send(connection, Memory.of("answer")).direct().await()).isEqualTo(6);
            MemorySegment answer = Memory.room(6);
            assertThat(loop.receive(client, answer).fully().direct().await()).isEqualTo(6);
            assertThat(Memory.text(answer, 6)).isEqualTo("answer");

            acceptor.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            for (int slot : new int[] {client, connection, server}) {
                loop.closeDirect(slot).await();
            }
            assertThat(loop.stats().get().staleCompletions()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void datagramsAreReceivedFromASlotUntilItIsShutDown(boolean multishots) throws Exception {
        try (EventLoop loop = start(multishots, 4);
                LocalSocket client = LocalSocket.datagram(ANY_PORT)) {
            int server = socket(loop, Sockets.SOCK_DGRAM);
            SocketAddress address = address(loop, server);
            loop.connect(server, client.address()).direct().await();
            BlockingQueue<String> texts = new LinkedBlockingQueue<>();
            ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(256, 4), 4);
            DatagramReceiver.Listener listener = new DatagramReceiver.Listener() {
                @Override
                public void received(DatagramReceiver.Message message) {
                    texts.add(new String(message.content().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
                    message.release();
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            };
            DatagramReceiver receiver =
                    DatagramReceiver.start(buffers, server, new DatagramReceiver.Options(true), listener);
            for (String text : new String[] {"one", "", "three"}) {
                loop.send(client.fd(), new Datagram(Memory.of(text)).to(address)).await();
                assertThat(texts.poll(10, TimeUnit.SECONDS)).isEqualTo(text);
            }
            if (multishots) {
                receiver.close();
            } else {
                loop.shutdown(server, Sockets.SHUT_RD).direct().await();
            }
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(multishots ? CANCELLED : 0);
            assertThat(texts).isEmpty();
            loop.closeDirect(server).await();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void slotIsPolled(boolean multishots) throws Exception {
        try (EventLoop loop = start(multishots, 4);
                LocalSocket client = LocalSocket.streamTo(ANY_PORT)) {
            int server = listen(loop);
            CompletableFuture<Integer> ready = new CompletableFuture<>();
            Poller poller = Poller.start(loop, server, PollEvents.IN, new Poller.Options(true), new Poller.Listener() {
                @Override
                public void ready(int events) {
                    ready.complete(events);
                }

                @Override
                public void ended(int result) {
                    end.complete(result);
                }
            });
            loop.nop().await();
            assertThat(ready).isNotDone();
            loop.connect(client.fd(), address(loop, server)).await();
            assertThat(ready.get(10, TimeUnit.SECONDS) & PollEvents.IN).isNotZero();
            poller.close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            loop.closeDirect(server).await();
        }
    }

    /** The connection that found none is closed by the kernel; the ones behind it come when a slot is free. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void acceptorPausesWhileNoSlotIsFree(boolean multishots) throws Exception {
        try (EventLoop loop = start(multishots, 2)) {
            int server = listen(loop);
            SocketAddress address = address(loop, server);
            BlockingQueue<Integer> slots = new LinkedBlockingQueue<>();
            Acceptor acceptor = Acceptor.start(loop, server, new Acceptor.Options(true, true), acceptedTo(slots));
            try (LocalSocket first = LocalSocket.streamTo(ANY_PORT);
                    LocalSocket second = LocalSocket.streamTo(ANY_PORT);
                    LocalSocket third = LocalSocket.streamTo(ANY_PORT)) {
                loop.connect(first.fd(), address).await();
                int taken = next(slots);
                loop.connect(second.fd(), address).await();
                Eventually.holds(() -> acceptor.pauses() > 0);
                assertThat(loop.receive(second.fd(), Memory.room(1)).await()).as("end of stream").isZero();
                loop.closeDirect(taken).await();
                loop.connect(third.fd(), address).await();
                int again = next(slots);
                assertThat(loop.send(again, Memory.of("x")).direct().await()).isEqualTo(1);
                assertThat(loop.receive(third.fd(), Memory.room(1)).await()).isEqualTo(1);
                assertThat(end).isNotDone();
                acceptor.close();
                assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(CANCELLED);
            }
        }
    }
}
