package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.buffer.RegisteredBuffers;
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

/** The table of registered buffers: what is in it, and what leaves it when. */
class RegisteredBuffersTest {
    private static final int SIZE = 16;

    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private OpenFile file;

    @BeforeEach
    void openAFile() throws IOException {
        file = OpenFile.of(Files.writeString(folder.resolve("file"), "content"));
    }

    @AfterEach
    void closeTheFile() {
        file.close();
    }

    private MemorySegment buffer() {
        return arena.allocate(SIZE);
    }

    private Completion read(Ring ring, MemorySegment buffer, int index) throws IOException {
        ring.submissions().next().readFixed(file.fd(), buffer, 7, 0, index);
        return Completion.submitAndTakeOne(ring);
    }

    private void assertHas(Ring ring, MemorySegment buffer, int index) throws IOException {
        buffer.fill((byte) 0);
        assertThat(read(ring, buffer, index).result()).isEqualTo(7);
        assertThat(Text.of(buffer, 7)).isEqualTo("content");
    }

    private void assertLacks(Ring ring, MemorySegment buffer, int index) throws IOException {
        assertThat(read(ring, buffer, index).error()).isEqualTo(Errno.EFAULT);
    }

    @Covers(register = {RegisterOpcode.REGISTER_BUFFERS, RegisterOpcode.UNREGISTER_BUFFERS})
    @OverRingKinds
    void buffersServeUntilTheTableIsClosed(RingKind kind) throws IOException {
        MemorySegment first = buffer();
        MemorySegment second = buffer();
        try (Ring ring = kind.open(4)) {
            assertLacks(ring, first, 0);
            RegisteredBuffers buffers = RegisteredBuffers.register(ring, first, RegisteredBuffers.EMPTY, second);
            assertThat(buffers.capacity()).isEqualTo(3);
            assertThat(buffers.buffer(2)).isEqualTo(second);
            assertHas(ring, first, 0);
            assertLacks(ring, first, 1);
            assertHas(ring, second, 2);
            assertLacks(ring, first, 2);

            buffers.close();
            assertLacks(ring, first, 0);
            buffers.close();
            RegisteredBuffers.register(ring, second);
            assertHas(ring, second, 0);
        }
    }

