package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AutoClose;

/** POLL_ADD and POLL_REMOVE. */
class PollTest {
    private static final long SHORT_NANOS = 1_000_000;

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void pollEndsWhenThereIsSomethingToRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(1);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();

            pipe.write("x");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, PollEvents.IN, 0));
            assertThat(ring.waitFor(1, SHORT_NANOS)).as("a second time").isFalse();
            assertThat(pipe.read()).isEqualTo("x");
        }
    }

    @OverRingKinds
    void pollEndsAtOnceWhenItIsReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollAdd(pipe.writeEnd(), PollEvents.OUT);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(PollEvents.OUT);
        }
    }

    @OverRingKinds
    void pollTellsThatThePeerHasHungUp(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe other = new Pipe()) {
            ring.submissions().next().pollAdd(other.readEnd(), PollEvents.IN);
            ring.submit();
            other.closeWriteEnd();
            assertThat(Completion.takeOne(ring).result()).isEqualTo(PollEvents.HUP);
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_REMOVE)
    void pollThatIsRemovedEndsCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(1);
            ring.submit();
            ring.submissions().next().pollRemove(1).userData(2);

            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(1, -Errno.ECANCELED.number(), 0), new Completion(2, 0, 0));
            pipe.write("x");
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
        }
    }

    @OverRingKinds
    void unknownPollCannotBeRemoved(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollRemove(12345);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
        }
    }

    @OverRingKinds
    void badDescriptorCannotBePolled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollAdd(-1, PollEvents.IN);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);
        }
    }
}
