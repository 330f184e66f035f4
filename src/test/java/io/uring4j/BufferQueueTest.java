package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.abi.io_uring_buf_reg;
import io.uring4j.buffer.BufferQueue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring of provided buffers as the kernel has it, from which it picks. */
class BufferQueueTest {
    /** Those below 64 have a test of their own. */
    private static final int GROUP = 71;
    private static final int SIZE = 8;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @BeforeEach
    void needsBufferRings() {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_RING);
    }

    /** Adds buffers of {@link #SIZE} bytes, whose ids are their indices. */
    private MemorySegment[] add(BufferQueue buffers, int count) {
        MemorySegment[] added = new MemorySegment[count];
        for (int id = 0; id < count; id++) {
            added[id] = arena.allocate(SIZE);
            buffers.add(id, added[id]);
        }
        buffers.publish();
        return added;
    }

    private Completion read(Ring ring) throws IOException {
        ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(GROUP);
        return Completion.submitAndTakeOne(ring);
    }

    private Completion read(Ring ring, String text) throws IOException {
        pipe.write(text);
        return read(ring);
    }

    @Covers(register = RegisterOpcode.REGISTER_PBUF_RING)
    @OverRingKinds
    void dataLandsInTheBufferThatTheCompletionNames(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            assertThat(buffers.group()).isEqualTo(GROUP);
            assertThat(buffers.capacity()).isEqualTo(4);
            MemorySegment[] added = add(buffers, 3);
            Completion completion = read(ring, "hello");

            assertThat(completion.result()).isEqualTo(5);
            assertThat(Cqe.hasBuffer(completion.flags())).isTrue();
            assertThat(Text.of(added[Cqe.bufferId(completion.flags())], 5)).isEqualTo("hello");
        }
    }

    @OverRingKinds
    void shortBufferAndShortRequestLimitTheLength(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            add(buffers, 3);
            assertThat(read(ring, "0123456789abc").result()).isEqualTo(SIZE);
            ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 2, -1).selectBuffer(GROUP);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(2);
            assertThat(read(ring).result()).isEqualTo(3);
        }
    }

    @OverRingKinds
    void eachIdIsUsedOncePerLapAndThenNoneIsLeft(RingKind kind) throws IOException {
        int count = 16;
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, count)) {
            MemorySegment[] added = add(buffers, count);
            for (int lap = 0; lap < 3; lap++) {
                Set<Integer> ids = new HashSet<>();
                for (int i = 0; i < count; i++) {
                    assertThat(ids.add(Cqe.bufferId(read(ring, "x").flags()))).isTrue();
                }
                assertThat(ids).hasSize(count);

                Completion none = read(ring, "x");
                assertThat(none.error()).isEqualTo(Errno.ENOBUFS);
                assertThat(Cqe.hasBuffer(none.flags())).isFalse();
                assertThatIllegalArgumentException().isThrownBy(() -> Cqe.bufferId(none.flags()));
                assertThat(pipe.read()).as("what no buffer could take").isEqualTo("x");
                for (int id = 0; id < count; id++) {
                    buffers.add(id, added[id]);
                }
                buffers.publish();
            }
        }
    }

    @OverRingKinds
    void buffersAreNotSeenBeforeTheyArePublished(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            buffers.add(3, arena.allocate(SIZE));
            assertThat(read(ring, "abc").error()).isEqualTo(Errno.ENOBUFS);
            buffers.publish();

            Completion completion = read(ring);
            assertThat(completion.result()).isEqualTo(3);
            assertThat(Cqe.bufferId(completion.flags())).isEqualTo(3);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_PBUF_STATUS)
    @OverRingKinds
    void headMovesAsBuffersAreConsumed(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_STATUS);
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            assertThat(buffers.head()).isZero();
            assertThat(buffers.available()).isZero();
            add(buffers, 4);
            assertThat(buffers.available()).isEqualTo(4);
            for (int consumed = 1; consumed <= 4; consumed++) {
                read(ring, "x");
                assertThat(buffers.head()).isEqualTo(consumed);
                assertThat(buffers.available()).isEqualTo(4 - consumed);
            }
        }
    }

    @Test
    void sixteenBitTailWrapsManyTimes() throws IOException {
        int count = 1024;
        int turns = 5 * 65_536 / count;
        try (Ring ring = RingKind.BEST.open(count);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, count);
                OpenFile zeros = new OpenFile(Posix.open(Path.of("/dev/zero"), OpenFlags.READ_ONLY))) {
            MemorySegment[] added = add(buffers, count);
            int consumed = 0;
            for (int turn = 0; turn < turns; turn++) {
                // Now all, now one fewer, so that the laps start everywhere.
                int size = count - turn % 2;
                for (int i = 0; i < size; i++) {
                    ring.submissions().next().read(zeros.fd(), MemorySegment.NULL, 0, -1).selectBuffer(GROUP);
                }
                ring.submitAndWait(size);
                boolean[] used = new boolean[count];
                int taken = ring.completions().drain((userData, result, flags) -> {
                    int id = Cqe.bufferId(flags);
                    if (result != SIZE || used[id]) {
                        throw new AssertionError("buffer " + id + " twice, or result " + result);
                    }
                    used[id] = true;
                    buffers.add(id, added[id]);
                });
                assertThat(taken).isEqualTo(size);
                buffers.publish();
                consumed += size;
            }
            assertThat(consumed).isGreaterThan(4 * 65_536);
            if (ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_STATUS)) {
                assertThat(buffers.head()).isEqualTo(consumed & 0xffff);
                assertThat(buffers.available()).isEqualTo(count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4096, BufferQueue.MAX_ENTRIES})
    void powersOfTwoUpToTheLargestWork(int capacity) throws IOException {
        try (Ring ring = RingKind.BEST.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, capacity)) {
            MemorySegment memory = arena.allocate((long) SIZE * capacity);
            for (int id = 0; id < capacity; id++) {
                buffers.add(id, memory.asSlice((long) id * SIZE, SIZE));
            }
            buffers.publish();
            if (ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_STATUS)) {
                assertThat(buffers.available()).isEqualTo(capacity);
            }
            Completion completion = read(ring, "hello");
            assertThat(Text.of(memory.asSlice((long) Cqe.bufferId(completion.flags()) * SIZE), 5)).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, 1000, 32_767, 32_769, 65_536})
    void otherSizesAreRefused(int capacity) throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BufferQueue.register(ring, GROUP, capacity))
                    .withMessageContaining("power of two");
        }
    }

    @Test
    void largestIdComesBackUnsigned() throws IOException {
        try (Ring ring = RingKind.BEST.open(4);
                BufferQueue buffers = BufferQueue.register(ring, 65_535, 1)) {
            buffers.add(65_535, arena.allocate(SIZE));
            buffers.publish();
            pipe.write("x");
            ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(65_535);

            assertThat(Cqe.bufferId(Completion.submitAndTakeOne(ring).flags())).isEqualTo(65_535);
        }
    }

    @Test
    void badArgumentsAreRefused() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            BufferQueue buffers = BufferQueue.register(ring, GROUP, 2);
            assertThatIllegalArgumentException().isThrownBy(() -> BufferQueue.register(ring, -1, 2));
            assertThatIllegalArgumentException().isThrownBy(() -> BufferQueue.register(ring, 65_536, 2));
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.add(-1, arena.allocate(1)));
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.add(65_536, arena.allocate(1)));
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.add(0, MemorySegment.ofArray(new byte[1])));
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.add(0, arena.allocate(1).asReadOnly()));
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.add(0, arena.allocate(0)));
            MemorySegment freed;
            try (Arena shortLived = Arena.ofConfined()) {
                freed = shortLived.allocate(1);
            }
            assertThatIllegalStateException().isThrownBy(() -> buffers.add(0, freed)).withMessageContaining("closed");
            buffers.close();
            buffers.close();
            assertThatIllegalStateException().isThrownBy(buffers::head);
            assertThatIllegalStateException().isThrownBy(() -> buffers.add(0, arena.allocate(1)));
        }
    }

    @OverRingKinds
    void groupIsRegisteredOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 2)) {
            add(buffers, 2);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> BufferQueue.register(ring, GROUP, 2))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EEXIST));
            assertThat(read(ring, "x").result()).isEqualTo(1);
        }
    }

    @Covers(register = RegisterOpcode.UNREGISTER_PBUF_RING)
    @OverRingKinds
    void closedGroupIsUnknownAndCanBeRegisteredAgain(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            BufferQueue first = BufferQueue.register(ring, GROUP, 2);
            add(first, 2);
            first.close();
            assertThat(read(ring, "x").error()).isEqualTo(Errno.ENOBUFS);

            try (BufferQueue second = BufferQueue.register(ring, GROUP, 8)) {
                add(second, 1);
                assertThat(read(ring).result()).isEqualTo(1);
            }
        }
    }

    @Test
    void groupThatWasUnregisteredByHandIsUnknownUntilItIsClosedAfterItsRing() throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_STATUS);
        try (Ring ring = RingKind.BEST.open(4)) {
            BufferQueue buffers = BufferQueue.register(ring, GROUP, 2);
            add(buffers, 2);
            MemorySegment registration = io_uring_buf_reg.allocate(arena);
            io_uring_buf_reg.bgid(registration, (short) GROUP);
            ring.register(RegisterOpcode.UNREGISTER_PBUF_RING, registration, 1);

            List<ThrowingCallable> calls = List.of(buffers::head, buffers::available, buffers::close);
            for (ThrowingCallable call : calls) {
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(call)
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.ENOENT))
                        .withMessageContaining("PBUF");
            }
            endOf(ring);
            buffers.close();
            assertThatIllegalStateException().isThrownBy(buffers::head);
        }
    }

    /** Before its try block ends. */
    private static void endOf(Ring ring) throws UringException {
        ring.close();
    }

    /** Some kernels before 6.9 go on with such an id where its group before had ended, which nobody has counted here. */
    @Test
    void idBelow64StartsAnewOrIsRefused() throws IOException {
        int group = 63;
        try (Ring ring = RingKind.BEST.open(4)) {
            try (BufferQueue first = BufferQueue.register(ring, group, 2)) {
                add(first, 2);
                pipe.write("a");
                ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(group);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
            }
            try (BufferQueue second = BufferQueue.register(ring, group, 2)) {
                add(second, 1);
                pipe.write("b");
                ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(group);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("take another id");
                assertThat(ring.capabilities().has(Feature.RECVSEND_BUNDLE)).as("a kernel of 6.10 or later").isFalse();
            }
        }
    }

    @Covers(register = RegisterOpcode.UNREGISTER_PBUF_RING)
    @OverRingKinds
    void requestThatWaitsWhenTheGroupIsClosedEndsWithoutBuffer(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            BufferQueue buffers = BufferQueue.register(ring, GROUP, 4);
            MemorySegment[] added = add(buffers, 4);
            for (int i = 0; i < 3; i++) {
                ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(GROUP);
            }
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(2);
            buffers.close();
            pipe.write("x");

            assertThat(Completion.take(ring, 3)).allSatisfy(completion -> {
                assertThat(completion.error()).isEqualTo(Errno.ENOBUFS);
                assertThat(Cqe.hasBuffer(completion.flags())).isFalse();
            });
            for (MemorySegment buffer : added) {
                assertThat(buffer.mismatch(MemorySegment.ofArray(new byte[SIZE]))).isEqualTo(-1);
            }
        }
    }

    @Test
    void ringAndLegacyGroupCannotShareAnId() throws IOException {
        MemorySegment legacy = arena.allocate(SIZE);
        try (Ring ring = RingKind.BEST.open(4)) {
            try (BufferQueue buffers = BufferQueue.register(ring, GROUP, 2)) {
                add(buffers, 1);
                ring.submissions().next().provideBuffers(legacy, SIZE, 1, GROUP, 5);
                assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
                ring.submissions().next().removeBuffers(1, GROUP);
                assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
            }
            ring.submissions().next().provideBuffers(legacy, SIZE, 1, GROUP, 5);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> BufferQueue.register(ring, GROUP, 2))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EEXIST));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_PBUF_RING)
    @OverRingKinds
    void kernelAllocatesTheRingAndTheProgramMapsIt(RingKind kind) throws IOException {
        Needs.kernelWith("IOU_PBUF_RING_MMAP", SetupFlag.NO_MMAP);
        try (Ring ring = kind.open(4);
                BufferQueue small = BufferQueue.register(ring, 1, 2, BufferQueue.Option.KERNEL_MEMORY);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 512, BufferQueue.Option.KERNEL_MEMORY)) {
            small.add(9, arena.allocate(SIZE));
            small.publish();
            MemorySegment[] added = add(buffers, 512);
            for (int i = 0; i < 512; i++) {
                Completion completion = read(ring, "abc");
                assertThat(Text.of(added[Cqe.bufferId(completion.flags())], 3)).isEqualTo("abc");
            }
            assertThat(read(ring, "abc").error()).isEqualTo(Errno.ENOBUFS);

            ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(1);
            assertThat(Cqe.bufferId(Completion.submitAndTakeOne(ring).flags())).isEqualTo(9);
        }
    }

    /** The kernel would map the ring of another group for some of them: that of 0 for 32768. */
    @ParameterizedTest
    @ValueSource(ints = {2048, 32_768, 32_773, 65_535})
    void idsThatAreTooLargeForTheKernelsMemoryAreRefusedBeforeTheyAreRegistered(int group) throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BufferQueue.register(ring, group, 2, BufferQueue.Option.KERNEL_MEMORY))
                    .withMessage("buffer group " + group + " can't have its ring in the kernel's memory, which is mapped by an"
                            + " offset that has room for ids 0..2047 only");
            BufferQueue.register(ring, group, 2).close();
        }
    }

    @Test
    void largestIdWithTheKernelsMemoryWorks() throws IOException {
        Needs.kernelWith("IOU_PBUF_RING_MMAP", SetupFlag.NO_MMAP);
        try (Ring ring = RingKind.BEST.open(4);
                BufferQueue buffers = BufferQueue.register(ring, 2047, 2, BufferQueue.Option.KERNEL_MEMORY)) {
            buffers.add(9, arena.allocate(SIZE));
            buffers.publish();
            pipe.write("x");
            ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, 0, -1).selectBuffer(2047);
            assertThat(Cqe.bufferId(Completion.submitAndTakeOne(ring).flags())).isEqualTo(9);
        }
    }

    @Test
    void ringWithoutDescriptorCannotMapAndKeepsNoGroup() throws IOException {
        Needs.kernelWith(SetupFlag.REGISTERED_FD_ONLY);
        RingConfig config = RingConfig.plain(4).with(SetupFlag.NO_MMAP, SetupFlag.REGISTERED_FD_ONLY);
        try (Ring ring = Ring.open(config)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> BufferQueue.register(ring, GROUP, 2, BufferQueue.Option.KERNEL_MEMORY));
            BufferQueue.register(ring, GROUP, 2).close();
        }
    }

    @OverRingKinds
    void bytesPerIdAddUpToTheBuffersSizeWhenItIsConsumedPieceByPiece(RingKind kind) throws IOException {
        requireIncremental();
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4, BufferQueue.Option.INCREMENTAL)) {
            MemorySegment[] added = add(buffers, 2);
            int[] bytes = new int[2];
            StringBuilder text = new StringBuilder();
            for (String piece : List.of("abc", "d", "efgh", "ijklm", "nop")) {
                Completion completion = read(ring, piece);
                int id = Cqe.bufferId(completion.flags());
                assertThat(completion.result()).isEqualTo(piece.length());
                bytes[id] += completion.result();
                boolean rest = (completion.flags() & Cqe.BUFFER_MORE) != 0;
                assertThat(rest).as("after %s in buffer %d", piece, id).isEqualTo(bytes[id] < SIZE);
                text.append(piece);
            }

            assertThat(bytes).containsExactly(SIZE, SIZE);
            assertThat(Text.of(added[0], SIZE) + Text.of(added[1], SIZE)).isEqualTo(text.toString());
            assertThat(read(ring, "x").error()).isEqualTo(Errno.ENOBUFS);
        }
    }

    private static void requireIncremental() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(1)) {
            BufferQueue.register(ring, 1, 1, BufferQueue.Option.INCREMENTAL).close();
        } catch (UringException e) {
            assumeTrue(e.error() != Errno.EINVAL, "this kernel lacks IOU_PBUF_RING_INC, which needs Linux 6.12");
            throw e;
        }
    }

    @Covers(Opcode.READ_MULTISHOT)
    @OverRingKinds
    void multishotReadOfAPipeGoesOnUntilNoBufferIsLeft(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.READ_MULTISHOT);
        try (Ring ring = kind.open(4);
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            MemorySegment[] added = add(buffers, 3);
            ring.submissions().next().readMultishot(pipe.readEnd(), 0, -1, GROUP).userData(5);
            ring.submit();
            for (String text : List.of("one", "two", "three")) {
                pipe.write(text);
                Completion completion = Completion.takeOne(ring);
                assertThat(completion.userData()).isEqualTo(5);
                assertThat(completion.result()).isEqualTo(text.length());
                assertThat(Cqe.hasMore(completion.flags())).isTrue();
                assertThat(Text.of(added[Cqe.bufferId(completion.flags())], text.length())).isEqualTo(text);
            }
            pipe.write("four");
            Completion last = Completion.takeOne(ring);
            assertThat(last.error()).isEqualTo(Errno.ENOBUFS);
            assertThat(Cqe.hasMore(last.flags())).isFalse();
            assertThat(Cqe.hasBuffer(last.flags())).isFalse();
            assertThat(pipe.read()).isEqualTo("four");
        }
    }

    @OverRingKinds
    void multishotReadEndsAtTheEndOfThePipe(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.READ_MULTISHOT);
        try (Ring ring = kind.open(4);
                Pipe ending = new Pipe();
                BufferQueue buffers = BufferQueue.register(ring, GROUP, 4)) {
            add(buffers, 4);
            ring.submissions().next().readMultishot(ending.readEnd(), 0, -1, GROUP);
            ring.submit();
            ending.write("0123456789");
            assertThat(Completion.take(ring, 2)).extracting(Completion::result).containsExactly(SIZE, 2);
            ending.closeWriteEnd();

            Completion last = Completion.takeOne(ring);
            assertThat(last.result()).isZero();
            assertThat(Cqe.hasMore(last.flags())).isFalse();
        }
    }
}
