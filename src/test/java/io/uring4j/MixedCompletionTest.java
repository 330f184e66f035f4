package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.abi.io_uring_sqe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Completions of 16 and 32 bytes in one queue (CQE_MIXED). */
class MixedCompletionTest {
    private static final long SHORT_NANOS = 20_000_000;

    @BeforeEach
    void needsThem() {
        Needs.kernelWith(SetupFlag.CQE_MIXED);
    }

    private static Ring open(int submissionEntries) throws IOException {
        return RingKind.MIXED_COMPLETIONS.open(submissionEntries);
    }

    /** A NOP whose completion has 32 bytes and carries two words. */
    private static Sqe large(Ring ring, long first, long second) {
        Sqe entry = ring.submissions().next().nopLargeCompletion();
        io_uring_sqe.off(entry.memory(), first);
        io_uring_sqe.addr(entry.memory(), second);
        return entry;
    }

    private static long head(Ring ring) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + ring.fd())).stream()
                .filter(line -> line.startsWith("CqHead:"))
                .mapToLong(line -> Long.parseLong(line.substring("CqHead:".length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    @Covers(Opcode.NOP)
    @Test
    void largeCompletionCarriesItsWordsAndASmallOneNone() throws IOException {
        try (Ring ring = open(8)) {
            ring.submissions().next().nop().userData(1);
            large(ring, 111, 222).userData(2);
            ring.submissions().next().nop().userData(3);
            ring.submitAndWait(3);
            CompletionQueue completions = ring.completions();

            assertThat(completions.next()).isTrue();
            assertThat(completions.userData()).isEqualTo(1);
            assertThatIllegalStateException().isThrownBy(() -> completions.extra(0));
            assertThat(completions.next()).isTrue();
            assertThat(completions.userData()).isEqualTo(2);
            assertThat(completions.flags() & Cqe.LARGE).isNotZero();
            assertThat(completions.extra(0)).isEqualTo(111);
            assertThat(completions.extra(1)).isEqualTo(222);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> completions.extra(2));
            assertThat(completions.next()).isTrue();
            assertThat(completions.userData()).isEqualTo(3);
            assertThat(completions.next()).isFalse();
        }
    }

    @Test
    void headMovesByTheSlotsOfWhatWasRead() throws IOException {
        try (Ring ring = open(8)) {
            ring.submissions().next().nop();
            ring.submissions().next().nopLargeCompletion();
            ring.submissions().next().nop();
            ring.submitAndWait(3);
            assertThat(ring.completions().ready()).isEqualTo(3);
            long[] heads = new long[3];
            for (int i = 0; i < 3; i++) {
                ring.completions().drain((userData, result, flags) -> {}, 1);
                heads[i] = head(ring);
            }
            assertThat(heads).containsExactly(1, 3, 4);
        }
    }

    @Test
    void batchesCountCompletionsAndFillersAreNeverShown() throws IOException {
        try (Ring ring = open(8)) {
            long next = 0;
            // 16 slots; runs of 1 small and up to 4 large ones reach the edge with each parity.
            for (int round = 0; round < 200; round++) {
                int size = 2 + round % 4;
                ring.submissions().next().nop().userData(next);
                for (int i = 1; i < size; i++) {
                    large(ring, next + i, -next - i).userData(next + i);
                }
                ring.submitAndWait(size);
                assertThat(ring.completions().ready()).isEqualTo(size);
                List<Long> words = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                    assertThat(ring.completions().next()).isTrue();
                    assertThat(ring.completions().userData()).isEqualTo(next + i);
                    if (i > 0) {
                        words.add(ring.completions().extra(0));
                        assertThat(ring.completions().extra(1)).isEqualTo(-next - i);
                    }
                }
                assertThat(words).hasSize(size - 1).first().isEqualTo(next + 1);
                assertThat(ring.completions().next()).isFalse();
                next += size;
            }
            assertThat(ring.stats().completed()).isEqualTo(next);
        }
    }

    @Test
    void waitCountsCompletionsAndSleepsUntilTheyCome() throws IOException {
        try (Ring ring = open(8)) {
            for (int round = 0; round < 5; round++) {
                large(ring, 1, 2);
                large(ring, 3, 4);
                assertThat(ring.submitAndWait(3, SHORT_NANOS)).isEqualTo(2);
                long enters = ring.stats().enters();
                assertThat(ring.waitFor(3, SHORT_NANOS)).as("two completions in four slots").isFalse();
                // One sleep, and perhaps a look again for the rest of a tick.
                assertThat(ring.stats().enters() - enters).as("calls").isLessThanOrEqualTo(3);
                ring.submissions().next().nop();
                ring.submitAndWait(3);
                assertThat(ring.completions().ready()).isEqualTo(3);
                assertThat(Completion.takeReady(ring)).hasSize(3);
            }
        }
    }

    @Test
    void waitForMoreThanTheQueueHoldsIsRefused() throws IOException {
        try (Ring ring = open(8)) {
            // 16 slots, of which these take all.
            for (int i = 0; i < 8; i++) {
                large(ring, i, i);
            }
            ring.submitAndWait(8);
            assertThatIllegalStateException()
                    .isThrownBy(() -> ring.waitFor(9, Completion.PATIENCE_NANOS))
                    .withMessageContaining("no room");
            assertThat(Completion.takeReady(ring)).hasSize(8);
        }
    }

    @Test
    void overflowOfLargeCompletionsLosesNothing() throws IOException {
        try (Ring ring = open(8)) {
            for (int batch = 0; batch < 5; batch++) {
                for (int i = 0; i < 8; i++) {
                    large(ring, i, i).userData(batch * 8 + i);
                }
                ring.submit();
            }
            List<Completion> all = new ArrayList<>();
            while (all.size() < 40) {
                assertThat(ring.waitFor(1, Completion.PATIENCE_NANOS)).isTrue();
                all.addAll(Completion.takeReady(ring));
            }
            assertThat(all).hasSize(40);
            for (int i = 0; i < 40; i++) {
                assertThat(all.get(i).userData()).isEqualTo(i);
                assertThat(all.get(i).flags() & Cqe.LARGE).isNotZero();
            }
        }
    }

    @Test
    void largeCompletionNeedsAQueueThatHoldsIt() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            ring.submissions().next().nopLargeCompletion();

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }
}
