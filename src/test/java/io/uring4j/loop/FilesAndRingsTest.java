package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.Opcode;
import io.uring4j.OpenFlags;
import io.uring4j.PathFlags;
import io.uring4j.Statx;
import io.uring4j.UringException;
import io.uring4j.buffer.RegisteredBuffers;
import io.uring4j.file.RegisteredFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files, chains, direct descriptors, and messages between loops. */
@Timeout(60)
class FilesAndRingsTest {
    private static final int CREATE = OpenFlags.READ_WRITE | OpenFlags.CREATE;

    private final BlockingQueue<List<Integer>> messages = new LinkedBlockingQueue<>();

    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard()
            .submissionEntries(8)
            .onMessage((own, value, tag) -> messages.add(List.of(value, tag))));

    @AutoClose
    private final Pipes pipe = new Pipes();

    @TempDir
    private Path folder;

    FilesAndRingsTest() throws UringException {}

    @Test
    void fileIsMadeWrittenReadRenamedAndRemoved() throws Exception {
        Path path = folder.resolve("file");
        int fd = loop.open(path, CREATE, 0600).await();
        assertThat(loop.write(fd, Memory.of("hello"), 0).await()).isEqualTo(5);
        assertThat(loop.writeVectored(fd, 5, Memory.of(", "), Memory.of("world")).await())
                .isEqualTo(7);
        assertThat(loop.sync(fd, 0).await()).isZero();
        MemorySegment first = Memory.room(3);
        MemorySegment second = Memory.room(20);
        assertThat(loop.readVectored(fd, 0, first, second).await()).isEqualTo(12);
        assertThat(Memory.text(first, 3) + Memory.text(second, 9)).isEqualTo("hello, world");
        MemorySegment status = Statx.allocate(Arena.ofAuto());
        loop.status(fd, Statx.SIZE, status).await();
        assertThat(Statx.size(status)).isEqualTo(12);
        loop.allocate(fd, 0, 0, 100).await();
        loop.status(path, 0, Statx.SIZE, status).await();
        assertThat(Statx.size(status)).isEqualTo(100);
        loop.close(fd).await();
        Path renamed = folder.resolve("renamed");
        loop.rename(path, renamed, 0).await();
        assertThat(renamed).exists();
        loop.unlink(renamed, 0).await();
        assertThat(renamed).doesNotExist();
        assertThatThrownBy(() -> loop.open(path, OpenFlags.READ_ONLY, 0).await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
    }

    /** A worker thread of the kernel's waits for a writer: interrupted, it leaves another result than what waits for data. */
    @Test
    void whatAWorkerThreadWaitsForIsCancelledLikeAllElse() throws Exception {
        Path fifo = folder.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        CompletableFuture<Integer> result = new CompletableFuture<>();
        long token = loop.open(fifo, OpenFlags.READ_ONLY, 0)
                .async()
                .start((outcome, flags, none) -> result.complete(outcome));
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread waiter = Thread.startVirtualThread(() -> {
            try {
                loop.open(fifo, OpenFlags.READ_ONLY, 0).async().await();
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        Eventually.holds(() -> loop.stats().get().live() == 2);
        Thread.sleep(20);
        waiter.interrupt();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        loop.cancel(token).future().handle((cancelled, failure) -> cancelled).get();
        assertThat(result.get()).isEqualTo(-Errno.ECANCELED.number());
        // The attempt on the loop's thread finds the reader alone, which the kernel allows that doesn't wait.
        int fd = loop.open(fifo, OpenFlags.READ_ONLY, 0).async().within(Duration.ofSeconds(1)).await();
        loop.close(fd).await();
    }

    @Test
    void directoryIsMadeAndRemoved() throws Exception {
        Needs.kernelWith(Opcode.MKDIRAT);
        Path directory = folder.resolve("directory");
        loop.makeDirectory(directory, 0700).await();
        assertThat(directory).isDirectory();
        loop.unlink(directory, PathFlags.REMOVE_DIRECTORY).await();
        assertThat(directory).doesNotExist();
    }

    @Test
    void fileIsTruncated() throws Exception {
        Needs.kernelWith(Opcode.FTRUNCATE);
        Path path = Files.writeString(folder.resolve("file"), "0123456789");
        int fd = loop.open(path, OpenFlags.READ_WRITE, 0).await();
        loop.truncate(fd, 4).await();
        loop.close(fd).await();
        assertThat(path).hasContent("0123");
    }

    @Test
    void spliceMovesBytesFromAFileToAPipe() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "0123456789");
        int fd = loop.open(path, OpenFlags.READ_ONLY, 0).await();
        assertThat(loop.splice(fd, 2, pipe.writeEnd(), -1, 5, 0).await()).isEqualTo(5);
        MemorySegment room = Memory.room(10);
        assertThat(loop.read(pipe.readEnd(), room, -1).await()).isEqualTo(5);
        assertThat(Memory.text(room, 5)).isEqualTo("23456");
        loop.close(fd).await();
    }

    @Test
    void registeredBufferIsReadAndWritten() throws Exception {
        MemorySegment buffer = Memory.room(4096);
        RegisteredBuffers buffers =
                loop.withRing(ring -> RegisteredBuffers.register(ring, buffer)).get();
        int fd = loop.open(folder.resolve("file"), CREATE, 0600).await();
        buffer.asSlice(0, 4).copyFrom(Memory.of("abcd"));
        assertThat(loop.writeFixed(fd, buffer.asSlice(0, 4), 0, 0).await()).isEqualTo(4);
        assertThat(loop.readFixed(fd, buffer.asSlice(100, 10), 0, 0).await()).isEqualTo(4);
        assertThat(Memory.text(buffer.asSlice(100), 4)).isEqualTo("abcd");
        loop.close(fd).await();
        loop.withRing(ring -> {
                    buffers.close();
                    return null;
                })
                .get();
    }

    @Test
    void directDescriptorIsOpenedUsedInstalledAndClosed() throws Exception {
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        Needs.kernelWith(Opcode.FIXED_FD_INSTALL);
        loop.withRing(ring -> RegisteredFiles.registerEmpty(ring, 4)).get();
        int slot = loop.openDirect(folder.resolve("file"), CREATE, 0600, DirectSlot.ALLOCATE)
                .await();
        assertThat(loop.write(slot, Memory.of("abc"), 0).direct().await()).isEqualTo(3);
        int fd = loop.install(slot).await();
        loop.closeDirect(slot).await();
        assertThatThrownBy(() -> loop.read(slot, Memory.room(3), 0).direct().await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.EBADF));
        assertThat(loop.read(fd, Memory.room(3), 0).await()).isEqualTo(3);
        loop.close(fd).await();
    }

    @Test
    void connectionsAreAcceptedAsDirectDescriptors() throws Exception {
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        loop.withRing(ring -> RegisteredFiles.registerEmpty(ring, 4)).get();
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        BlockingQueue<Integer> slots = new LinkedBlockingQueue<>();
        try (LocalSocket listener = LocalSocket.listen(any, 8);
                Acceptor acceptor = Acceptor.startDirect(loop, listener.fd(), slots::add)) {
            try (LocalSocket client = LocalSocket.streamTo(any)) {
                loop.connect(client.fd(), listener.address()).await();
                int slot = slots.take();
                loop.send(slot, Memory.of("hi")).direct().await();
                MemorySegment room = Memory.room(2);
                assertThat(loop.receive(client.fd(), room).await()).isEqualTo(2);
                loop.closeDirect(slot).await();
            }
            assertThat(acceptor.pauses()).isZero();
        }
    }

    @Test
    void chainRunsInOrder() throws Exception {
        int fd = loop.open(folder.resolve("file"), CREATE, 0600).await();
        List<Integer> results = Collections.synchronizedList(new ArrayList<>());
        ResultHandler<Object> note = (result, flags, none) -> results.add(result);
        MemorySegment room = Memory.room(10);
        CompletableFuture<Integer> last = new Chain(loop)
                .then(loop.write(fd, Memory.of("abc"), 0), note, "write")
                .then(loop.sync(fd, 0).within(Duration.ofSeconds(20)), note, "sync")
                .finish(loop.read(fd, room, 3, 0));
        assertThat(last.get()).isEqualTo(3);
        assertThat(results).containsExactly(3, 0);
        assertThat(Memory.text(room, 3)).isEqualTo("abc");

        CompletableFuture<Integer> fromLoop = new CompletableFuture<>();
        loop.execute(() -> new Chain(loop)
                .then(loop.write(fd, Memory.of("xyz"), 0), note, "write")
                .finish(loop.read(fd, room, 3, 0), (result, flags, none) -> fromLoop.complete(result), "read"));
        assertThat(fromLoop.get()).isEqualTo(3);
        assertThat(Memory.text(room, 3)).isEqualTo("xyz");
        loop.close(fd).await();
    }

    @Test
    void failureBreaksAChainUnlessItGoesOnAnyway() throws Exception {
        List<Integer> results = Collections.synchronizedList(new ArrayList<>());
        ResultHandler<Object> note = (result, flags, none) -> results.add(result);
        int directory = loop.open(folder, OpenFlags.READ_ONLY, 0).await();
        CompletableFuture<Integer> last = new Chain(loop)
                .then(loop.read(directory, Memory.room(1), 0), note, "read")
                .finish(loop.nop());
        assertThatThrownBy(last::get).isInstanceOf(CancellationException.class);
        CompletableFuture<Integer> anyway = new Chain(loop)
                .thenAnyway(loop.read(directory, Memory.room(1), 0), note, "read")
                .finish(loop.nop());
        assertThat(anyway.get()).isZero();
        CompletableFuture<Integer> late = new Chain(loop)
                .then(loop.read(pipe.readEnd(), Memory.room(1), -1).within(Duration.ofMillis(10)), note, "read")
                .finish(loop.nop());
        assertThatThrownBy(late::get).isInstanceOf(CancellationException.class);
        assertThat(results)
                .containsExactly(-Errno.EISDIR.number(), -Errno.EISDIR.number(), -Errno.ETIME.number());
        loop.close(directory).await();
    }

    @Test
    void chainThatCannotBeIsRefused() throws Exception {
        Chain chain = new Chain(loop);
        for (int i = 0; i < 8; i++) {
            chain.then(loop.nop(), (result, flags, none) -> {}, "");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> chain.finish(loop.nop()));
        Operation operation = loop.nop();
        new Chain(loop).then(operation, (result, flags, none) -> {}, "");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Chain(loop).then(operation, (result, flags, none) -> {}, ""));
        assertThat(loop.nop().await()).isZero();
    }

    @Test
    void messageAndFileReachAnotherLoop() throws Exception {
        Needs.kernelWith(Opcode.MSG_RING);
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        loop.withRing(ring -> RegisteredFiles.registerEmpty(ring, 4)).get();
        try (EventLoop sender = EventLoop.start(LoopConfig.standard().submissionEntries(8))) {
            assertThat(sender.message(loop, 42, -7).await()).isZero();
            assertThat(messages.poll(10, TimeUnit.SECONDS)).containsExactly(42, -7);
            sender.withRing(ring -> RegisteredFiles.registerEmpty(ring, 4)).get();
            int slot = sender.openDirect(folder.resolve("file"), CREATE, 0600, DirectSlot.ALLOCATE)
                    .await();
            sender.write(slot, Memory.of("abc"), 0).direct().await();
            sender.messageFile(loop, slot, 2, 9).await();
            assertThat(messages.poll(10, TimeUnit.SECONDS)).element(1).isEqualTo(9);
            assertThat(loop.read(2, Memory.room(8), 0).direct().await()).isEqualTo(3);
        }
    }

    @Test
    void loopThatHasEndedIsNotSentTo() throws Exception {
        EventLoop other = EventLoop.start();
        other.close();
        assertThatThrownBy(() -> loop.message(other, 1, 1).future()).isInstanceOf(RejectedExecutionException.class);
        assertThat(loop.nop().await()).isZero();
    }

    @Test
    void groupHasALoopForEachCpu() throws Exception {
        try (EventLoopGroup group =
                EventLoopGroup.startPinned(LoopConfig.standard().submissionEntries(8))) {
            assertThat(group.loops()).isNotEmpty();
            for (int i = 0; i < group.loops().size(); i++) {
                assertThat(group.next().nop().await()).isZero();
            }
            assertThat(group.shutdown(Duration.ZERO).get()).allMatch(LoopOutcome::isClean);
        }
    }

    @Test
    void tickerTicksWithAndWithoutMultishot() throws Exception {
        for (LoopConfig config :
                List.of(LoopConfig.standard(), LoopConfig.standard().without(LoopFeature.MULTISHOT_TIMER))) {
            try (EventLoop own = EventLoop.start(config)) {
                List<Long> times = Collections.synchronizedList(new ArrayList<>());
                long start = System.nanoTime();
                try (Ticker ticker = Ticker.start(own, Duration.ofMillis(5), () -> times.add(System.nanoTime()))) {
                    assertThat(ticker).isNotNull();
                    Eventually.holds(() -> times.size() >= 5);
                }
                assertThat(times.get(4) - start).isGreaterThanOrEqualTo(24_000_000);
                own.nop().await();
                int count = times.size();
                Thread.sleep(20);
                assertThat(times.size()).isLessThanOrEqualTo(count + 1);
            }
        }
    }
}
