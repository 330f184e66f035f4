package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of registered files: what is in it, and what leaves it when. */
class RegisteredFilesTest {
    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private OpenFile one;
    private OpenFile two;

    @BeforeEach
    void openFiles() throws IOException {
        one = OpenFile.of(Files.writeString(folder.resolve("one"), "1"));
        two = OpenFile.of(Files.writeString(folder.resolve("two"), "2"));
    }

    @AfterEach
    void closeFiles() {
        one.close();
        two.close();
    }

    /** What is read from a slot; the name of the error when nothing is. */
    private String slot(Ring ring, int slot) throws IOException {
        MemorySegment buffer = arena.allocate(8);
        ring.submissions().next().read(slot, buffer, 8, 0).fixedFile();
        Completion completion = Completion.submitAndTakeOne(ring);
        return completion.error() == null ? Text.of(buffer, completion.result()) : completion.error().name();
    }

    @Covers(register = {RegisterOpcode.REGISTER_FILES, RegisterOpcode.UNREGISTER_FILES})
    @OverRingKinds
    void filesServeUntilTheTableIsClosed(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            assertThat(slot(ring, 0)).isEqualTo("EBADF");
            RegisteredFiles files = RegisteredFiles.register(ring, one.fd(), RegisteredFiles.EMPTY, two.fd());
            assertThat(files.capacity()).isEqualTo(3);
            assertThat(slot(ring, 0)).isEqualTo("1");
            assertThat(slot(ring, 1)).isEqualTo("EBADF");
            assertThat(slot(ring, 2)).isEqualTo("2");
            assertThat(slot(ring, 3)).isEqualTo("EBADF");

            files.close();
            files.close();
            assertThat(slot(ring, 0)).isEqualTo("EBADF");
            RegisteredFiles.register(ring, two.fd());
            assertThat(slot(ring, 0)).isEqualTo("2");
        }
    }

    @OverRingKinds
    void registeredFileOutlivesItsDescriptor(RingKind kind) throws IOException {
        int fd = Posix.dup(one.fd());
        try (Ring ring = kind.open(4)) {
            RegisteredFiles.register(ring, fd);
            Posix.close(fd);

            assertThat(slot(ring, 0)).isEqualTo("1");
        }
    }

    @Test
    void badTablesAreRefused() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThatIllegalArgumentException().isThrownBy(() -> RegisteredFiles.register(ring));
            assertThatIllegalArgumentException().isThrownBy(() -> RegisteredFiles.registerEmpty(ring, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RegisteredFiles.registerTagged(ring, new int[] {one.fd()}, new long[0]));
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> RegisteredFiles.register(ring, 99_999))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBADF));
            RegisteredFiles files = RegisteredFiles.register(ring, one.fd());
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> RegisteredFiles.register(ring, one.fd()))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> files.update(1, two.fd()));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> files.allocateFrom(0, 2));
            files.close();
            assertThatIllegalStateException().isThrownBy(() -> files.update(0, two.fd()));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_FILES_UPDATE)
    @OverRingKinds
    void someSlotsAreReplacedOthersAreSkipped(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 4);
            assertThat(slot(ring, 1)).isEqualTo("EBADF");
            assertThat(files.update(1, one.fd(), one.fd(), one.fd())).isEqualTo(3);
            assertThat(slot(ring, 2)).isEqualTo("1");

            assertThat(files.update(1, two.fd(), RegisteredFiles.SKIP, RegisteredFiles.EMPTY)).isEqualTo(3);
            assertThat(slot(ring, 0)).isEqualTo("EBADF");
            assertThat(slot(ring, 1)).isEqualTo("2");
            assertThat(slot(ring, 2)).as("skipped").isEqualTo("1");
            assertThat(slot(ring, 3)).as("emptied").isEqualTo("EBADF");
        }
    }

    @Covers(register = {RegisterOpcode.REGISTER_FILES2, RegisterOpcode.REGISTER_FILES_UPDATE2})
    @OverRingKinds
    void tagComesBackWhenTheKernelLetsGoOfTheFile(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_FILES_UPDATE2);
        try (Ring ring = kind.open(4)) {
            int[] three = {one.fd(), one.fd(), one.fd()};
            RegisteredFiles files = RegisteredFiles.registerTagged(ring, three, new long[] {100, 0, 300});
            assertThat(slot(ring, 2)).isEqualTo("1");
            assertThat(files.updateTagged(0, new int[] {two.fd(), two.fd()}, new long[] {400, 500})).isEqualTo(2);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(100, 0, 0));
            assertThat(slot(ring, 0)).isEqualTo("2");

            files.close();
            Needs.kernelWith("tags of what leaves with its table", SetupFlag.HYBRID_IOPOLL);
            assertThat(Completion.take(ring, 3))
                    .containsExactlyInAnyOrder(
                            new Completion(300, 0, 0), new Completion(400, 0, 0), new Completion(500, 0, 0));
            assertThat(ring.peek()).isZero();
        }
    }

    @OverRingKinds
    void requestInFlightKeepsTheFileThatItBeganWith(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_FILES2);
        MemorySegment buffer = arena.allocate(8);
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            RegisteredFiles files =
                    RegisteredFiles.registerTagged(ring, new int[] {pipe.readEnd()}, new long[] {99});
            ring.submissions().next().read(0, buffer, 8, -1).fixedFile().userData(1);
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(2);
            files.update(0, two.fd());
            assertThat(slot(ring, 0)).isEqualTo("2");

            pipe.write("late");
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, 4, 0), new Completion(99, 0, 0));
            assertThat(Text.of(buffer, 4)).isEqualTo("late");
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_FILE_ALLOC_RANGE)
    @OverRingKinds
    void kernelChoosesSlotsInTheGivenRange(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_FILE_ALLOC_RANGE);
        MemorySegment path = arena.allocateFrom(folder.resolve("one").toString());
        try (Ring ring = kind.open(4)) {
            RegisteredFiles files = RegisteredFiles.registerEmpty(ring, 10);
            files.allocateFrom(6, 2);
            int[] chosen = new int[3];
            for (int i = 0; i < chosen.length; i++) {
                ring.submissions().next()
                        .openatDirect(OpenFlags.CURRENT_DIRECTORY, path, OpenFlags.READ_ONLY, 0, DirectSlot.ALLOCATE);
                chosen[i] = Completion.submitAndTakeOne(ring).result();
            }

            assertThat(chosen[0]).isEqualTo(6);
            assertThat(chosen[1]).isEqualTo(7);
            assertThat(Errno.of(chosen[2])).isEqualTo(Errno.ENFILE);
            ring.submissions().next().openatDirect(OpenFlags.CURRENT_DIRECTORY, path, OpenFlags.READ_ONLY, 0, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("a slot that the program chooses").isZero();
        }
    }
}
