package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.UringCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arguments that would make the kernel go where it mustn't: refused, without a trace in the queue. */
class BadArgumentTest {
    private static final MemorySegment MEMORY = Arena.global().allocate(64, Long.BYTES);
    private static final MemorySegment HEAP = MemorySegment.ofArray(new long[8]);
    private static final MemorySegment CLOSED = closed();
    private static final MemorySegment PATH = Arena.global().allocateFrom("/tmp");
    private static final MemorySegment NO_PATH = Arena.global().allocateFrom(ValueLayout.JAVA_BYTE, (byte) 'x', (byte) 'y');

    @AutoClose
    private final Ring ring;

    BadArgumentTest() throws IOException {
        ring = Ring.open(RingConfig.plain(8));
    }

    private static MemorySegment closed() {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocateFrom("/tmp");
        }
    }

    private static MemorySegment ofAnotherThread() {
        try {
            return OtherThread.call(() -> Arena.ofConfined().allocateFrom(ValueLayout.JAVA_LONG, 1L, 0L));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A way to fill an entry that must be refused. */
    private record Misuse(String name, Class<? extends RuntimeException> refusal, Consumer<Sqe> filling) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Misuse argument(String name, Consumer<Sqe> filling) {
        return new Misuse(name, IllegalArgumentException.class, filling);
    }

    private static Misuse bounds(String name, Consumer<Sqe> filling) {
        return new Misuse(name, IndexOutOfBoundsException.class, filling);
    }

    private static Misuse state(String name, Consumer<Sqe> filling) {
        return new Misuse(name, IllegalStateException.class, filling);
    }

    private static Misuse missing(String name, Consumer<Sqe> filling) {
        return new Misuse(name, NullPointerException.class, filling);
    }

    static Stream<Misuse> misuses() {
        MemorySegment ofAnotherThread = ofAnotherThread();
        return Stream.of(
                argument("read into the heap", sqe -> sqe.read(0, HEAP, 8, 0)),
                argument("write from the heap", sqe -> sqe.write(0, HEAP, 8, 0)),
                argument("readv with iovecs on the heap", sqe -> sqe.readv(0, HEAP, 1, 0)),
                argument("writev with iovecs on the heap", sqe -> sqe.writev(0, HEAP, 1, 0)),
                argument("send from the heap", sqe -> sqe.send(0, HEAP, 8, 0)),
                argument("receive into the heap", sqe -> sqe.recv(0, HEAP, 8, 0)),
                argument("connect to an address on the heap", sqe -> sqe.connect(0, HEAP)),
                argument("timeout on the heap", sqe -> sqe.timeout(HEAP, 0, 0)),
                argument("path on the heap", sqe -> sqe.openat(0, MemorySegment.ofArray("x\0".getBytes()), 0, 0)),
                argument("read into read-only memory", sqe -> sqe.read(0, MEMORY.asReadOnly(), 8, 0)),
                argument("read fixed into read-only memory", sqe -> sqe.readFixed(0, MEMORY.asReadOnly(), 8, 0, 0)),
                argument("receive into read-only memory", sqe -> sqe.recv(0, MEMORY.asReadOnly(), 8, 0)),
                state("read into a closed arena", sqe -> sqe.read(0, CLOSED, 1, 0)),
                state("write from a closed arena", sqe -> sqe.write(0, CLOSED, 1, 0)),
                state("path in a closed arena", sqe -> sqe.openat(0, CLOSED, 0, 0)),
                bounds("read of more than the buffer", sqe -> sqe.read(0, MEMORY, 65, 0)),
                bounds("read of a negative length", sqe -> sqe.read(0, MEMORY, -1, 0)),
                bounds("write of more than the buffer", sqe -> sqe.write(0, MEMORY, 65, 0)),
                bounds("write of a negative length", sqe -> sqe.write(0, MEMORY, Integer.MIN_VALUE, 0)),
                bounds("receive of more than the buffer", sqe -> sqe.recv(0, MEMORY, 65, 0)),
                bounds("send of more than the buffer", sqe -> sqe.send(0, MEMORY, 65, 0)),
                bounds("read fixed of more than the buffer", sqe -> sqe.readFixed(0, MEMORY, 65, 0, 0)),
                bounds("write fixed of more than the buffer", sqe -> sqe.writeFixed(0, MEMORY, 65, 0, 0)),
                bounds("readv of more iovecs than there are", sqe -> sqe.readv(0, MEMORY, 5, 0)),
                bounds("readv of a negative count", sqe -> sqe.readv(0, MEMORY, -1, 0)),
                bounds("writev of the most iovecs", sqe -> sqe.writev(0, MEMORY, Integer.MAX_VALUE, 0)),
                bounds("timeout in too little memory", sqe -> sqe.timeout(MEMORY.asSlice(0, 8), 0, 0)),
                bounds("buffers of a negative size", sqe -> sqe.provideBuffers(MEMORY, -1, 1, 0, 0)),
                bounds("buffers of a negative size further on", sqe -> sqe.provideBuffers(MEMORY, 8, -1, 1, 0, 0)),
                bounds("buffers before the memory", sqe -> sqe.provideBuffers(MEMORY, -8, 8, 1, 0, 0)),
                bounds("buffers that end behind the memory", sqe -> sqe.provideBuffers(MEMORY, MEMORY.byteSize() - 7, 8, 1, 0, 0)),
                bounds("buffers far behind the memory", sqe -> sqe.provideBuffers(MEMORY, Long.MAX_VALUE, 8, 1, 0, 0)),
                bounds("more buffers than the memory holds", sqe -> sqe.provideBuffers(MEMORY, 1 << 20, 1 << 12, 0, 0)),
                argument("path without end", sqe -> sqe.openat(0, NO_PATH, 0, 0)),
                argument("empty path without end", sqe -> sqe.openat(0, PATH.asSlice(0, 0), 0, 0)),
                argument("buffer group beyond 16 bits", sqe -> sqe.read(0, MemorySegment.NULL, 0, 0).selectBuffer(70_000)),
                argument("negative buffer group", sqe -> sqe.read(0, MemorySegment.NULL, 0, 0).selectBuffer(-1)),
                argument("removal from a group beyond 16 bits", sqe -> sqe.removeBuffers(1, 70_000)),
                argument("registered buffer beyond 16 bits", sqe -> sqe.readFixed(0, MEMORY, 8, 0, 65_536)),
                argument("negative registered buffer", sqe -> sqe.writeFixed(0, MEMORY, 8, 0, -1)),
                argument("personality beyond 16 bits", sqe -> sqe.nop().personality(65_536)),
                argument("priority beyond 16 bits", sqe -> sqe.read(0, MEMORY, 8, 0).ioPriority(65_536)),
                argument("write stream beyond 8 bits", sqe -> sqe.write(0, MEMORY, 8, 0).writeStream(256)),
                argument("negative direct slot", sqe -> sqe.openatDirect(0, PATH, 0, 0, -2)),
                argument("accept of an address without its length", sqe -> sqe.accept(0, MEMORY, MemorySegment.NULL, 0)),
                argument("accept of a length without its address", sqe -> sqe.accept(0, MemorySegment.NULL, MEMORY, 0)),
                bounds("accept of an address longer than its room", sqe -> sqe.accept(0, MEMORY, length(65), 0)),
                argument("accept into read-only memory", sqe -> sqe.accept(0, MEMORY.asReadOnly(), length(16), 0)),
                argument("accept with an unaligned length", sqe -> sqe.accept(0, MEMORY, MEMORY.asSlice(1, 4), 0)),
                new Misuse("unknown operation 200", UnsupportedOperationException.class,
                        sqe -> sqe.prepare(200, 0, 0, 0, 0)),
                new Misuse("unknown operation 255", UnsupportedOperationException.class,
                        sqe -> sqe.prepare(255, 0, 0, 0, 0)),
                new Misuse("operation 256, whose low byte is known", UnsupportedOperationException.class,
                        sqe -> sqe.prepare(256, 0, 0, 0, 0)),
                new Misuse("operation -1", UnsupportedOperationException.class, sqe -> sqe.prepare(-1, 0, 0, 0, 0)),
                missing("read into null", sqe -> sqe.read(0, null, 0, 0)),
                missing("write from null", sqe -> sqe.write(0, null, 0, 0)),
                missing("path null", sqe -> sqe.openat(0, null, 0, 0)),
                missing("timeout null", sqe -> sqe.timeout(null, 0, 0)),
                missing("cancel of no operation", sqe -> sqe.cancelOpcode(null, 0)),
                missing("connect to null", sqe -> sqe.connect(0, null)),
                missing("accept into null", sqe -> sqe.accept(0, null, null, 0)),
                new Misuse("path of another thread", WrongThreadException.class,
                        sqe -> sqe.openat(0, ofAnotherThread, 0, 0)),
                new Misuse("accept with a length of another thread", WrongThreadException.class,
                        sqe -> sqe.accept(0, MEMORY, ofAnotherThread, 0)));
    }

    private static MemorySegment length(int bytes) {
        return Arena.global().allocateFrom(ValueLayout.JAVA_INT, bytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("misuses")
    void entryThatIsRefusedLeavesTheQueue(Misuse misuse) throws IOException {
        SubmissionQueue submissions = ring.submissions();
        submissions.next().nop().userData(1);

        Throwable refusal = catchThrowable(() -> misuse.filling().accept(submissions.next()));

        assertThat(refusal).isInstanceOf(misuse.refusal());
        assertThat(submissions.pending()).as("entries in the queue").isEqualTo(1);
        submissions.next().nop().userData(2);
        assertThat(ring.submit()).isEqualTo(2);
        assertThat(Completion.take(ring, 2)).containsExactly(new Completion(1, 0, 0), new Completion(2, 0, 0));
        assertThat(ring.stats().submitted()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("misuses")
    void refusalSaysWhatIsWrong(Misuse misuse) {
        Throwable refusal = catchThrowable(() -> misuse.filling().accept(ring.submissions().next()));
        assertThat(refusal).hasMessageMatching("(?s).{8,}");
    }

    @Test
    void entryThatIsRefusedInAFullQueueMakesRoom() throws IOException {
        SubmissionQueue submissions = ring.submissions();
        while (submissions.spaceLeft() > 1) {
            submissions.next().nop();
        }
        catchThrowable(() -> submissions.next().read(0, HEAP, 8, 0));
        assertThat(submissions.spaceLeft()).isEqualTo(1);
        submissions.next().nop().userData(5);
        assertThat(Completion.submitAndTake(ring, 8).getLast()).isEqualTo(new Completion(5, 0, 0));
    }

    @Test
    void refusalOfAnOlderEntryTurnsItIntoANop() throws IOException {
        Sqe older = ring.submissions().next();
        ring.submissions().next().nop().userData(2);
        catchThrowable(() -> older.read(0, HEAP, 8, 0));

        assertThat(Completion.submitAndTake(ring, 2)).containsExactly(new Completion(0, 0, 0), new Completion(2, 0, 0));
    }

    @Test
    void unknownOperationIsRefusedByName() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> ring.submissions().next().prepare(200, 0, 0, 0, 0))
                .withMessageContaining("200");
        for (Opcode opcode : Opcode.values()) {
            if (!ring.capabilities().has(opcode)) {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> ring.submissions().next().prepare(opcode.code(), 0, 0, 0, 0))
                        .withMessageContaining("IORING_OP_" + opcode)
                        .withMessageContaining(opcode.since().toString());
            }
        }
    }

    @OverRingKinds
    void waitForMoreThanTheQueueHoldsIsRefused(RingKind kind) throws IOException {
        try (Ring other = kind.open(4)) {
            other.submissions().next().nop();
            for (int count : new int[] {9, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
                assertThatIllegalArgument(() -> other.waitFor(count), Integer.toString(count));
                assertThatIllegalArgument(() -> other.waitFor(count, 1), Integer.toString(count));
                assertThatIllegalArgument(() -> other.submitAndWait(count), Integer.toString(count));
                assertThatIllegalArgument(() -> other.submitAndWait(count, 1), Integer.toString(count));
            }
            assertThat(other.stats().enters()).isZero();
            assertThat(other.submissions().pending()).isEqualTo(1);
        }
    }

    @OverRingKinds
    void negativeTimeIsRefused(RingKind kind) throws IOException {
        try (Ring other = kind.open(4)) {
            other.submissions().next().nop();
            assertThatIllegalArgument(() -> other.waitFor(1, -1), "-1");
            assertThatIllegalArgument(() -> other.submitAndWait(1, Long.MIN_VALUE), "negative");
            assertThat(other.stats().enters()).isZero();
            assertThat(other.submissions().pending()).isEqualTo(1);
        }
    }

    private static void assertThatIllegalArgument(
            ThrowingCallable call, String reason) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(call).withMessageContaining(reason);
    }

    @Test
    void registrationFromTheHeapIsRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> ring.register(RegisterOpcode.REGISTER_BUFFERS, HEAP, 1))
                .withMessageContaining("heap");
    }

    @Test
    void registrationFromAClosedArenaIsRefused() {
        assertThatExceptionOfType(IllegalStateException.class)
                .as("the kernel would otherwise read freed memory")
                .isThrownBy(() -> ring.register(RegisterOpcode.REGISTER_BUFFERS, CLOSED, 1))
                .withMessageContaining("closed");
    }

    @Test
    void otherArgumentsOfTheKernelCallsComeBackAsErrors() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(arena);
            assertThat(UringCalls.setup(0, params)).isEqualTo(-Errno.EINVAL.number());
            assertThat(UringCalls.setup(RingConfig.MAX_SUBMISSION_ENTRIES + 1, params)).isEqualTo(-Errno.EINVAL.number());
            assertThat(UringCalls.setup(1, MemorySegment.NULL)).isEqualTo(-Errno.EFAULT.number());
        }
    }
}
