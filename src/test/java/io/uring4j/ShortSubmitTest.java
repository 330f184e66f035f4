package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A submission of which the kernel takes only a part. */
class ShortSubmitTest {
    /** The kernel refuses it when it is submitted, and without SUBMIT_ALL stops there. */
    private static void prepareBad(Ring ring, long userData) {
        ring.submissions().next().fsync(0, -1).userData(userData);
    }

    @Test
    void restIsSubmittedByTheNextCall() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(8)) {
            ring.submissions().next().nop().userData(1);
            prepareBad(ring, 2);
            ring.submissions().next().nop().userData(3);
            ring.submissions().next().nop().userData(4);

            assertThat(ring.submit()).isEqualTo(2);
            assertThat(ring.submissions().pending()).isEqualTo(2);
            assertThat(ring.submissions().spaceLeft()).isEqualTo(6);
            assertThat(ring.stats().shortSubmits()).isEqualTo(1);

            assertThat(ring.submit()).isEqualTo(2);
            assertThat(ring.submissions().pending()).isZero();
            assertThat(ring.stats().submitted()).isEqualTo(4);
            assertThat(ring.stats().shortSubmits()).isEqualTo(1);
            assertThat(Completion.take(ring, 4))
                    .containsExactlyInAnyOrder(
                            new Completion(1, 0, 0),
                            new Completion(2, -Errno.EINVAL.number(), 0),
                            new Completion(3, 0, 0),
                            new Completion(4, 0, 0));
        }
    }

    @Test
    void submitAllGoesOnBehindABadEntry() throws IOException {
        Needs.kernelWith(SetupFlag.SUBMIT_ALL);
        try (Ring ring = Ring.open(RingConfig.plain(8).with(SetupFlag.SUBMIT_ALL))) {
            prepareBad(ring, 1);
            ring.submissions().next().nop().userData(2);

            assertThat(ring.submit()).isEqualTo(2);
            assertThat(ring.stats().shortSubmits()).isZero();
            assertThat(Completion.take(ring, 2)).extracting(Completion::userData).containsExactly(1L, 2L);
        }
    }

    @OverRingKinds
    void badEntriesNeverLoseGoodOnes(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            List<Long> read = new ArrayList<>();
            long next = 0;
            for (int round = 0; round < 300; round++) {
                // Entries are added behind what an earlier call has left.
                for (int room = Math.min(5, ring.submissions().spaceLeft()); room > 0; room--, next++) {
                    if (next % 3 == 0) {
                        prepareBad(ring, next);
                    } else {
                        ring.submissions().next().nop().userData(next);
                    }
                }
                ring.submit();
                ring.completions().drain((userData, result, flags) -> {
                    assertThat(result).isEqualTo(userData % 3 == 0 ? -Errno.EINVAL.number() : 0);
                    read.add(userData);
                });
            }
            long count = next;
            Waiting.until("all have completed", () -> {
                ring.submit();
                ring.completions().drain((userData, result, flags) -> read.add(userData));
                return read.size() == count;
            });
            // In any order: Linux 5.10 posts what it refuses at once, and the rest at the end of the batch.
            assertThat(read).doesNotHaveDuplicates().allMatch(userData -> userData >= 0 && userData < count);
        }
    }
}
