package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.abi.io_uring_attr_pi;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.buffer.RegisteredBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

/** What can be added to reads and writes: vectors of registered parts, flags, priority, streams. */
class ReadWriteModifierTest {
    /** Classes of ioprio_set(2) stand in the upper three of 16 bits. */
    private static final int PRIORITY_CLASS_SHIFT = 13;

    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private Path fileOf(String content) throws IOException {
        return Files.writeString(folder.resolve("file"), content);
    }

    @Covers({Opcode.READV_FIXED, Opcode.WRITEV_FIXED})
    @OverRingKinds
    void severalPartsOfARegisteredBufferAreReadAndWritten(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.READV_FIXED);
        Path path = fileOf("abcdefgh");
        MemorySegment buffer = arena.allocate(64);
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            RegisteredBuffers.register(ring, buffer);
            MemorySegment parts = Iovec.of(arena, buffer.asSlice(32, 3), buffer.asSlice(8, 5));
            ring.submissions().next().readvFixed(file.fd(), parts, 2, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(8);
            assertThat(Text.of(buffer.asSlice(32), 3)).isEqualTo("abc");
            assertThat(Text.of(buffer.asSlice(8), 5)).isEqualTo("defgh");

            MemorySegment swapped = Iovec.of(arena, buffer.asSlice(8, 2), buffer.asSlice(32, 1));
            ring.submissions().next().writevFixed(file.fd(), swapped, 2, 8, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(3);
            assertThat(path).hasContent("abcdefghdea");

            ring.submissions().next().readvFixed(file.fd(), Iovec.of(arena, arena.allocate(8)), 1, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("outside").isEqualTo(Errno.EFAULT);
        }
    }

    @OverRingKinds
    void appendingWriteGoesToTheEndWhateverTheOffset(RingKind kind) throws IOException {
        Path path = fileOf("abc");
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "def"), 3, 0).rwFlags(FileFlags.RWF_APPEND);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(3);
            assertThat(path).hasContent("abcdef");
        }
    }

    @OverRingKinds
    void writeMayGoToItsOffsetInAFileThatIsAppendedTo(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.FTRUNCATE); // of the same kernel, 6.9
        Path path = fileOf("abc");
        try (Ring ring = kind.open(4)) {
            int flags = OpenFlags.WRITE_ONLY | OpenFlags.APPEND;
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom(path.toString()), flags, 0);
            int fd = Completion.submitAndTakeOne(ring).result();
            ring.submissions().next().write(fd, Text.in(arena, "d"), 1, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isOne();
            ring.submissions().next().write(fd, Text.in(arena, "A"), 1, 0).rwFlags(FileFlags.RWF_NOAPPEND);
            assertThat(Completion.submitAndTakeOne(ring).result()).isOne();
            ring.submissions().next().close(fd);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(path).hasContent("Abcd");
        }
    }

    @OverRingKinds
    void readMayLeaveNothingInThePageCache(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.PROTECTION_INFORMATION); // of the same kernel, 6.14
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(fileOf("abc"))) {
            PageCache.requireDirty(file.fd());
            ring.submissions().next().fsync(file.fd(), 0);
            Completion.submitAndTakeOne(ring);
            ring.submissions().next().fadvise(file.fd(), 0, 0, FileFlags.FADVISE_DONT_NEED);
            Completion.submitAndTakeOne(ring);
            ring.submissions().next().read(file.fd(), arena.allocate(8), 8, 0).rwFlags(FileFlags.RWF_DONTCACHE);
            Completion completion = Completion.submitAndTakeOne(ring);
            assumeTrue(completion.error() != Errno.EOPNOTSUPP, "the file system of the temporary folder lacks this");
            assertThat(completion.result()).isEqualTo(3);
            Waiting.until("the page is let go of", () -> PageCache.of(file.fd()).cached() == 0);
        }
    }

    @OverRingKinds
    void durableWriteIsOnTheDeviceWhenItCompletes(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(fileOf(""))) {
            ring.submissions().next().write(file.fd(), Text.in(arena, "abc"), 3, 0);
            Completion.submitAndTakeOne(ring);
            PageCache.requireDirty(file.fd());
            ring.submissions().next().write(file.fd(), Text.in(arena, "abc"), 3, 0).rwFlags(FileFlags.RWF_DSYNC);
            Completion.submitAndTakeOne(ring);

            assertThat(PageCache.of(file.fd()).isOnDevice()).isTrue();
        }
    }

    @OverRingKinds
    void readThatMayNotWaitEndsAtOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection socket = Connection.local()) {
            // Not a pipe, for which kernels before 6.4 refuse it; 6.1 refuses it for sockets, too.
            Needs.kernelWith("RWF_NOWAIT for sockets", SetupFlag.NO_MMAP);
            ring.submissions().next().read(socket.fd(), arena.allocate(8), 8, -1).rwFlags(FileFlags.RWF_NOWAIT);

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
        }
    }

    @OverRingKinds
    void priorityReachesTheKernelWhichKnowsItsClasses(RingKind kind) throws IOException {
        int bestEffort = 2 << PRIORITY_CLASS_SHIFT | 7;
        int noSuchClass = 5 << PRIORITY_CLASS_SHIFT;
        MemorySegment buffer = arena.allocate(8);
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(fileOf("abc"))) {
            ring.submissions().next().read(file.fd(), buffer, 8, 0).ioPriority(bestEffort);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(3);
            ring.submissions().next().read(file.fd(), buffer, 8, 0).ioPriority(noSuchClass);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ring.submissions().next().read(file.fd(), buffer, 8, 0).ioPriority(65_536));
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    @OverRingKinds
    void protectionInformationIsRefusedByAFileThatHasNone(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.PROTECTION_INFORMATION);
        MemorySegment attribute = io_uring_attr_pi.allocate(arena);
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(fileOf("abc"))) {
            ring.submissions().next().read(file.fd(), arena.allocate(8), 8, 0).protectionInformation(attribute);

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @OverRingKinds
    void writeStreamIsRefusedOrOverlookedByAFileThatHasNone(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.WRITE_STREAM);
        Path path = fileOf("");
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            Sqe entry = ring.submissions().next().write(file.fd(), Text.in(arena, "abc"), 3, 0).writeStream(255);
            assertThat(io_uring_sqe.write_stream(entry.memory())).isEqualTo((byte) 255);
            Completion completion = Completion.submitAndTakeOne(ring);
            if (completion.error() == null) {
                assertThat(path).hasContent("abc");
            } else {
                assertThat(completion.error()).isEqualTo(Errno.EINVAL);
            }

            for (int stream : new int[] {-1, 256}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ring.submissions().next()
                                .write(file.fd(), Text.in(arena, "abc"), 3, 0)
                                .writeStream(stream));
            }
            assertThat(ring.submissions().pending()).isZero();
        }
    }
}
