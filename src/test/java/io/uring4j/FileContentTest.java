package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.sys.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What isn't reading or writing: making durable, sizes, space, advice. */
class FileContentTest {
    private static final int PAGE = (int) Libc.PAGE_SIZE;
    private static final int PAGES = 16;

    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private Path path;

    @BeforeEach
    void writeAFile() throws IOException {
        path = folder.resolve("file");
        byte[] content = new byte[PAGES * PAGE];
        Arrays.fill(content, (byte) 'x');
        Files.write(path, content);
    }

    @Covers(Opcode.FSYNC)
    @OverRingKinds
    void fsyncWritesWhatIsOnlyInMemoryToTheDevice(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            PageCache.requireDirty(file.fd());
            ring.submissions().next().fsync(file.fd(), 0);

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).isOnDevice()).isTrue();
        }
    }

    @OverRingKinds
    void fsyncOfTheContentAloneWritesItToTheDevice(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path);
                Pipe pipe = new Pipe()) {
            PageCache.requireDirty(file.fd());
            ring.submissions().next().fsync(file.fd(), FileFlags.FSYNC_DATASYNC);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).isOnDevice()).isTrue();

            ring.submissions().next().fsync(pipe.readEnd(), 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("a pipe").isEqualTo(Errno.EINVAL);
        }
    }

    @Covers(Opcode.SYNC_FILE_RANGE)
    @OverRingKinds
    void partOfAFileIsWrittenBack(RingKind kind) throws IOException {
        int flags = FileFlags.SYNC_WAIT_BEFORE | FileFlags.SYNC_WRITE | FileFlags.SYNC_WAIT_AFTER;
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            PageCache.requireDirty(file.fd());
            long before = PageCache.of(file.fd()).dirty();
            ring.submissions().next().syncFileRange(file.fd(), PAGE, 2 * PAGE, flags);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).dirty()).as("dirty pages").isLessThan(before);

            ring.submissions().next().syncFileRange(file.fd(), 0, 0, flags);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).isOnDevice()).as("up to the end").isTrue();
        }
    }

    @Covers(Opcode.FALLOCATE)
    @OverRingKinds
    void spaceIsAllocatedKeptAndFreed(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            ring.submissions().next().fallocate(file.fd(), 0, PAGES * PAGE, 3 * PAGE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(path).hasSize((PAGES + 3) * PAGE);

            ring.submissions().next().fallocate(file.fd(), FileFlags.FALLOC_KEEP_SIZE, 0, 100 * PAGE);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(path).hasSize((PAGES + 3) * PAGE);

            int hole = FileFlags.FALLOC_PUNCH_HOLE | FileFlags.FALLOC_KEEP_SIZE;
            ring.submissions().next().fallocate(file.fd(), hole, 1, 2);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(Files.readAllBytes(path)).startsWith('x', 0, 0, 'x');
        }
    }

    @Covers(Opcode.FTRUNCATE)
    @OverRingKinds
    void fileBecomesShorterAndLonger(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.FTRUNCATE);
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            ring.submissions().next().ftruncate(file.fd(), 2);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(path).hasBinaryContent(new byte[] {'x', 'x'});

            ring.submissions().next().ftruncate(file.fd(), 6L << 30);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(path).hasSize(6L << 30);

            ring.submissions().next().ftruncate(file.fd(), -1);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @Covers(Opcode.FADVISE)
    @OverRingKinds
    void adviceBringsAFileIntoMemoryAndOutOfIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            PageCache.requireDirty(file.fd());
            ring.submissions().next().fsync(file.fd(), 0);
            Completion.submitAndTakeOne(ring);
            assertThat(PageCache.of(file.fd()).cached()).isEqualTo(PAGES);

            ring.submissions().next().fadvise(file.fd(), 0, 0, FileFlags.FADVISE_DONT_NEED);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).cached()).as("not needed").isZero();

            ring.submissions().next().fadvise(file.fd(), 0, PAGES * PAGE, FileFlags.FADVISE_WILL_NEED);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            Waiting.until("the file is read ahead", () -> PageCache.of(file.fd()).cached() == PAGES);

            ring.submissions().next().fadvise(file.fd(), 0, 0, 99);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("no such advice").isEqualTo(Errno.EINVAL);
        }
    }

    @Covers(Opcode.FADVISE)
    @OverRingKinds
    void adviceMayBeOfMoreThanFourGibibytes(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.LONG_ADVICE);
        long page = 5L << 30;
        try (Ring ring = kind.open(4);
                OpenFile file = OpenFile.of(path)) {
            PageCache.requireDirty(file.fd());
            ring.submissions().next().write(file.fd(), arena.allocate(PAGE), PAGE, page);
            Completion.submitAndTakeOne(ring);
            ring.submissions().next().fsync(file.fd(), 0);
            Completion.submitAndTakeOne(ring);

            ring.submissions().next().fadvise(file.fd(), PAGES * PAGE, page, FileFlags.FADVISE_DONT_NEED);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(PageCache.of(file.fd()).cached()).as("without the last").isEqualTo(PAGES);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ring.submissions().next().fadvise(file.fd(), 0, -1, FileFlags.FADVISE_NORMAL));
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    /** Cut to 32 bits it would be the one page that is there. */
    @Covers(Opcode.MADVISE)
    @OverRingKinds
    @SuppressWarnings("restricted") // nobody touches what isn't there
    void lengthOfMemoryHasMoreThanThirtyTwoBits(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.LONG_ADVICE);
        long bytes = (1L << 40) + PAGE;
        MemorySegment page = arena.allocate(PAGE, PAGE);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().madvise(page, PAGE, FileFlags.MADVISE_WILL_NEED);
            int answer = Completion.submitAndTakeOne(ring).result();
            ring.submissions().next().madvise(page.reinterpret(bytes), bytes, FileFlags.MADVISE_WILL_NEED);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("memory with holes").isEqualTo(Errno.ENOMEM);
            assertThat(answer).isNotEqualTo(-Errno.ENOMEM.number());
        }
    }

    @Covers(Opcode.MADVISE)
    @OverRingKinds
    void memoryThatIsNotNeededIsEmptied(RingKind kind) throws IOException {
        MemorySegment pages = arena.allocate(3 * PAGE, PAGE).fill((byte) 'x');
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().madvise(pages.asSlice(PAGE), PAGE, FileFlags.MADVISE_DONT_NEED);

            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            assertThat(pages.get(ValueLayout.JAVA_BYTE, PAGE - 1)).isEqualTo((byte) 'x');
            assertThat(pages.asSlice(PAGE, PAGE).mismatch(MemorySegment.ofArray(new byte[PAGE]))).isEqualTo(-1);
            assertThat(pages.get(ValueLayout.JAVA_BYTE, 2 * PAGE)).isEqualTo((byte) 'x');

            ring.submissions().next().madvise(pages.asSlice(1), PAGE, FileFlags.MADVISE_DONT_NEED);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("not a page").isEqualTo(Errno.EINVAL);
        }
    }
}
