package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a loop submits without waiting. */
class AtOnceTest {
    private final AtOnce atOnce = new AtOnce();

    private int attemptsThatFail(int turns) {
        int attempts = 0;
        for (int i = 0; i < turns; i++) {
            if (atOnce.isLikely(1, 1)) {
                attempts++;
                atOnce.turnedOut(false);
            }
        }
        return attempts;
    }

    private void succeed(int times) {
        for (int done = 0; done < times; ) {
            if (atOnce.isLikely(1, 1)) {
                atOnce.turnedOut(true);
                done++;
            }
        }
    }

    @Test
    void whatAlwaysCompletesIsAlwaysTried() {
        for (int i = 0; i < 1000; i++) {
            assertThat(atOnce.isLikely(32, 32)).isTrue();
            atOnce.turnedOut(true);
        }
    }

    @Test
    void itIsNotTriedWhileOthersAreUnderWayOrNothingIsSubmitted() {
        assertThat(atOnce.isLikely(1, 2)).isFalse();
        assertThat(atOnce.isLikely(0, 0)).isFalse();
        assertThat(atOnce.isLikely(2, 1)).as("an entry of the loop's own").isFalse();
    }

    @Test
    void mistakesBecomeRare() {
        assertThat(attemptsThatFail(1000)).isBetween(3, 6);
        assertThat(attemptsThatFail(100_000)).isBetween(90, 100);
    }

    @Test
    void itIsTriedAgainSoonAfterLongSuccess() {
        attemptsThatFail(100_000);
        succeed(64);
        assertThat(attemptsThatFail(6)).isEqualTo(2);
    }
}
