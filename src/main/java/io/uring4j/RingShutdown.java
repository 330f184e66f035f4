package io.uring4j;

import java.time.Duration;

/**
 * Ends the requests of a ring that is about to be closed: cancels them, and reads completions until
 * each request has had its last.
 *
 * <p>Requests that asked for no completion can't be counted so, and the drain flag, which could wait
 * for them, is refused by the kernel on a ring that has used any. They are cancelled like the others,
 * and what can't be cancelled (a transfer that a device has begun) gets a little time.
 */
final class RingShutdown {
    private static final long STEP_NANOS = 10_000_000;

    /** How many steps without a completion pass before uncounted requests are taken for ended. */
    private static final int QUIET_STEPS = 3;

    private final Ring ring;
    private final Duration timeout;
    private final long deadline;

    RingShutdown(Ring ring, Duration timeout) {
        this.ring = ring;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    /** Throws when requests may be in flight and the current thread can't see to their end. */
    void requireFeasible() {
        if (hasWork() && !ring.isUsableHere()) {
            throw new IllegalStateException(
                    "ring has requests in flight: only the thread that owns it can close it before they end");
        }
    }

    private boolean hasWork() {
        // The end of an owner ends its requests.
        return ring.inFlight() != 0 && !ring.isOrphaned();
    }

    /** True when all requests have ended. */
    boolean endRequests() {
        if (!hasWork()) {
            return true;
        }
        try {
            discardUnsubmitted();
            int quiet = 0;
            do {
                cancelAll();
                ring.waitFor(1, STEP_NANOS);
                quiet = ring.completions().drain(RingShutdown::drop) == 0 ? quiet + 1 : 0;
                if (hasEnded(quiet)) {
                    return true;
                }
            } while (System.nanoTime() < deadline);
            return false;
        } catch (UringException e) {
            // A ring that can't be entered any more has no way to tell.
            return false;
        }
    }

    private boolean hasEnded(int quietSteps) {
        long left = ring.inFlight();
        return left == 0 || left <= ring.submissions().withoutCompletion() && quietSteps >= QUIET_STEPS;
    }

    private void discardUnsubmitted() {
        if (!ring.flags().contains(SetupFlag.SQPOLL)) {
            ring.submissions().discardPending();
        }
    }

    private static void drop(long userData, int result, int flags) {
        // Its operation has ended; nobody waits for the result any more.
    }

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
                ring.inFlight() + " requests have not ended within " + timeout.toMillis()
                        + " ms. The ring is closed, but the kernel may still use the memory that they point at: "
                        + "don't free it");
    }
}