    @Test
    void ringHasOneTable() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            RegisteredBuffers.register(ring, buffer());

            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> RegisteredBuffers.register(ring, buffer()))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
        }
    }

    @Test
    void heapMemoryAndEmptyTablesAreRefused() throws IOException {
        MemorySegment heap = MemorySegment.ofArray(new byte[SIZE]);
        MemorySegment[] one = {buffer()};
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RegisteredBuffers.register(ring, buffer(), heap))
                    .withMessageContaining("native");
            assertThatIllegalArgumentException().isThrownBy(() -> RegisteredBuffers.register(ring));
            assertThatIllegalArgumentException().isThrownBy(() -> RegisteredBuffers.registerEmpty(ring, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RegisteredBuffers.registerTagged(ring, one, new long[2]));
            RegisteredBuffers buffers = RegisteredBuffers.register(ring, buffer());
            assertThatIllegalArgumentException().isThrownBy(() -> buffers.update(0, heap));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffers.update(1, buffer()));
            buffers.close();
            assertThatIllegalStateException().isThrownBy(() -> buffers.update(0, buffer()));
        }
    }

    @Covers(register = {RegisterOpcode.REGISTER_BUFFERS2, RegisterOpcode.REGISTER_BUFFERS_UPDATE})
    @OverRingKinds
    void emptyTableIsFilledAndChanged(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_BUFFERS_UPDATE);
        MemorySegment first = buffer();
        MemorySegment second = buffer();
        try (Ring ring = kind.open(4)) {
            RegisteredBuffers buffers = RegisteredBuffers.registerEmpty(ring, 4);
            assertLacks(ring, first, 2);

            buffers.update(2, first, second);
            assertHas(ring, first, 2);
            assertHas(ring, second, 3);

            buffers.update(2, RegisteredBuffers.EMPTY);
            assertLacks(ring, first, 2);
            assertHas(ring, second, 3);
            assertThat(buffers.buffer(2)).isEqualTo(RegisteredBuffers.EMPTY);
        }
    }

    @Covers(register = {RegisterOpcode.REGISTER_BUFFERS2, RegisterOpcode.REGISTER_BUFFERS_UPDATE})
    @OverRingKinds
    void tagComesBackWhenTheKernelLetsGoOfTheBuffer(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_BUFFERS2);
        try (Ring ring = kind.open(4)) {
            MemorySegment[] three = {buffer(), buffer(), buffer()};
            RegisteredBuffers buffers = RegisteredBuffers.registerTagged(ring, three, new long[] {100, 0, 300});
            assertThat(ring.peek()).isZero();

            buffers.updateTagged(0, new MemorySegment[] {buffer(), buffer()}, new long[] {400, 500});
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(100, 0, 0));
            assertHas(ring, buffers.buffer(1), 1);

            buffers.close();
            Needs.kernelWith("tags of what leaves with its table", SetupFlag.HYBRID_IOPOLL);
            assertThat(Completion.take(ring, 3))
                    .containsExactlyInAnyOrder(
                            new Completion(300, 0, 0), new Completion(400, 0, 0), new Completion(500, 0, 0));
            assertThat(ring.peek()).isZero();
        }
    }

    @OverRingKinds
    void requestInFlightKeepsItsBuffer(RingKind kind) throws IOException {
        Needs.kernelWith("unregistration of buffers that doesn't wait for requests", SetupFlag.HYBRID_IOPOLL);
        MemorySegment buffer = buffer();
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            MemorySegment[] one = {buffer};
            RegisteredBuffers buffers = RegisteredBuffers.registerTagged(ring, one, new long[] {99});
            ring.submissions().next().readFixed(pipe.readEnd(), buffer, SIZE, -1, 0).userData(1);
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(2);
            buffers.close();
            assertThat(ring.peek()).as("the buffer is still in use").isZero();

            pipe.write("late");
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, 4, 0), new Completion(99, 0, 0));
            assertThat(Text.of(buffer, 4)).isEqualTo("late");
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_CLONE_BUFFERS)
    @OverRingKinds
    void buffersOfAnotherRingAreTakenOver(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_CLONE_BUFFERS);
        MemorySegment first = buffer();
        MemorySegment second = buffer();
        try (Ring source = kind.open(4);
                Ring target = kind.open(4)) {
            RegisteredBuffers original = RegisteredBuffers.register(source, first, second);
            RegisteredBuffers clone = RegisteredBuffers.cloneOf(target, original);
            assertThat(clone.capacity()).isEqualTo(2);
            assertHas(target, second, 1);

            original.close();
            assertLacks(source, first, 0);
            assertHas(target, first, 0);
            assertHas(target, clone.buffer(1), 1);
            clone.update(0, RegisteredBuffers.EMPTY);
            assertLacks(target, first, 0);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_CLONE_BUFFERS)
    @OverRingKinds
    void someSlotsAreReplacedByThoseOfAnotherRing(RingKind kind) throws IOException {
        Needs.kernelWith("the cloning of some buffers", RegisterOpcode.REGISTER_RESIZE_RINGS);
        MemorySegment first = buffer();
        MemorySegment second = buffer();
        MemorySegment third = buffer();
        try (Ring source = kind.open(4);
                Ring target = kind.open(4)) {
            RegisteredBuffers from = RegisteredBuffers.register(source, first, second);
            RegisteredBuffers to = RegisteredBuffers.register(target, third, third, third);
            to.cloneFrom(2, from, 1, 1);

            assertHas(target, third, 0);
            assertHas(target, third, 1);
            assertHas(target, second, 2);
            assertLacks(target, third, 2);
            assertThat(to.buffer(2)).isEqualTo(second);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> to.cloneFrom(2, from, 0, 2));
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> RegisteredBuffers.cloneOf(target, from))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
        }
    }
}
