package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Busy polling of network devices: what was set before comes back. */
class BusyPollingTest {
    private static final BusyPolling FIFTY = new BusyPolling(
            Duration.ofNanos(50_000), true, BusyPolling.Tracking.DYNAMIC);
    private static final BusyPolling NINE = new BusyPolling(
            Duration.ofNanos(9_000), false, BusyPolling.Tracking.DYNAMIC);
    private static final BusyPolling SEVEN = new BusyPolling(
            Duration.ofNanos(7_000), false, BusyPolling.Tracking.STATIC);

    /** Ids up to the number of CPUs mean none. */
    private static final int QUEUE = 1 << 20;

    private static BusyPolling apply(BusyPolling polling, Ring ring) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_NAPI);
        try {
            return polling.apply(ring);
        } catch (UringException e) {
            assumeTrue(e.error() != Errno.EOPNOTSUPP, "this kernel was built without CONFIG_NET_RX_BUSY_POLL");
            throw e;
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_NAPI)
    @OverRingKinds
    void settingsBeforeAreReturned(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            BusyPolling first = apply(FIFTY, ring);
            assertThat(first.timeout()).isZero();
            assertThat(first.tracking()).isEqualTo(BusyPolling.Tracking.INACTIVE);
            assertThat(apply(NINE, ring)).isEqualTo(FIFTY);
            assertThat(apply(FIFTY, ring)).isEqualTo(NINE);

            ring.submissions().next().nop().userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
        }
    }

    @Covers(register = RegisterOpcode.UNREGISTER_NAPI)
    @OverRingKinds
    void endedPollingIsInactive(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            apply(FIFTY, ring);
            assertThat(BusyPolling.clear(ring)).isEqualTo(FIFTY);
            BusyPolling after = apply(FIFTY, ring);

            assertThat(after.timeout()).isZero();
            assertThat(after.tracking()).isEqualTo(BusyPolling.Tracking.INACTIVE);
        }
    }

    @Test
    void absurdTimesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BusyPolling(Duration.ofNanos(-1), true, BusyPolling.Tracking.DYNAMIC));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BusyPolling(Duration.ofHours(1), true, BusyPolling.Tracking.DYNAMIC));
    }

    @Covers(register = RegisterOpcode.REGISTER_NAPI)
    @OverRingKinds
    void trackingBeforeIsReturned(RingKind kind) throws IOException {
        requireNamedQueues();
        try (Ring ring = kind.open(4)) {
            apply(SEVEN, ring);
            assertThat(apply(FIFTY, ring)).isEqualTo(SEVEN);
        }
    }

    private static void requireNamedQueues() {
        Needs.kernelWith("queues that the program names", RegisterOpcode.REGISTER_RESIZE_RINGS);
    }

    /** The kernel takes ids of queues that it doesn't know: devices come and go. */
    @Covers(register = RegisterOpcode.REGISTER_NAPI)
    @OverRingKinds
    void queuesAreNamedOnceEach(RingKind kind) throws IOException {
        requireNamedQueues();
        try (Ring ring = kind.open(4)) {
            apply(FIFTY, ring);
            assertRefused(() -> BusyPolling.addQueue(ring, QUEUE), Errno.EINVAL);

            apply(SEVEN, ring);
            BusyPolling.addQueue(ring, QUEUE);
            BusyPolling.addQueue(ring, QUEUE + 1);
            assertRefused(() -> BusyPolling.addQueue(ring, QUEUE), Errno.EEXIST);
            BusyPolling.removeQueue(ring, QUEUE);
            assertRefused(() -> BusyPolling.removeQueue(ring, QUEUE), Errno.ENOENT);
            assertRefused(() -> BusyPolling.addQueue(ring, 0), Errno.EINVAL);
        }
    }

    private static void assertRefused(ThrowingCallable call, Errno error) {
        assertThatExceptionOfType(UringException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.error()).isEqualTo(error));
    }
}
