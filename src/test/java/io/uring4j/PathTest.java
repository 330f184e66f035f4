package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Names of files: status, rename, remove, make, link. */
class PathTest {
    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private int directory;

    @BeforeEach
    void openTheFolder() {
        directory = Posix.open(folder, OpenFlags.DIRECTORY);
    }

    @AfterEach
    void closeTheFolder() {
        Posix.close(directory);
    }

    private MemorySegment path(String text) {
        return arena.allocateFrom(text);
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Covers(Opcode.STATX)
    @OverRingKinds
    void statusOfAFileIsRead(RingKind kind) throws IOException {
        Path file = file("file", "12345");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x---"));
        Instant modified = Instant.parse("2024-05-06T07:08:09.123456789Z");
        Files.setLastModifiedTime(file, FileTime.from(modified));
        Files.createLink(folder.resolve("other name"), file);
        MemorySegment status = Statx.allocate(arena);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().statx(directory, path("file"), 0, Statx.BASIC, status);

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Statx.mask(status) & Statx.BASIC).isEqualTo(Statx.BASIC);
            assertThat(Statx.size(status)).isEqualTo(5);
            assertThat(Statx.mode(status)).isEqualTo(0100650);
            assertThat(Statx.links(status)).isEqualTo(2);
            assertThat(Statx.inode(status)).isEqualTo(Files.getAttribute(file, "unix:ino"));
            assertThat(Statx.isRegularFile(status)).isTrue();
            assertThat(Statx.isDirectory(status)).isFalse();
            assertThat(Statx.modified(status))
                    .isEqualTo(Files.getLastModifiedTime(file).toInstant())
                    .isCloseTo(modified, within(1, ChronoUnit.SECONDS));
        }
    }

    @OverRingKinds
    void statusCanBeThatOfADescriptorOrOfALinkItself(RingKind kind) throws IOException {
        Files.createSymbolicLink(folder.resolve("link"), Path.of("target"));
        MemorySegment status = Statx.allocate(arena);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().statx(directory, path(""), PathFlags.EMPTY_PATH, Statx.BASIC, status);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Statx.isDirectory(status)).isTrue();

            ring.submissions().next().statx(directory, path("link"), 0, Statx.BASIC, status);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
            ring.submissions().next()
                    .statx(directory, path("link"), PathFlags.NO_FOLLOW_SYMLINK, Statx.SIZE, status);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Statx.size(status)).isEqualTo("target".length());
        }
    }

    @Covers(Opcode.RENAMEAT)
    @OverRingKinds
    void fileIsRenamed(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.RENAMEAT);
        file("old", "content");
        Files.createDirectory(folder.resolve("other"));
        int other = Posix.open(folder.resolve("other"), OpenFlags.DIRECTORY);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().renameat(directory, path("old"), other, path("new"), 0);

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(folder.resolve("old")).doesNotExist();
            assertThat(folder.resolve("other/new")).hasContent("content");
        } finally {
            Posix.close(other);
        }
    }

    @OverRingKinds
    void namesAreSwappedOrKept(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.RENAMEAT);
        file("a", "1");
        file("b", "2");
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().renameat(directory, path("a"), directory, path("b"), PathFlags.RENAME_NO_REPLACE);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EEXIST);
            ring.submissions().next().renameat(directory, path("a"), directory, path("b"), PathFlags.RENAME_EXCHANGE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();

            assertThat(folder.resolve("a")).hasContent("2");
            assertThat(folder.resolve("b")).hasContent("1");
        }
    }

    @Covers(Opcode.UNLINKAT)
    @OverRingKinds
    void fileAndDirectoryAreRemoved(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.UNLINKAT);
        Path file = file("file", "");
        Path inner = Files.createDirectory(folder.resolve("inner"));
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().unlinkat(directory, path("file"), 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(file).doesNotExist();

            ring.submissions().next().unlinkat(directory, path("inner"), 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EISDIR);
            ring.submissions().next().unlinkat(directory, path("inner"), PathFlags.REMOVE_DIRECTORY);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(inner).doesNotExist();
        }
    }

    @Covers(Opcode.MKDIRAT)
    @OverRingKinds
    void directoryIsMade(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.MKDIRAT);
        Path made = folder.resolve("made");
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().mkdirat(directory, path("made"), 0710);

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(made).isDirectory();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made))).isEqualTo("rwx--x---");
            ring.submissions().next().mkdirat(directory, path("made"), 0710);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EEXIST);
        }
    }

    @Covers(Opcode.SYMLINKAT)
    @OverRingKinds
    void symbolicLinkIsMade(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SYMLINKAT);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().symlinkat(path("some/target"), directory, path("link"));

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.readSymbolicLink(folder.resolve("link"))).isEqualTo(Path.of("some/target"));
        }
    }

    @Covers(Opcode.LINKAT)
    @OverRingKinds
    void hardLinkIsMade(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.LINKAT);
        Path file = file("file", "content");
        Files.createSymbolicLink(folder.resolve("symbolic"), Path.of("file"));
        Files.createDirectory(folder.resolve("other"));
        int other = Posix.open(folder.resolve("other"), OpenFlags.DIRECTORY);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().linkat(directory, path("file"), other, path("hard"), 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.isSameFile(file, folder.resolve("other/hard"))).isTrue();

            ring.submissions().next().linkat(directory, path("symbolic"), other, path("of the link"), 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.isSymbolicLink(folder.resolve("other/of the link"))).isTrue();
            ring.submissions().next()
                    .linkat(directory, path("symbolic"), other, path("of its target"), PathFlags.FOLLOW_SYMLINK);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.isSameFile(file, folder.resolve("other/of its target"))).isTrue();
            assertThat(Files.isSymbolicLink(folder.resolve("other/of its target"))).isFalse();
        } finally {
            Posix.close(other);
        }
    }
}
