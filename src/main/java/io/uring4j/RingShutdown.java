package io.uring4j;

import java.time.Duration;

/**
 * Ends the requests of a ring that is about to be closed.
 *
 * <p>Counting completions can't tell whether all requests have ended, since some may have asked for
 * none. A NOP with IO_DRAIN can: it completes when everything before it has. So: cancel all, submit
 * that NOP, and read completions until its own comes.
 */
final class RingShutdown {
    /** The user data of the NOP; its address-like look makes a clash with a program's own unlikely. */
    private static final long BARRIER = 0x7572_696e_6734_6a00L;

    private static final long STEP_NANOS = 10_000_000;

    private final Ring ring;
    private final long deadline;
    private final Duration timeout;
    private boolean barrierPassed;
    private boolean barrierRefused;

    RingShutdown(Ring ring, Duration timeout) {
        this.ring = ring;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    /** True when all requests have ended; throws when the current thread can't see to it. */
    boolean endRequests() {
        if (!mayBeInFlight() || ring.isOrphaned()) {
            return true;
        }
        if (!ring.isUsableHere()) {
            throw new IllegalStateException(
                    "ring has requests in flight: only the thread that owns it can close it before they end");
        }
        try {
            discardUnsubmitted();
            submitBarrier();
            do {
                cancelAll();
                ring.waitFor(1, STEP_NANOS);
                ring.completions().drain(this::onCompletion);
                if (barrierPassed || barrierRefused && !mayBeInFlight()) {
                    return true;
                }
            } while (System.nanoTime() < deadline);
            return false;
        } catch (UringException e) {
            // A ring that can't be entered any more has no way to tell.
            return false;
        }
    }

    private boolean mayBeInFlight() {
        return ring.submissions().submittedCount() != ring.completions().ended();
    }

    private void discardUnsubmitted() {
        if (!ring.flags().contains(SetupFlag.SQPOLL)) {
            ring.submissions().discardPending();
        }
    }

    private void submitBarrier() throws UringException {
        while (ring.submissions().spaceLeft() == 0) {
            // Only with a submission thread, which is about to take the entries.
            Thread.onSpinWait();
            ring.submit();
            if (System.nanoTime() > deadline) {
                return;
            }
        }
        ring.submissions().next().nop().drain().userData(BARRIER);
        ring.submit();
    }

    private void onCompletion(long userData, int result, int flags) {
        if (userData == BARRIER) {
            barrierPassed |= result == 0;
            barrierRefused |= result != 0;
        }
    }

    /** Cancels what can be cancelled; what already runs in hardware ends by itself. */
    private void cancelAll() throws UringException {
        if (ring.capabilities().has(RegisterOpcode.REGISTER_SYNC_CANCEL)) {
            cancelAllAndWait();
        } else if (ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING) && ring.submissions().spaceLeft() > 0) {
            // The same kernel, 5.19, brought the cancellation of any request.
            ring.submissions().next().cancelAny(CancelFlags.ALL);
            ring.submit();
        }
    }

    private void cancelAllAndWait() {
        try {
            SynchronousCancel.ofAll().await(ring, STEP_NANOS);
        } catch (UringException e) {
            // ENOENT: nothing to cancel. ETIME: some still run, and the next round asks again.
        }
    }

    UringException report() {
        return new UringException(
                "close",
                Errno.ETIMEDOUT.number(),
                "Requests have not ended within " + timeout.toMillis()
                        + " ms. The ring is closed, but the kernel may still use the memory that they point at: "
                        + "don't free it");
    }
}
