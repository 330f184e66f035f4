package io.uring4j;

import org.jspecify.annotations.Nullable;

/**
 * Whether entries that wait while a ring is resized come through whole on a ring with large ones. Kernels from 6.13 on
 * copy them as if all were small, until Linux 7.0 and the stable releases that took its mending over.
 */
final class ResizeTrial {
    private static volatile @Nullable Boolean keepsLargeEntries;

    private ResizeTrial() {}

    /** The kernel's answer, found once. */
    static boolean keepsLargeEntries() throws UringException {
        Boolean known = keepsLargeEntries;
        if (known == null) {
            known = tryOut();
            keepsLargeEntries = known;
        }
        return known;
    }

    /** Where entries are mixed up, the second one becomes a NOP without user data: nothing worse can be met. */
    private static boolean tryOut() throws UringException {
        RingConfig config = RingConfig.plain(2)
                .with(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN, SetupFlag.NO_SQARRAY)
                .with(SetupFlag.SQE128, SetupFlag.CQE32);
        try (Ring ring = Ring.open(config)) {
            prepareTwo(ring, 1);
            ring.submitAndWait(2);
            prepareTwo(ring, 3);
            ring.resizeAsItIs(4, 8);
            ring.submitAndWait(4);
            long[] seen = {0, 0};
            ring.completions().drain((userData, result, flags) -> {
                seen[0]++;
                seen[1] += userData == seen[0] ? 1 : 0;
            });
            return seen[1] == 4;
        }
    }

    private static void prepareTwo(Ring ring, long userData) {
        ring.submissions().next().nop().userData(userData);
        ring.submissions().next().nop().userData(userData + 1);
    }
}
