package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.buffer.RegisteredBuffers;
import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a round trip without an operation shows of the two queues. */
class NopTest {
    @OverRingKinds
    void userDataComesBack(RingKind kind) throws IOException {
        long[] values = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0xcafe_babe_dead_beefL};
        try (Ring ring = kind.open(8)) {
            for (long value : values) {
                ring.submissions().next().nop().userData(value);
            }

            assertThat(Completion.submitAndTake(ring, values.length))
                    .containsExactlyElementsOf(LongStream.of(values)
                            .mapToObj(value -> new Completion(value, 0, 0))
                            .toList());
        }
    }

    @OverRingKinds
    void orderIsKeptOverManyLaps(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            long next = 0;
            for (int batch = 0; batch < 200; batch++) {
                // 1 to 8 at a time, so that batches start at every index.
                int size = 1 + batch % 8;
                for (int i = 0; i < size; i++) {
                    ring.submissions().next().nop().userData(next + i);
                }
                List<Completion> completions = Completion.submitAndTake(ring, size);
                for (Completion completion : completions) {
                    assertThat(completion.userData()).isEqualTo(next++);
                }
            }
        }
    }

    @OverRingKinds
    void resultIsTheOneInjected(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.NOP_RESULT);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().nopResult(4711);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4711);
        }
    }

    @Test
    void extraWordsOfALargeCompletionAreZero() throws IOException {
        try (Ring ring = RingKind.LARGE_ENTRIES.open(4)) {
            // More than a lap, so that each entry has been used before.
            for (int i = 0; i < 20; i++) {
                ring.submissions().next().nop().userData(-1);
                ring.submitAndWait(1);
                CompletionQueue completions = ring.completions();
                assertThat(completions.next()).isTrue();
                assertThat(completions.userData()).isEqualTo(-1);
                assertThat(completions.extra(0)).isZero();
                assertThat(completions.extra(1)).isZero();
                assertThat(completions.next()).isFalse();
            }
        }
    }

    @OverRingKinds
    void nothingOfAnEarlierEntryIsLeftInTheNext(RingKind kind) throws IOException {
        try (Ring ring = kind.open(1)) {
            Sqe earlier = ring.submissions().next().nop().userData(99).async().drain();
            Completion.submitAndTakeOne(ring);
            earlier.memory().fill((byte) 0x5a);

            Sqe entry = ring.submissions().next().prepare(Opcode.NOP.code(), 0, 0, 0, 0);
            ByteBuffer zeros = ByteBuffer.allocate((int) entry.memory().byteSize());
            assertThat(entry.memory().asByteBuffer().mismatch(zeros)).as("first byte that isn't zero").isEqualTo(-1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 0, 0));
        }
    }

    /** What fills an entry that was never given an operation is all of the earlier one but its opcode and its user data. */
    @OverRingKinds
    void entryWithoutAnOperationDoesNothing(RingKind kind) throws IOException {
        try (Ring ring = kind.open(1);
                Arena arena = Arena.ofShared();
                Pipe pipe = new Pipe()) {
            MemorySegment text = arena.allocateFrom("a");
            ring.submissions().next().write(pipe.writeEnd(), text, 1, -1).userData(99);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);

            ring.submissions().next();
            assertThat(Completion.submitAndTakeOne(ring).userData()).isZero();
            assertThat(pipe.read()).isEqualTo("a");
        }
    }

    @OverRingKinds
    void olderEntryThatIsRefusedDoesNothing(RingKind kind) throws IOException {
        try (Ring ring = kind.open(2);
                Pipe pipe = new Pipe()) {
            // With flags that a NOP hasn't got.
            ring.submissions().next().pollAdd(pipe.writeEnd(), PollEvents.OUT | PollEvents.RDHUP);
            ring.submissions().next().nop();
            Completion.submitAndTake(ring, 2);
            Sqe older = ring.submissions().next();
            ring.submissions().next().nop().userData(2);
            assertThatIllegalArgumentException().isThrownBy(() -> older.selectBuffer(-1));
            assertThat(Completion.submitAndTake(ring, 2)).containsExactly(new Completion(0, 0, 0), new Completion(2, 0, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.NOP)
    void fileIsLookedUpOnRequest(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.NOP_RESOURCES);
        try (Ring ring = kind.open(8);
                Pipe pipe = new Pipe();
                RegisteredFiles files = RegisteredFiles.register(ring, RegisteredFiles.EMPTY, pipe.readEnd())) {
            ring.submissions().next().nopFile(pipe.readEnd());
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            ring.submissions().next().nopFixedFile(files.capacity() - 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            // Kernels before 6.17 only break the chain, and give 0 as the result.
            assertBreaksTheChain(ring, ring.submissions().next().nopFile(-1));
            assertBreaksTheChain(ring, ring.submissions().next().nopFixedFile(0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.NOP)
    void registeredBufferIsLookedUpOnRequest(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.NOP_RESOURCES);
        try (Arena arena = Arena.ofShared();
                Ring ring = kind.open(8);
                RegisteredBuffers buffers = RegisteredBuffers.register(ring, arena.allocate(8), arena.allocate(8))) {
            ring.submissions().next().nopFixedBuffer(buffers.capacity() - 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertBreaksTheChain(ring, ring.submissions().next().nopFixedBuffer(buffers.capacity()));
        }
    }

    private static void assertBreaksTheChain(Ring ring, Sqe failing) throws UringException {
        failing.link();
        ring.submissions().next().nop().userData(2);
        assertThat(Completion.submitAndTake(ring, 2).getLast())
                .isEqualTo(new Completion(2, -Errno.ECANCELED.number(), 0));
    }

    @OverRingKinds
    @Covers(Opcode.NOP)
    void completionMayComeLater(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.NOP_LATER);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().nopLater().userData(1);
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(2, 0, 0), new Completion(1, 0, 0));
        }
    }
}
