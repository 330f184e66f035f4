package io.uring4j;

import io.uring4j.sys.Deadline;
import io.uring4j.sys.Libc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends the requests of a ring that is closed, and finds out when the last of them has ended. To count
 * completions wouldn't do: requests may have none, and other rings may post some here. Three ways, the
 * quickest that can be had:
 *
 * <ol>
 *   <li>A barrier: all is cancelled, and a NOP with IO_DRAIN completes after everything before it. The
 *       kernel refuses that on a ring which has used skip-success, and can't be relied on for it before 6.16.
 *   <li>An {@link ExitWatch}: the descriptor is closed, upon which the kernel cancels all by itself, and
 *       some 20 ms later it has let go of the ring.
 *   <li>Counting after all, for a ring whose owner has ended, to which the kernel allows neither; and
 *       with DEFER_TASKRUN not even that, so that close reports what it can't know.
 * </ol>
 */
final class RingShutdown {
    private static final long STEP_NANOS = 10_000_000;
    private static final int STEP_MILLIS = 10;

    /** The user data of the NOP. */
    private static final long BARRIER = 0x7572_696e_6734_6a00L;

    private final Ring ring;
    private final Duration timeout;
    private final long deadline;
    private @Nullable ExitWatch watch;
    private boolean barrierSubmitted;
    private boolean barrierPassed;
    private boolean barrierRefused;
    private boolean ended;

    RingShutdown(Ring ring, Duration timeout) {
        this.ring = ring;
        this.timeout = timeout;
        this.deadline = Deadline.after(timeout);
    }

    /** Throws when requests may be in flight and the current thread can't see to their end. */
    void requireFeasible() {
        if (hasSubmitted() && !ring.isUsableHere() && !ring.isOrphaned() && ring.inFlight() != 0) {
            throw new IllegalStateException(
                    "ring has requests in flight: only the thread that owns it can close it before they end");
        }
    }

    private boolean hasSubmitted() {
        return ring.submissions().submittedCount() != 0;
    }

    /** The part that needs the ring: sees its requests end, or sets the watch. */
    void cancelRequests(RingDescriptor descriptor) {
        // What a cursor has read and not given back would take the room of what is waited for here.
        ring.completions().release();
        if (!hasSubmitted()) {
            ended = true;
        } else if (ring.isUsableHere()) {
            ended = passBarrier();
            watch = ended ? null : ExitWatch.attach(descriptor);
            ended |= watch == null && countToTheEnd();
        } else {
            ended = countToTheEnd();
        }
    }

    private boolean passBarrier() {
        // PIPE stands for Linux 6.16, whose drain counts requests. Older ones count completions, and lose count of those
        // that have several (zero-copy sends, multishots that overflow): such a barrier is never passed (seen in 6.1, 6.12).
        if (!ring.capabilities().has(Opcode.PIPE)) {
            return false;
        }
        try {
            if (!ring.flags().contains(SetupFlag.SQPOLL)) {
                ring.submissions().discardPending();
            }
            while (!barrierPassed && !barrierRefused && System.nanoTime() - deadline < 0) {
                cancelAll();
                submitBarrier();
                ring.waitFor(1, STEP_NANOS);
                ring.completions().drain(this::onCompletion);
            }
        } catch (UringException e) {
            // A ring that can't be entered any more has no way to tell.
            return false;
        }
        return barrierPassed;
    }

    private void submitBarrier() throws UringException {
        // No room: a submission thread is about to make some.
        if (!barrierSubmitted && ring.submissions().spaceLeft() > 0) {
            ring.submissions().next().nop().drain().userData(BARRIER);
            barrierSubmitted = true;
        }
        ring.submit();
    }

    private void onCompletion(long userData, int result, int flags) {
        if (userData == BARRIER) {
            barrierSubmitted = false;
            barrierPassed |= result == 0;
            // A cancelled one was taken for a request to be cancelled, and comes again.
            barrierRefused |= result != 0 && !Errno.ECANCELED.is(result);
        }
    }

    /** The part for a ring whose memory is the kernel's until the very end. */
    void watchForMemory(RingDescriptor descriptor) {
        if (watch == null) {
            watch = ring.isOwnedHere() ? ExitWatch.attach(descriptor) : null;
            ended &= watch != null;
        }
    }

    /** The part after the ring was let go; true when all requests have ended. */
    boolean awaitEnd() {
        return watch == null ? ended : watch.await(deadline);
    }

    private boolean countToTheEnd() {
        while (true) {
            ring.completions().drain(RingShutdown::drop);
            if (ring.inFlight() <= 0) {
                return true;
            }
            if (isDeferredToNobody() || System.nanoTime() - deadline > 0 || !pause()) {
                return false;
            }
        }
    }

    /** With DEFER_TASKRUN no completion comes any more once the owner has ended: there is nothing to wait for. */
    private boolean isDeferredToNobody() {
        return ring.flags().contains(SetupFlag.DEFER_TASKRUN) && ring.isOrphaned();
    }

    /** Lets a moment pass; false when the ring can't be entered any more. */
    private boolean pause() {
        if (!ring.isUsableHere()) {
            // The end of its thread has left the work to the kernel, which needs no call for it.
            Libc.poll(-1, 0, STEP_MILLIS);
            return true;
        }
        try {
            ring.waitFor(1, STEP_NANOS);
            return true;
        } catch (UringException e) {
            return false;
        }
    }

    private static void drop(long userData, int result, int flags) {
        // Its operation has ended; nobody waits for the result any more.
    }

    private void cancelAll() {
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
                "The kernel has not let go of the ring within " + timeout.toMillis()
                        + " ms. The ring is closed, but the kernel may still use the memory that requests point at, "
                        + "and the ring's own if that was given to it: don't free it");
    }
}
