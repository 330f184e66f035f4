package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

/** OPENAT and CLOSE. */
class OpenCloseTest {
    private static final int TO_CREATE = OpenFlags.CREATE | OpenFlags.EXCLUSIVE | OpenFlags.READ_WRITE;

    @TempDir
    private Path directory;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private MemorySegment string(Path path) {
        return arena.allocateFrom(path.toString());
    }

    private static Path descriptor(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    @OverRingKinds
    @Covers({Opcode.OPENAT, Opcode.CLOSE})
    void openMakesAFileAndCloseLetsGoOfIt(RingKind kind) throws IOException {
        Path path = directory.resolve("made by the ring");
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, string(path), TO_CREATE, 0640);
            int fd = Completion.submitAndTakeOne(ring).result();
            assertThat(fd).isPositive();
            assertThat(path).exists();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).startsWith("rw-");
            assertThat(Files.readSymbolicLink(descriptor(fd))).isEqualTo(path.toRealPath());
            ring.submissions().next().write(fd, Text.in(arena, "written"), 7, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(7);
            assertThat(path).hasContent("written");

            ring.submissions().next().close(fd);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.exists(descriptor(fd))).isFalse();
        }
    }

    @OverRingKinds
    void openFindsAPathFromADirectory(RingKind kind) throws IOException {
        Files.writeString(directory.resolve("there"), "found");
        int start = Posix.open(directory, OpenFlags.READ_ONLY | OpenFlags.DIRECTORY);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().openat(start, arena.allocateFrom("there"), OpenFlags.READ_ONLY, 0);
            int fd = Completion.submitAndTakeOne(ring).result();
            MemorySegment buffer = arena.allocate(16);
            ring.submissions().next().read(fd, buffer, 16, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(Text.of(buffer, 5)).isEqualTo("found");
            Posix.close(fd);
        } finally {
            Posix.close(start);
        }
    }

    @OverRingKinds
    void openReportsWhyItCannot(RingKind kind) throws IOException {
        Path path = Files.writeString(directory.resolve("there"), "");
        try (Ring ring = kind.open(4)) {
            int here = OpenFlags.CURRENT_DIRECTORY;
            ring.submissions().next().openat(here, string(directory.resolve("not there")), OpenFlags.READ_ONLY, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
            ring.submissions().next().openat(here, string(path), TO_CREATE, 0600);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EEXIST);
            ring.submissions().next().openat(here, string(path), OpenFlags.READ_ONLY | OpenFlags.DIRECTORY, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOTDIR);
            ring.submissions().next().openat(here, string(directory), OpenFlags.READ_WRITE, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EISDIR);
        }
    }

    @OverRingKinds
    void closeReportsABadDescriptor(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().close(1 << 20);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
        }
    }
}
