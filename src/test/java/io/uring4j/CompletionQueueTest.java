package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The two ways to read completions. */
class CompletionQueueTest {
    private static void completeNops(Ring ring, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ring.submissions().next().nop().userData(i);
        }
        ring.submit();
        assertThat(ring.waitFor(count, Completion.PATIENCE_NANOS)).isTrue();
    }

    @OverRingKinds
    void readyCountFollowsPartialReading(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            CompletionQueue completions = ring.completions();
            assertThat(completions.ready()).isZero();
            completeNops(ring, 8);
            assertThat(completions.ready()).isEqualTo(8);

            List<Long> read = new ArrayList<>();
            CompletionHandler collect = (userData, result, flags) -> read.add(userData);
            assertThat(completions.drain(collect, 3)).isEqualTo(3);
            assertThat(completions.ready()).isEqualTo(5);
            assertThat(completions.next()).isTrue();
            read.add(completions.userData());
            assertThat(completions.ready()).isEqualTo(4);
            assertThat(completions.drain(collect, 0)).isZero();
            assertThat(completions.ready()).isEqualTo(4);
            assertThat(completions.drain(collect)).isEqualTo(4);
            assertThat(completions.ready()).isZero();
            assertThat(completions.drain(collect)).isZero();
            assertThat(read).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
        }
    }

    @OverRingKinds
    void cursorShowsEachCompletionInOrder(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            completeNops(ring, 5);
            CompletionQueue completions = ring.completions();
            for (int i = 0; i < 5; i++) {
                assertThat(completions.next()).isTrue();
                assertThat(completions.userData()).isEqualTo(i);
                assertThat(completions.result()).isZero();
                assertThat(completions.flags()).isZero();
            }
            assertThat(completions.next()).isFalse();
            assertThatIllegalStateException().isThrownBy(completions::userData).withMessageContaining("next()");
        }
    }

    @Test
    void kernelGetsNoEntryBackBeforeTheBatchIsOver() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(4).completionEntries(4))) {
            completeNops(ring, 4);
            CompletionQueue completions = ring.completions();
            while (completions.ready() > 0) {
                completions.next();
            }
            // The kernel still takes the queue for full: two more don't fit, though all four have been read.
            ring.submissions().next().nop().userData(10);
            ring.submissions().next().nop().userData(11);
            ring.submit();
            assertThat(completions.ready()).isZero();

            completions.release();
            assertThat(ring.peek()).isEqualTo(2);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).containsExactly(10L, 11L);
        }
    }

    @OverRingKinds
    void handlerThatThrowsHasConsumedItsCompletionOnly(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            completeNops(ring, 4);
            IllegalArgumentException thrown = new IllegalArgumentException("by the handler");

            assertThatThrownBy(() -> ring.completions().drain((userData, result, flags) -> {
                        if (userData == 1) {
                            throw thrown;
                        }
                    }))
                    .isSameAs(thrown);

            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).containsExactly(2L, 3L);
        }
    }

    @OverRingKinds
    void handlerMaySubmit(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            completeNops(ring, 1);
            ring.completions().drain((userData, result, flags) -> {
                try {
                    ring.submissions().next().nop().userData(100);
                    ring.submit();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }, 1);

            assertThat(Completion.takeOne(ring).userData()).isEqualTo(100);
        }
    }

    @OverRingKinds
    void handlerMayDrain(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            completeNops(ring, 4);
            List<Long> read = new ArrayList<>();
            ring.completions().drain((userData, result, flags) -> {
                read.add(userData);
                ring.completions().drain((innerData, innerResult, innerFlags) -> read.add(innerData), 2);
            });

            assertThat(read).containsExactly(0L, 1L, 2L, 3L);
            assertThat(ring.completions().ready()).isZero();
        }
    }

    @Test
    void negativeLimitIsRefused() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ring.completions().drain((userData, result, flags) -> {}, -1));
        }
    }

    @Test
    void smallCompletionHasNoExtraWords() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            completeNops(ring, 1);
            assertThat(ring.completions().next()).isTrue();
            assertThatIllegalStateException().isThrownBy(() -> ring.completions().extra(0)).withMessageContaining("16 bytes");
            assertThatThrownBy(() -> ring.completions().extra(2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> ring.completions().extra(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @OverRingKinds
    void textShowsWhatIsReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop().userData(1234);
            ring.submissions().next().fsync(-1, 0).userData(5678);
            ring.submit();
            ring.waitFor(2, Completion.PATIENCE_NANOS);

            assertThat(ring.completions().toString()).contains("1234", "5678", "EBADF");
            assertThat(ring.completions().ready()).as("after showing").isEqualTo(2);
        }
    }

    @Test
    void mixedRingCountsCompletionsNotSlots() throws IOException {
        try (Ring ring = RingKind.MIXED_COMPLETIONS.open(8)) {
            CompletionQueue completions = ring.completions();
            long sent = 0;
            long seen = 0;
            // Batches of 1 to 5 take 1 to 10 of 16 slots: the large ones meet the end of the queue again and again.
            for (int batch = 0; batch < 300; batch++) {
                int size = 1 + batch % 5;
                for (int i = 0; i < size; i++, sent++) {
                    Sqe entry = ring.submissions().next();
                    (isLarge(sent) ? entry.nopLargeCompletion() : entry.nop()).userData(sent);
                }
                ring.submitAndWait(size);
                assertThat(completions.ready()).isEqualTo(size);
                while (completions.next()) {
                    assertThat(completions.userData()).isEqualTo(seen);
                    assertThat((completions.flags() & Cqe.LARGE) != 0).isEqualTo(isLarge(seen));
                    if (isLarge(seen)) {
                        assertThat(completions.extra(0)).isZero();
                        assertThat(completions.extra(1)).isZero();
                    } else {
                        assertThatIllegalStateException().isThrownBy(() -> completions.extra(0));
                    }
                    seen++;
                }
                assertThat(seen).isEqualTo(sent);
            }
        }
    }

    private static boolean isLarge(long number) {
        return number % 3 != 0;
    }
}
