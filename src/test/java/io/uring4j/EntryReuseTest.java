package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written behind the user data is gone when the slot comes again, though that isn't zeroed each time. */
class EntryReuseTest {
    private static final MemorySegment MEMORY = Arena.global().allocate(64, 8);
    private static final MemorySegment TEXT = Arena.global().allocateFrom("text");

    private static Arguments entry(String what, Consumer<Sqe> preparation) {
        return argumentSet(what, preparation);
    }

    private static Stream<Arguments> entries() {
        return Stream.of(
                entry("buffer group", sqe -> sqe.read(0, MemorySegment.NULL, 1, 0).selectBuffer(0xffff)),
                entry("personality", sqe -> sqe.nop().personality(0xffff)),
                entry("registered buffer", sqe -> sqe.readFixed(0, MEMORY, 8, 0, 0xffff)),
                entry("provided buffers", sqe -> sqe.provideBuffers(MEMORY, 8, 8, 0xffff, 0)),
                entry("slot of a file", sqe -> sqe.openatDirect(0, TEXT, 0, 0, 77)),
                entry("source of a splice", sqe -> sqe.splice(77, 0, 0, 0, 1, 0)),
                entry("address of a peer", sqe -> sqe.sendTo(0, MEMORY, 8, 0, MEMORY)),
                entry("third address", sqe -> sqe.setxattr(TEXT, MEMORY, TEXT, 0, 8)),
                entry("mask of a futex", sqe -> sqe.futexWait(MEMORY.asSlice(0, 4), 0, -1, 2)),
                entry("option of a socket", sqe -> sqe.setsockopt(0, 1, 2, MEMORY.asSlice(0, 4))),
                entry("descriptor of a message", sqe -> sqe.msgRingFd(0, 77, 78, 0, 0)),
                entry("stream of a write", sqe -> sqe.write(0, MEMORY, 8, 0).writeStream(0xff)),
                entry("payload of a command", sqe -> sqe.uringCmd(0, 1, MEMORY.asSlice(0, 16).fill((byte) 0x5a))));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void nothingIsLeftBehind(Consumer<Sqe> preparation) throws IOException {
        try (Ring ring = Ring.open(RingConfig.best(1))) {
            SubmissionQueue submissions = ring.submissions();
            Sqe first = submissions.next();
            assertThat(firstNonZero(first)).isEmpty();
            Optional<RuntimeException> refusal = attempt(preparation, first);
            refusal.ifPresent(reason -> Assumptions.abort(reason.getMessage()));
            assertThat(firstNonZero(first)).as("something is written").isPresent();
            submissions.discardPending();

            assertThat(firstNonZero(submissions.next().prepare(Opcode.NOP.code(), 0, 0, 0, 0))).isEmpty();
        }
    }

    private static Optional<RuntimeException> attempt(Consumer<Sqe> preparation, Sqe entry) {
        try {
            preparation.accept(entry);
            return Optional.empty();
        } catch (UnsupportedOperationException e) {
            return Optional.of(e);
        }
    }

    private static Optional<Integer> firstNonZero(Sqe entry) {
        ByteBuffer bytes = entry.fields().asByteBuffer();
        int at = bytes.mismatch(ByteBuffer.allocate(bytes.capacity()));
        return at == -1 ? Optional.empty() : Optional.of(at);
    }
}
