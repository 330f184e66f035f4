package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Carries the counters of a real ring past 2³¹ and 2³². */
@Tag("soak")
class NopSoakTest {
    private static final int BATCH = 8192;
    private static final long TOTAL = (1L << 32) + 100L * BATCH;
    private static final long PROGRESS = 1L << 28;

    private long expected;

    @Test
    void ringGoesOnBeyondTheEndOfItsCounters() throws IOException {
        try (Ring ring = RingKind.BEST.open(BATCH)) {
            long start = System.nanoTime();
            // Batches of one less than the queue, so that they start at every index.
            for (long sent = 0; sent < TOTAL; ) {
                for (int i = 1; i < BATCH; i++) {
                    ring.submissions().next().nop().userData(sent++);
                }
                assertThat(ring.submitAndWait(BATCH - 1)).isEqualTo(BATCH - 1);
                ring.completions().drain(this::onCompletion);
                if (sent / PROGRESS != (sent - BATCH) / PROGRESS) {
                    System.out.printf(
                            "%,d of %,d NOPs after %d s%n", sent, TOTAL, (System.nanoTime() - start) / 1_000_000_000);
                }
            }
            assertThat(expected).isEqualTo(ring.stats().completed()).isGreaterThanOrEqualTo(TOTAL);
            assertThat(ring.stats().submitted()).isEqualTo(ring.stats().completed());
            assertThat(ring.completions().lost()).isZero();
            assertThat(ring.submissions().dropped()).isZero();
        }
    }

    private void onCompletion(long userData, int result, int flags) {
        if (userData != expected || result != 0) {
            throw new AssertionError("completion " + userData + " with result " + result + " in place of " + expected);
        }
        expected++;
    }
}
