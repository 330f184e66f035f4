package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;

/** Waits whose arguments lie in registered memory. */
class WaitRegionTest {
    private static final long MILLI = 1_000_000;

    @BeforeEach
    void needsRegions() {
        Needs.kernelWith(RegisterOpcode.REGISTER_MEM_REGION);
    }

    private static Ring disabled(RingKind kind) throws IOException {
        return Ring.open(kind.config(4).with(SetupFlag.R_DISABLED));
    }

    @Covers(register = RegisterOpcode.REGISTER_MEM_REGION)
    @OverRingKinds
    void waitEndsAfterTheRegisteredTimeUpToTheLastIndex(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            WaitRegion region = WaitRegion.register(ring, 1);
            ring.enable();
            assertThat(region.capacity()).isGreaterThan(1);
            for (int index : new int[] {0, 1, region.capacity() - 1}) {
                region.set(index, 3 * MILLI, 0);
                long start = System.nanoTime();
                assertThat(ring.waitRegistered(1, index)).isFalse();
                assertThat(System.nanoTime() - start).isBetween(3 * MILLI, 10_000 * MILLI);
            }
            region.set(0, Completion.PATIENCE_NANOS, 0);
            ring.submissions().next().nop().userData(6);
            ring.submit();
            assertThat(ring.waitRegistered(1, 0)).isTrue();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(6, 0, 0));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_MEM_REGION)
    @OverRingKinds
    void indexPastTheRegionIsAFault(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            WaitRegion region = WaitRegion.register(ring, 1);
            ring.enable();
            for (int index : new int[] {region.capacity(), region.capacity() + 1, Integer.MAX_VALUE, -1}) {
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(() -> ring.waitRegistered(1, index))
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EFAULT));
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.set(index, 1, 1));
            }
        }
    }

    @OverRingKinds
    void shortWaitForABatchEndsWithWhatIsThere(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            WaitRegion region = WaitRegion.register(ring, 4);
            ring.enable();
            region.set(2, Completion.PATIENCE_NANOS, 2000);
            ring.submissions().next().nop();
            ring.submit();

            long start = System.nanoTime();
            assertThat(ring.waitRegistered(3, 2)).isFalse();
            assertThat(System.nanoTime() - start).isLessThan(Completion.PATIENCE_NANOS / 2);
            assertThat(Completion.takeReady(ring)).hasSize(1);
        }
    }

    @OverRingKinds
    void regionIsRegisteredOnceAndBeforeTheRingIsEnabled(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            WaitRegion.register(ring, 1);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> WaitRegion.register(ring, 1))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
        }
        try (Ring ring = kind.open(4)) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> WaitRegion.register(ring, 1))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ring.waitRegistered(1, 0))
                    .satisfies(e -> assertThat(e.error()).as("no region").isIn(Errno.EINVAL, Errno.EFAULT));
        }
    }

    @OverRingKinds
    void badArgumentsAreRefused(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            assertThatIllegalArgumentException().isThrownBy(() -> WaitRegion.register(ring, 0));
            WaitRegion region = WaitRegion.register(ring, 100);
            assertThat(region.capacity()).isGreaterThanOrEqualTo(100);
            assertThatIllegalArgumentException().isThrownBy(() -> region.set(0, -1, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> region.set(0, 0, -1));
        }
    }
}
