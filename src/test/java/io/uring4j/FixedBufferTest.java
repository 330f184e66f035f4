package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** READ_FIXED and WRITE_FIXED, with buffers that the kernel has pinned. */
class FixedBufferTest {
    @TempDir
    private Path directory;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment first = arena.allocate(64);
    private final MemorySegment second = arena.allocate(32);

    private Path path;

    @AutoClose
    private OpenFile file;

    @BeforeEach
    void openFile() {
        path = directory.resolve("file");
        file = OpenFile.of(path);
    }

    private Ring openWithBuffers(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        ring.register(RegisterOpcode.REGISTER_BUFFERS, Iovec.of(arena, first, second), 2);
        return ring;
    }

    @OverRingKinds
    @Covers(value = {Opcode.READ_FIXED, Opcode.WRITE_FIXED}, register = RegisterOpcode.REGISTER_BUFFERS)
    void bytesPassThroughTheRegisteredBufferThatIsNamed(RingKind kind) throws IOException {
        try (Ring ring = openWithBuffers(kind)) {
            MemorySegment part = second.asSlice(8, 16);
            part.copyFrom(Text.in(arena, "through the kern"));
            ring.submissions().next().writeFixed(file.fd(), part, 11, 2, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(11);
            assertThat(path).hasContent("\0\0through the");

            MemorySegment target = first.asSlice(60, 4);
            ring.submissions().next().readFixed(file.fd(), target, 4, 4, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
            assertThat(Text.of(target, 4)).isEqualTo("roug");
        }
    }

    @OverRingKinds
    void memoryOutsideTheRegisteredBufferIsRefused(RingKind kind) throws IOException {
        Files.writeString(path, "0123456789");
        try (Ring ring = openWithBuffers(kind)) {
            ring.submissions().next().readFixed(file.fd(), second, 4, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("of another buffer").isEqualTo(Errno.EFAULT);
            ring.submissions().next().readFixed(file.fd(), arena.allocate(4), 4, 0, 1);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("of none").isEqualTo(Errno.EFAULT);
            ring.submissions().next().readFixed(file.fd(), first, 4, 0, 2);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("no such index").isEqualTo(Errno.EFAULT);
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.UNREGISTER_BUFFERS)
    void buffersAreUnknownBeforeAndAfterRegistration(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().readFixed(file.fd(), first, 4, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EFAULT);

            MemorySegment iovecs = Iovec.of(arena, first, second);
            ring.register(RegisterOpcode.REGISTER_BUFFERS, iovecs, 2);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ring.register(RegisterOpcode.REGISTER_BUFFERS, iovecs, 2))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY))
                    .withMessageContaining("IORING_REGISTER_BUFFERS");
            ring.submissions().next().readFixed(file.fd(), first, 4, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();

            ring.register(RegisterOpcode.UNREGISTER_BUFFERS, MemorySegment.NULL, 0);
            ring.submissions().next().readFixed(file.fd(), first, 4, 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EFAULT);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ring.register(RegisterOpcode.UNREGISTER_BUFFERS, MemorySegment.NULL, 0))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.ENXIO));
        }
    }

    @OverRingKinds
    void ringWithRegisteredBuffersCanBeClosed(RingKind kind) throws IOException {
        Ring ring = openWithBuffers(kind);
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }
}
