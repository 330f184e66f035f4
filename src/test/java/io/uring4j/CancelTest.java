package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AutoClose;

/** ASYNC_CANCEL by user data. */
class CancelTest {
    private static final int CANCELLED = -Errno.ECANCELED.number();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void pendingPollIsCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(1);
            ring.submit();
            ring.submissions().next().cancel(1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, 0, 0));
        }
    }

    @OverRingKinds
    void pendingReadIsCancelledAndTakesNothing(RingKind kind) throws IOException {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1).userData(1);
            ring.submit();
            ring.submissions().next().cancel(1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, 0, 0));

            pipe.write("mine");
            assertThat(pipe.read()).isEqualTo("mine");
            assertThat(buffer.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @OverRingKinds
    void onlyTheFirstMatchIsCancelledUnlessAllAreMeant(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.CANCEL_ALL);
        try (Ring ring = kind.open(8)) {
            for (int i = 0; i < 3; i++) {
                ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(1);
            }
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(7);
            ring.submit();

            ring.submissions().next().cancel(1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, 0, 0));
            ring.submissions().next().cancel(1, CancelFlags.ALL).userData(2);
            assertThat(Completion.submitAndTake(ring, 3))
                    .containsExactlyInAnyOrder(
                            new Completion(1, CANCELLED, 0), new Completion(1, CANCELLED, 0), new Completion(2, 2, 0));
            pipe.write("x");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(7, PollEvents.IN, 0));
        }
    }

    @OverRingKinds
    void unknownRequestCannotBeCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().cancel(4711, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
        }
    }

    @OverRingKinds
    void cancelThatRacesItsRequestLeavesExactlyOneCompletionOfEach(RingKind kind) throws Exception {
        MemorySegment buffer = arena.allocate(16);
        try (Ring ring = kind.open(8)) {
            int rounds = Rounds.of(300);
            for (int round = 0; round < rounds; round++) {
                ring.submissions().next().read(pipe.readEnd(), buffer, 1, -1).userData(1);
                ring.submit();
                OtherThread<?> writer = OtherThread.start(() -> {
                    pipe.write("x");
                    return null;
                });
                ring.submissions().next().cancel(1, 0).userData(2);
                List<Completion> completions = Completion.submitAndTake(ring, 2);
                writer.result();
                assertThat(completions).extracting(Completion::userData).containsExactlyInAnyOrder(1L, 2L);
                boolean cancelled = completions.contains(new Completion(1, CANCELLED, 0));
                if (cancelled) {
                    assertThat(pipe.read()).isEqualTo("x");
                } else {
                    assertThat(completions).contains(new Completion(1, 1, 0));
                }
            }
        }
    }
}
