package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operations take memory that can't vanish, and keep it until they have ended. */
@Timeout(30)
class SafetyOfMemoryTest {
    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard().submissionEntries(8));

    @AutoClose
    private final Pipes pipe = new Pipes();

    SafetyOfMemoryTest() throws UringException {}

    @Test
    void arenasThatCouldBeClosedAreRefused() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            for (MemorySegment segment : new MemorySegment[] {confined.allocate(8), shared.allocate(8)}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> loop.read(pipe.readEnd(), segment, -1))
                        .withMessageContaining("could be closed")
                        .withMessageContaining("OperationArena");
                assertThatIllegalArgumentException().isThrownBy(() -> loop.write(pipe.writeEnd(), segment, -1));
                assertThatIllegalArgumentException().isThrownBy(() -> loop.send(pipe.writeEnd(), segment));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> loop.writeVectored(pipe.writeEnd(), -1, Memory.room(8), segment));
                assertThatIllegalArgumentException().isThrownBy(() -> new Datagram(segment));
            }
        }
    }

    @Test
    void memoryOfTheHeapIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loop.read(pipe.readEnd(), MemorySegment.ofArray(new byte[8]), -1))
                .withMessageContaining("heap");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loop.read(pipe.readEnd(), Memory.room(8).asReadOnly(), -1))
                .withMessageContaining("read-only");
        assertThatThrownBy(() -> loop.read(pipe.readEnd(), Memory.room(8), 9, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void memoryThatCannotBeClosedIsTaken() throws Exception {
        for (MemorySegment segment : new MemorySegment[] {
            Arena.ofAuto().allocate(8),
            Arena.global().allocate(8),
            MemorySegment.ofBuffer(ByteBuffer.allocateDirect(8)),
            Arena.ofAuto().allocate(64).asSlice(8, 8)
        }) {
            assertThat(loop.write(pipe.writeEnd(), segment, -1).await()).isEqualTo(8);
        }
    }

    @Test
    void closingAnOperationArenaWaitsForItsOperations() throws Exception {
        OperationArena arena = OperationArena.open();
        MemorySegment room = arena.allocate(8);
        CompletableFuture<Integer> read = loop.read(pipe.readEnd(), room, -1).future();
        assertThat(arena.users()).isEqualTo(1);
        FutureTask<Void> closed = new FutureTask<>(arena::close, null);
        Thread closer = Thread.ofPlatform().start(closed);
        Eventually.holds(() -> closer.getState() == Thread.State.WAITING);
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.read(pipe.readEnd(), room, -1).future());
        loop.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        assertThat(read.get()).isEqualTo(1);
        closed.get();
        assertThat(room.scope().isAlive()).isFalse();
        assertThatIllegalStateException().isThrownBy(arena::close);
    }

    @Test
    void loopsThreadDoesNotWaitForAnArena() throws Exception {
        OperationArena arena = OperationArena.open();
        CompletableFuture<Integer> read =
                loop.read(pipe.readEnd(), arena.allocate(8), -1).future();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                arena.close();
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("1 operations use");
        read.cancel(true);
        assertThatThrownBy(read::get);
        arena.close();
    }

    @Test
    void memoryIsKeptUntilTheEndAndNoLonger() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        WeakReference<MemorySegment> reference = startRead(read);
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(5);
        }
        assertThat(reference.get()).as("kept while the kernel may write to it").isNotNull();
        loop.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        assertThat(read.get()).isEqualTo(1);
        Eventually.holds(() -> {
            System.gc();
            return reference.get() == null;
        });
    }

    private WeakReference<MemorySegment> startRead(CompletableFuture<Integer> result) {
        MemorySegment room = Memory.room(8);
        loop.read(pipe.readEnd(), room, -1).start((outcome, flags, future) -> future.complete(outcome), result);
        return new WeakReference<>(room);
    }

    @Test
    void leaseIsReleasedByTheOperationThatWritesIt() throws Exception {
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 4), 2);
        BufferLease lease =
                loop.withRing(ring -> buffers.cache().acquire()).get();
        assertThat(loop.write(pipe.writeEnd(), lease, -1).await()).isZero();
        assertThatIllegalStateException().isThrownBy(lease::release);
        assertThatCode(loop::close).doesNotThrowAnyException();
    }
}
