package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** READ, WRITE, READV, WRITEV and FSYNC on a real file. */
class ReadWriteTest {
    @TempDir
    private Path directory;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private Path path;

    @AutoClose
    private OpenFile file;

    @BeforeEach
    void openFile() {
        path = directory.resolve("file");
        file = OpenFile.of(path);
    }

    @OverRingKinds
    @Covers(Opcode.WRITE)
    void writePutsBytesIntoTheFile(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "hello, ring"), 11, 0).userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 11, 0));
            ring.submissions().next().write(file.fd(), Text.in(arena, "HELLO"), 5, 0).userData(2);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, 5, 0));
            ring.submissions().next().write(file.fd(), Text.in(arena, "far"), 3, 20).userData(3);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(3, 3, 0));

            assertThat(path).hasContent("HELLO, ring\0\0\0\0\0\0\0\0\0far");
        }
    }

    @OverRingKinds
    @Covers(Opcode.READ)
    void readBringsBytesFromTheFile(RingKind kind) throws IOException {
        Files.writeString(path, "0123456789");
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().read(file.fd(), buffer, 4, 3).userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 4, 0));
            assertThat(Text.of(buffer, 5)).isEqualTo("3456\0");

            ring.submissions().next().read(file.fd(), buffer, 16, 8);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("up to the end").isEqualTo(2);
            assertThat(Text.of(buffer, 4)).isEqualTo("8956");

            ring.submissions().next().read(file.fd(), buffer, 16, 10);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("at the end").isZero();
        }
    }

    @OverRingKinds
    void offsetMinusOneGoesOnFromTheCurrentPosition(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "one"), 3, -1).link();
            ring.submissions().next().write(file.fd(), Text.in(arena, "two"), 3, -1);
            assertThat(Completion.submitAndTake(ring, 2)).extracting(Completion::result).containsExactly(3, 3);

            assertThat(path).hasContent("onetwo");
            ring.submissions().next().read(file.fd(), buffer, 16, -1);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("behind what was written").isZero();
        }
    }

    @OverRingKinds
    void offsetsBeyondThirtyTwoBitsAreKept(RingKind kind) throws IOException {
        long offset = (5L << 32) + 7;
        MemorySegment buffer = arena.allocate(4);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "far"), 3, offset);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(3);
            assertThat(path).hasSize(offset + 3);
            ring.submissions().next().read(file.fd(), buffer, 4, offset);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(3);
            assertThat(Text.of(buffer, 3)).isEqualTo("far");
        }
    }

    @OverRingKinds
    void badDescriptorIsReported(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().read(-1, buffer, 16, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().write(-1, buffer, 16, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().fsync(-1, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().readv(-1, Iovec.of(arena, buffer), 1, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
        }
    }

    @OverRingKinds
    void wrongDirectionIsReported(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(8);
                Pipe pipe = new Pipe()) {
            ring.submissions().next().write(pipe.readEnd(), buffer, 16, -1);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().read(pipe.writeEnd(), buffer, 16, -1);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().fsync(pipe.readEnd(), 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    @Covers(Opcode.WRITEV)
    void writevGathersBuffersInOrder(RingKind kind) throws IOException {
        MemorySegment iovecs =
                Iovec.of(arena, Text.in(arena, "one"), Text.in(arena, ", two"), Text.in(arena, ", never"));
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().writev(file.fd(), iovecs, 2, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(8);
            assertThat(path).hasContent("\0one, two");
        }
    }

    @OverRingKinds
    @Covers(Opcode.READV)
    void readvScattersIntoBuffersInOrder(RingKind kind) throws IOException {
        Files.writeString(path, "0123456789");
        MemorySegment first = arena.allocate(3);
        MemorySegment second = arena.allocate(4);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().readv(file.fd(), Iovec.of(arena, first, second), 2, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(7);
            assertThat(Text.of(first, 3)).isEqualTo("123");
            assertThat(Text.of(second, 4)).isEqualTo("4567");

            ring.submissions().next().readv(file.fd(), Iovec.of(arena, first, second), 2, 8);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("up to the end").isEqualTo(2);
            assertThat(Text.of(first, 3)).isEqualTo("893");
        }
    }

    @OverRingKinds
    void tooManyBuffersAreRefusedByTheKernel(RingKind kind) throws IOException {
        MemorySegment iovecs = arena.allocate(1025 * Iovec.BYTES, Long.BYTES);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().readv(file.fd(), iovecs, 1025, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    @Covers(Opcode.FSYNC)
    void fsyncSucceedsBehindAWrite(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "kept"), 4, 0).userData(1).link();
            ring.submissions().next().fsync(file.fd(), 0).userData(2).link();
            ring.submissions().next().fsync(file.fd(), FileFlags.FSYNC_DATASYNC).userData(3);
            assertThat(Completion.submitAndTake(ring, 3))
                    .containsExactly(new Completion(1, 4, 0), new Completion(2, 0, 0), new Completion(3, 0, 0));
            assertThat(path).hasContent("kept");
        }
    }

    @OverRingKinds
    void readOfAPipeWaitsForTheWriter(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1).userData(1);
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, 0, 0));

            pipe.write("here");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, 4, 0));
            assertThat(Text.of(buffer, 4)).isEqualTo("here");
            pipe.closeWriteEnd();
            ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("at the end").isZero();
        }
    }
}
