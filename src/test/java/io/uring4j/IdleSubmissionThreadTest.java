package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A submission thread that sleeps is left to it while there is nothing to submit. */
class IdleSubmissionThreadTest {
    @Test
    void submitWithoutEntriesDoesNotWakeTheThread() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(8).submissionThread(1))) {
            Waiting.until(
                    "the thread sleeps", () -> (ring.submissions().kernelFlags() & SqFlags.NEED_WAKEUP) != 0);
            for (int i = 0; i < 5; i++) {
                assertThat(ring.submit()).isZero();
            }
            assertThat(ring.stats().wakeUps()).isZero();
            assertThat(ring.stats().enters()).isZero();
        }
    }
}
