package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

/** Pipes: making them, and moving data through them without copying. */
class SpliceTest {
    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @Covers(Opcode.SPLICE)
    @OverRingKinds
    void dataMovesFromAFileToAPipeAndOnToAnotherFile(RingKind kind) throws IOException {
        Path from = Files.writeString(folder.resolve("from"), "0123456789");
        Path to = Files.writeString(folder.resolve("to"), "----------");
        try (Ring ring = kind.open(4);
                OpenFile in = OpenFile.of(from);
                OpenFile out = OpenFile.of(to)) {
            ring.submissions().next().splice(in.fd(), 2, pipe.writeEnd(), -1, 5, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            ring.submissions().next().splice(pipe.readEnd(), -1, out.fd(), 4, 100, FileFlags.SPLICE_MOVE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(to).hasContent("----23456-");
        }
    }

    @OverRingKinds
    void bothSidesOfASpliceCanBeRegisteredFiles(RingKind kind) throws IOException {
        Path from = Files.writeString(folder.resolve("from"), "0123456789");
        try (Ring ring = kind.open(4);
                OpenFile in = OpenFile.of(from)) {
            RegisteredFiles.register(ring, RegisteredFiles.EMPTY, in.fd(), pipe.writeEnd());
            ring.submissions().next().splice(1, 0, 2, -1, 4, FileFlags.SPLICE_FIXED_INPUT).fixedFile();

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
            assertThat(pipe.read()).isEqualTo("0123");
        }
    }

    @OverRingKinds
    void spliceWithoutAPipeIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile in = OpenFile.of(folder.resolve("in"));
                OpenFile out = OpenFile.of(folder.resolve("out"))) {
            ring.submissions().next().splice(in.fd(), 0, out.fd(), 0, 4, 0);

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @Covers(Opcode.TEE)
    @OverRingKinds
    void teeCopiesFromAPipeWithoutConsuming(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe copy = new Pipe()) {
            pipe.write("hello");
            ring.submissions().next().tee(pipe.readEnd(), copy.writeEnd(), 4, 0);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
            assertThat(copy.read()).isEqualTo("hell");
            assertThat(pipe.read()).isEqualTo("hello");
        }
    }

    @OverRingKinds
    void teeTakesARegisteredInput(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe copy = new Pipe()) {
            RegisteredFiles.register(ring, pipe.readEnd());
            pipe.write("hello");
            ring.submissions().next().tee(0, copy.writeEnd(), 100, FileFlags.SPLICE_FIXED_INPUT);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(copy.read()).isEqualTo("hello");
        }
    }

    @Covers(Opcode.PIPE)
    @OverRingKinds
    void pipeIsMade(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.PIPE);
        MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pipe(ends, OpenFlags.CLOSE_ON_EXEC);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            int reading = ends.getAtIndex(ValueLayout.JAVA_INT, 0);
            int writing = ends.getAtIndex(ValueLayout.JAVA_INT, 1);
            Posix.write(writing, Text.in(arena, "through"));
            MemorySegment buffer = arena.allocate(16);

            assertThat(Posix.read(reading, buffer)).isEqualTo(7);
            assertThat(Text.of(buffer, 7)).isEqualTo("through");
            assertThat(Posix.close(reading)).isZero();
            assertThat(Posix.close(writing)).isZero();
        }
    }

    @Covers(Opcode.PIPE)
    @OverRingKinds
    void pipeOfDirectDescriptorsIsMadeInSlots(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.PIPE);
        MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 4);
            ring.submissions().next().pipeDirect(ends, 0, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(carriedBetween(ring, 1, 2)).isEqualTo("abc");

            ring.submissions().next().pipeDirect(ends, 0, DirectSlot.ALLOCATE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            int reading = ends.getAtIndex(ValueLayout.JAVA_INT, 0);
            int writing = ends.getAtIndex(ValueLayout.JAVA_INT, 1);
            assertThat(new int[] {reading, writing}).as("slots that were free").containsExactlyInAnyOrder(0, 3);
            assertThat(carriedBetween(ring, reading, writing)).isEqualTo("abc");
        }
    }

    private String carriedBetween(Ring ring, int readingSlot, int writingSlot) throws IOException {
        MemorySegment buffer = arena.allocate(8);
        ring.submissions().next().write(writingSlot, Text.in(arena, "abc"), 3, -1).fixedFile().link();
        ring.submissions().next().read(readingSlot, buffer, 8, -1).fixedFile();
        return Text.of(buffer, Completion.submitAndTake(ring, 2).getLast().result());
    }
}
