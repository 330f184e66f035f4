package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** A completion queue that is too small for what is submitted. */
class CompletionOverflowTest {
    private static final int COUNT = 20;

    /** Submits more NOPs than the completion queue of 8 holds. */
    private static Ring overflowed(RingKind kind) throws IOException {
        Ring ring = Ring.open(kind.config(4).completionEntries(8));
        for (int i = 0; i < COUNT; i++) {
            ring.submissions().next().nop().userData(i);
            if (ring.submissions().spaceLeft() == 0) {
                submitAll(ring);
            }
        }
        submitAll(ring);
        Waiting.until("the kernel says that completions didn't fit", () ->
                (ring.submissions().kernelFlags() & SqFlags.CQ_OVERFLOW) != 0);
        return ring;
    }

    private static void submitAll(Ring ring) {
        // A kernel before 5.19 takes nothing more while completions are held: there the rest stays pending.
        Waiting.until("the kernel has taken what is pending", () -> {
            ring.submit();
            return ring.submissions().pending() == 0;
        });
    }

    @OverRingKinds
    void nothingIsLostAndOrderIsKept(RingKind kind) throws IOException {
        try (Ring ring = overflowed(kind)) {
            List<Long> read = new ArrayList<>();
            Waiting.until("all completions have come", () -> {
                ring.peek();
                ring.completions().drain((userData, result, flags) -> read.add(userData));
                return read.size() >= COUNT;
            });

            assertThat(read).containsExactlyElementsOf(LongStream.range(0, COUNT).boxed().toList());
            assertThat(ring.completions().lost()).isZero();
            assertThat(ring.stats().overflows()).isPositive();
            assertThat(ring.stats().completed()).isEqualTo(COUNT);
            assertThat(ring.stats().submitted()).isEqualTo(COUNT);
        }
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD) // where what is held may still grow meanwhile
    void heldCompletionsComeOnlyWithACall(RingKind kind) throws IOException {
        try (Ring ring = overflowed(kind)) {
            assertThat(ring.completions().ready()).isEqualTo(8);
            Completion.takeReady(ring);
            long enters = ring.stats().enters();
            long overflows = ring.stats().overflows();
            assertThat(ring.completions().ready()).as("ready without a call").isZero();
            assertThat(ring.completions().next()).isFalse();

            assertThat(ring.peek()).isEqualTo(8);

            assertThat(ring.stats().enters()).isEqualTo(enters + 1);
            assertThat(ring.stats().overflows()).isEqualTo(overflows + 1);
        }
    }

    @OverRingKinds
    void waitBringsWhatWasHeld(RingKind kind) throws IOException {
        try (Ring ring = overflowed(kind)) {
            assertThat(Completion.take(ring, COUNT))
                    .extracting(Completion::userData)
                    .containsExactlyElementsOf(LongStream.range(0, COUNT).boxed().toList());
        }
    }

    @OverRingKinds
    void ringThatHoldsCompletionsCanBeClosed(RingKind kind) throws IOException {
        Ring ring = overflowed(kind);
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }
}
