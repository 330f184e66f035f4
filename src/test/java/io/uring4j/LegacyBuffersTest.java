package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Provided buffers of the older kind, which requests give and take. */
class LegacyBuffersTest {
    private static final int GROUP = 3;
    private static final int SIZE = 8;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    private int provide(Ring ring, MemorySegment memory, int count, int firstId) throws IOException {
        ring.submissions().next().provideBuffers(memory, SIZE, count, GROUP, firstId);
        return Completion.submitAndTakeOne(ring).result();
    }

    private int remove(Ring ring, int count) throws IOException {
        ring.submissions().next().removeBuffers(count, GROUP);
        return Completion.submitAndTakeOne(ring).result();
    }

    /** With a length, for before Linux 5.19 none means none, not the buffer's. */
    private Completion read(Ring ring) throws IOException {
        ring.submissions().next().read(pipe.readEnd(), MemorySegment.NULL, SIZE, -1).selectBuffer(GROUP);
        return Completion.submitAndTakeOne(ring);
    }

    @OverRingKinds
    void buffersNeedNotStartWhereTheMemoryDoes(RingKind kind) throws IOException {
        MemorySegment memory = arena.allocate(3 * SIZE);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().provideBuffers(memory, 2 * SIZE, SIZE, 1, GROUP, 7);
            assertThat(Completion.submitAndTakeOne(ring).result()).isNotNegative();
            pipe.write("text");
            assertThat(Cqe.bufferId(read(ring).flags())).isEqualTo(7);
            assertThat(Text.of(memory.asSlice(2 * SIZE), 4)).isEqualTo("text");
        }
    }

    @Covers(Opcode.PROVIDE_BUFFERS)
    @OverRingKinds
    void dataLandsInTheBufferThatTheCompletionNames(RingKind kind) throws IOException {
        MemorySegment memory = arena.allocate(4 * SIZE);
        try (Ring ring = kind.open(4)) {
            assertThat(provide(ring, memory, 4, 100)).isZero();
            for (int i = 0; i < 4; i++) {
                pipe.write("text" + i);
                Completion completion = read(ring);
                assertThat(completion.result()).isEqualTo(5);
                assertThat(Cqe.hasBuffer(completion.flags())).isTrue();
                int index = Cqe.bufferId(completion.flags()) - 100;
                assertThat(Text.of(memory.asSlice((long) index * SIZE), 5)).isEqualTo("text" + i);
            }
            pipe.write("x");
            assertThat(read(ring).error()).isEqualTo(Errno.ENOBUFS);
        }
    }

    @OverRingKinds
    void shortBufferTakesNoMoreThanItHolds(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            provide(ring, arena.allocate(2 * SIZE), 2, 0);
            pipe.write("0123456789");

            assertThat(read(ring).result()).isEqualTo(SIZE);
            assertThat(read(ring).result()).isEqualTo(2);
        }
    }

    @Covers(Opcode.REMOVE_BUFFERS)
    @OverRingKinds
    void removingTellsHowManyThereWere(RingKind kind) throws IOException {
        MemorySegment memory = arena.allocate(10 * SIZE);
        try (Ring ring = kind.open(4)) {
            assertThat(Errno.of(remove(ring, 1))).as("no such group").isEqualTo(Errno.ENOENT);
            provide(ring, memory, 10, 0);
            assertThat(remove(ring, 4)).isEqualTo(4);
            assertThat(remove(ring, 7)).as("one more than there are").isEqualTo(6);
            pipe.write("x");
            assertThat(read(ring).error()).isEqualTo(Errno.ENOBUFS);
        }
    }

    @OverRingKinds
    void removingWorksInAChainAndOnAWorker(RingKind kind) throws IOException {
        MemorySegment memory = arena.allocate(4 * SIZE);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().provideBuffers(memory, SIZE, 4, GROUP, 0).link();
            ring.submissions().next().removeBuffers(2, GROUP).link();
            ring.submissions().next().removeBuffers(1, GROUP).async();

            assertThat(Completion.submitAndTake(ring, 3)).extracting(Completion::result).containsExactly(0, 2, 1);
        }
    }

    @Test
    void buffersGivenBackInAnyOrderAreUsedOncePerLap() throws IOException {
        int count = 64;
        MemorySegment memory = arena.allocate((long) count * SIZE);
        Random random = new Random(1);
        Set<Integer> all = new TreeSet<>(IntStream.range(0, count).boxed().toList());
        try (Ring ring = RingKind.BEST.open(count);
                OpenFile zeros = new OpenFile(Posix.open(Path.of("/dev/zero"), OpenFlags.READ_ONLY))) {
            provide(ring, memory, count, 0);
            for (int lap = 0; lap < 30; lap++) {
                for (int i = 0; i < count; i++) {
                    ring.submissions().next().read(zeros.fd(), MemorySegment.NULL, SIZE, -1).selectBuffer(GROUP);
                }
                List<Integer> used = new ArrayList<>();
                for (Completion completion : Completion.submitAndTake(ring, count)) {
                    used.add(Cqe.bufferId(completion.flags()));
                }
                assertThat(used).hasSize(count);
                assertThat(new TreeSet<>(used)).isEqualTo(all);
                giveBack(ring, memory, used, lap, random);
            }
            assertThat(remove(ring, count + 1)).isEqualTo(count);
        }
    }

    /** In batches of 32, one by one, and one by one in disorder. */
    private void giveBack(Ring ring, MemorySegment memory, List<Integer> ids, int lap, Random random)
            throws IOException {
        int batch = lap % 3 == 0 ? 32 : 1;
        if (lap % 3 == 2) {
            Collections.shuffle(ids, random);
        } else {
            Collections.sort(ids);
        }
        int requests = 0;
        for (int i = 0; i < ids.size(); i += batch) {
            int first = ids.get(i);
            ring.submissions().next()
                    .provideBuffers(memory, (long) first * SIZE, SIZE, batch, GROUP, first);
            requests++;
        }
        // Before Linux 5.19 it is how many were added to a group that there was.
        assertThat(Completion.submitAndTake(ring, requests)).allMatch(completion -> completion.result() >= 0);
    }
}
