package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Direct descriptors, and files that are opened with restrictions on their path. */
class DirectDescriptorTest {
    /** O_CLOEXEC as /proc/self/fdinfo shows it. */
    private static final int CLOSE_ON_EXEC_IN_FDINFO = 02000000;

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

    private String contentOfSlot(Ring ring, int slot) throws IOException {
        MemorySegment buffer = arena.allocate(64);
        ring.submissions().next().read(slot, buffer, 64, 0).fixedFile();
        return Text.of(buffer, Completion.submitAndTakeOne(ring).result());
    }

    @Covers({Opcode.OPENAT, Opcode.CLOSE})
    @OverRingKinds
    void fileIsOpenedAndClosedInASlot(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.DIRECT_SLOT);
        Files.writeString(folder.resolve("file"), "content");
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 4);
            ring.submissions().next().openatDirect(directory, path("file"), OpenFlags.READ_ONLY, 0, 2);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(contentOfSlot(ring, 2)).isEqualTo("content");

            ring.submissions().next().closeDirect(2);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            ring.submissions().next().read(2, arena.allocate(8), 8, 0).fixedFile();
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
            ring.submissions().next().closeDirect(2);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("empty").isEqualTo(Errno.EBADF);
        }
    }

    @Covers(Opcode.OPENAT)
    @OverRingKinds
    void kernelChoosesSlotsUntilTheTableIsFull(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.DIRECT_ALLOCATION);
        Files.writeString(folder.resolve("file"), "content");
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 3);
            for (int expected = 0; expected < 3; expected++) {
                ring.submissions().next().openatDirect(directory, path("file"), 0, 0, DirectSlot.ALLOCATE);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(expected);
                assertThat(contentOfSlot(ring, expected)).isEqualTo("content");
            }
            ring.submissions().next().openatDirect(directory, path("file"), 0, 0, DirectSlot.ALLOCATE);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENFILE);

            ring.submissions().next().closeDirect(1);
            Completion.submitAndTakeOne(ring);
            ring.submissions().next().openatDirect(directory, path("file"), 0, 0, DirectSlot.ALLOCATE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(1);
        }
    }

    @OverRingKinds
    void directDescriptorCannotBeClosedOnExec(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.DIRECT_SLOT);
        Files.writeString(folder.resolve("file"), "content");
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 1);
            ring.submissions().next().openatDirect(directory, path("file"), OpenFlags.CLOSE_ON_EXEC, 0, 0);

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void slotThatIsRefusedLeavesNothingToSubmit() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ring.submissions().next().openatDirect(directory, path("file"), 0, 0, -2));
            assertThat(ring.submissions().pending()).isZero();
            for (int slot : new int[] {-2, -1, Integer.MIN_VALUE}) {
                assertThatIllegalArgumentException().isThrownBy(() -> ring.submissions().next().closeDirect(slot));
                assertThat(ring.submissions().pending()).as("after closeDirect(%d): %s", slot, ring.submissions()).isZero();
            }
        }
    }

    @Covers(Opcode.OPENAT2)
    @OverRingKinds
    void pathMayNotLeaveItsDirectory(RingKind kind) throws IOException {
        Files.createDirectory(folder.resolve("inner"));
        Files.writeString(folder.resolve("inner/file"), "inside");
        Files.writeString(folder.resolve("file"), "outside");
        Files.createSymbolicLink(folder.resolve("inner/link"), Path.of("../file"));
        int inner = Posix.open(folder.resolve("inner"), OpenFlags.DIRECTORY);
        MemorySegment beneath = OpenHow.of(arena, OpenFlags.READ_ONLY, 0, OpenHow.RESOLVE_BENEATH);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().openat2(inner, path("file"), beneath);
            int fd = Completion.submitAndTakeOne(ring).result();
            MemorySegment buffer = arena.allocate(16);
            assertThat(Text.of(buffer, Posix.read(fd, buffer))).isEqualTo("inside");
            Posix.close(fd);

            for (String leaving : new String[] {"../file", "link", folder.resolve("file").toString()}) {
                ring.submissions().next().openat2(inner, path(leaving), beneath);
                assertThat(Completion.submitAndTakeOne(ring).error()).as(leaving).isEqualTo(Errno.EXDEV);
            }
            MemorySegment noSymlinks = OpenHow.of(arena, OpenFlags.READ_ONLY, 0, OpenHow.RESOLVE_NO_SYMLINKS);
            ring.submissions().next().openat2(inner, path("link"), noSymlinks);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ELOOP);
        } finally {
            Posix.close(inner);
        }
    }

    @Covers(Opcode.OPENAT2)
    @OverRingKinds
    void restrictedPathIsOpenedInASlot(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.DIRECT_SLOT);
        MemorySegment how =
                OpenHow.of(arena, OpenFlags.READ_WRITE | OpenFlags.CREATE, 0604, OpenHow.RESOLVE_BENEATH);
        Path made = folder.resolve("new");
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 2);
            ring.submissions().next().openat2Direct(directory, path("new"), how, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            ring.submissions().next().write(1, Text.in(arena, "abc"), 3, 0).fixedFile();
            Completion.submitAndTakeOne(ring);
            assertThat(made).hasContent("abc");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made))).isEqualTo("rw----r--");

            Needs.kernelWith("IORING_FILE_INDEX_ALLOC", Opcode.SOCKET);
            ring.submissions().next().openat2Direct(directory, path("new"), how, DirectSlot.ALLOCATE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(contentOfSlot(ring, 0)).isEqualTo("abc");
        }
    }

    @Covers(Opcode.FIXED_FD_INSTALL)
    @OverRingKinds
    void registeredFileGetsAnOrdinaryDescriptor(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.FIXED_FD_INSTALL);
        Files.writeString(folder.resolve("file"), "content");
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.registerEmpty(ring, 2);
            ring.submissions().next().openatDirect(directory, path("file"), OpenFlags.READ_ONLY, 0, 1);
            Completion.submitAndTakeOne(ring);
            for (boolean closeOnExec : new boolean[] {true, false}) {
                ring.submissions().next().fixedFdInstall(1, closeOnExec);
                int fd = Completion.submitAndTakeOne(ring).result();
                assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd))).hasFileName("file");
                assertThat(isClosedOnExec(fd)).isEqualTo(closeOnExec);
                assertThat(Posix.close(fd)).isZero();
            }
            assertThat(contentOfSlot(ring, 1)).as("the slot keeps its file").isEqualTo("content");
            ring.submissions().next().fixedFdInstall(0, true);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("empty slot").isEqualTo(Errno.EBADF);
        }
    }

    private static boolean isClosedOnExec(int fd) throws IOException {
        String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                .filter(line -> line.startsWith("flags:"))
                .findFirst()
                .orElseThrow()
                .substring("flags:".length())
                .strip();
        return (Integer.parseInt(flags, 8) & CLOSE_ON_EXEC_IN_FDINFO) != 0;
    }

    @Covers(Opcode.FILES_UPDATE)
    @OverRingKinds
    void registeredFilesAreReplaced(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile one = OpenFile.of(Files.writeString(folder.resolve("one"), "1"));
                OpenFile two = OpenFile.of(Files.writeString(folder.resolve("two"), "2"))) {
            RegisteredFiles.register(ring, one.fd(), one.fd(), one.fd());
            MemorySegment update = arena.allocateFrom(ValueLayout.JAVA_INT, two.fd(), RegisteredFiles.EMPTY);
            ring.submissions().next().filesUpdate(update, 2, 1);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(2);
            assertThat(contentOfSlot(ring, 0)).isEqualTo("1");
            assertThat(contentOfSlot(ring, 1)).isEqualTo("2");
            ring.submissions().next().read(2, arena.allocate(8), 8, 0).fixedFile();
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
        }
    }

    @Covers(Opcode.FILES_UPDATE)
    @OverRingKinds
    void filesArePutIntoSlotsThatTheKernelChooses(RingKind kind) throws IOException {
        Needs.kernelWith("IORING_FILE_INDEX_ALLOC of an update", SetupFlag.SINGLE_ISSUER);
        try (Ring ring = kind.open(4);
                OpenFile one = OpenFile.of(Files.writeString(folder.resolve("one"), "1"));
                OpenFile two = OpenFile.of(Files.writeString(folder.resolve("two"), "2"))) {
            RegisteredFiles.register(ring, RegisteredFiles.EMPTY, one.fd(), RegisteredFiles.EMPTY);
            MemorySegment update = arena.allocateFrom(ValueLayout.JAVA_INT, two.fd(), one.fd());
            ring.submissions().next().filesUpdate(update, 2, DirectSlot.ALLOCATE);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(2);
            assertThat(update.toArray(ValueLayout.JAVA_INT)).containsExactly(0, 2);
            assertThat(contentOfSlot(ring, 0)).isEqualTo("2");
            assertThat(contentOfSlot(ring, 2)).isEqualTo("1");
        }
    }
}
