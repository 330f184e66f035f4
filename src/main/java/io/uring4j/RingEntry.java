package io.uring4j;

import io.uring4j.sys.Libc;
import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;

/**
 * How a ring enters the kernel: when it must, with which flags, and what the answers mean. {@link Ring}
 * checks the thread and describes the methods to its users.
 */
final class RingEntry {
    private static final int GETEVENTS = EnterFlag.GETEVENTS.bit();
    private static final int EXT_ARG = EnterFlag.EXT_ARG.bit();
    private static final long NANOS_PER_MICRO = 1000;
    private static final long FOREVER = Long.MAX_VALUE;

    private final Ring ring;
    private final Capabilities capabilities;
    private final RingDescriptor descriptor;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private WaitArgument submitArgument;
    private WaitArgument waitArgument;
    private final boolean submissionThread;
    private final boolean silent;
    private final boolean extendedArgument;
    private int waitFlags;

    private long enters;
    private long overflows;
    private long shortSubmits;
    private long wakeUps;
    private long interruptions;

    RingEntry(
            Ring ring,
            Capabilities capabilities,
            RingDescriptor descriptor,
            SubmissionQueue submissions,
            CompletionQueue completions,
            Arena arena) {
        this.ring = ring;
        this.capabilities = capabilities;
        this.descriptor = descriptor;
        this.submissions = submissions;
        this.completions = completions;
        this.submitArgument = new WaitArgument(arena);
        this.waitArgument = new WaitArgument(arena);
        this.submissionThread = ring.flags().contains(SetupFlag.SQPOLL);
        // A device that is polled tells nothing by itself, nor does deferred work without its flag.
        this.silent = ring.flags().contains(SetupFlag.IOPOLL)
                || ring.flags().contains(SetupFlag.DEFER_TASKRUN) && !ring.flags().contains(SetupFlag.TASKRUN_FLAG);
        this.extendedArgument = capabilities.has(Feature.EXT_ARG);
    }

    /** For the last calls of a ring, whose own arena is closed already. */
    void callWithMemoryOf(Arena arena) {
        submitArgument = new WaitArgument(arena);
        waitArgument = new WaitArgument(arena);
        descriptor.callWithMemoryOf(arena);
    }

    int submit() throws UringException {
        return submitAndWait(0, FOREVER);
    }

    int submitAndWait(int completionCount) throws UringException {
        return submitAndWait(completionCount, FOREVER);
    }

    /**
     * Submits, and waits with or without limit. In one piece on purpose: a method of more than 325 bytes of code is compiled
     * for itself. In a caller that prepares entries the compiler would find no room left for the accesses in here, and
     * each would become a call.
     */
    int submitAndWait(int completionCount, long timeoutNanos) throws UringException {
        requireCount(completionCount);
        requireTimeout(timeoutNanos);
        boolean limited = timeoutNanos != FOREVER && completionCount > 0;
        long deadline = limited ? System.nanoTime() + timeoutNanos : 0;
        int pending;
        int taken;
        if (submissionThread) {
            taken = submitToThread();
            pending = taken;
        } else {
            pending = submissions.publish();
            boolean waits = completionCount > 0 && (pending > 0 || completions.ready() < completionCount);
            int enterFlags = waits ? GETEVENTS : gathering();
            taken = 0;
            if (pending > 0 || enterFlags != 0 && !limited) {
                int minComplete = waits ? completions.slotsFor(completionCount) : 0;
                long argument = 0;
                long size = 0;
                if (waits && limited) {
                    if (extendedArgument) {
                        enterFlags |= EXT_ARG;
                        argument = submitArgument.of(timeoutNanos);
                        size = WaitArgument.BYTES;
                    } else {
                        // Before Linux 5.11 such a wait comes after the submission.
                        enterFlags = gathering();
                        minComplete = 0;
                    }
                }
                noteOverflow();
                do {
                    enters++;
                    taken = descriptor.submit(pending, minComplete, enterFlags | waitFlags, argument, size);
                    if (!Errno.EINTR.is(taken)) {
                        break;
                    }
                    interruptions++;
                    // A call that waits isn't repeated here but by the loop that watches its time.
                } while (minComplete == 0);
                if (taken < 0) {
                    if (!EnterErrors.isFlowControl(taken)) {
                        throw EnterErrors.explain(taken, completions.lost());
                    }
                    letRegistrationEnd(taken);
                    taken = 0;
                }
                submissions.taken(taken);
                if (taken < pending) {
                    shortSubmits++;
                }
            }
        }
        // The kernel reports what it took even when a signal, or the limit, then ended the wait.
        if (taken == pending && completionCount > 0) {
            if (limited) {
                waitFor(completionCount, Math.max(0, deadline - System.nanoTime()));
            } else {
                waitFor(completionCount);
            }
        }
        return taken;
    }

    void waitFor(int completionCount) throws UringException {
        requireCount(completionCount);
        while (completions.ready() < completionCount) {
            noteOverflow();
            checkWait(enterToWait(completionCount, GETEVENTS, 0, 0));
        }
    }

    boolean waitFor(int completionCount, long timeoutNanos) throws UringException {
        requireCount(completionCount);
        requireTimeout(timeoutNanos);
        if (completions.ready() >= completionCount) {
            return true;
        }
        long deadline = System.nanoTime() + timeoutNanos;
        long left = timeoutNanos;
        do {
            noteOverflow();
            if (extendedArgument) {
                int enterFlags = GETEVENTS | EXT_ARG;
                checkWait(enterToWait(completionCount, enterFlags, waitArgument.of(left), WaitArgument.BYTES));
            } else {
                pollBriefly(left);
            }
            if (completions.ready() >= completionCount) {
                return true;
            }
            left = deadline - System.nanoTime();
        } while (left > 0);
        return false;
    }

    int waitForBatch(int completionCount, long timeoutNanos, int minimumMicros) throws UringException {
        requireCount(completionCount);
        requireTimeout(timeoutNanos);
        requireTimeout(minimumMicros);
        requireFeature(Feature.MIN_TIMEOUT);
        long start = System.nanoTime();
        long passed = 0;
        int wanted = completionCount;
        // More than once only when a signal has ended the wait, or the kernel has at the end of the minimum time though
        // nothing had come (seen in 6.18.15).
        while (completions.ready() < wanted && passed <= timeoutNanos) {
            noteOverflow();
            int minimumLeft = (int) Math.max(0, minimumMicros - passed / NANOS_PER_MICRO);
            long argument = waitArgument.of(timeoutNanos - passed, minimumLeft);
            checkWait(enterToWait(wanted, GETEVENTS | EXT_ARG, argument, WaitArgument.BYTES));
            passed = System.nanoTime() - start;
            if (minimumMicros > 0 && passed / NANOS_PER_MICRO >= minimumMicros) {
                wanted = Math.min(1, completionCount);
            }
        }
        return completions.ready();
    }

    boolean waitUntil(int completionCount, long deadlineNanos) throws UringException {
        requireCount(completionCount);
        requireTimeout(deadlineNanos);
        requireEnterFlag(EnterFlag.ABS_TIMER);
        int enterFlags = GETEVENTS | EXT_ARG | EnterFlag.ABS_TIMER.bit();
        while (completions.ready() < completionCount) {
            noteOverflow();
            int result = enterToWait(completionCount, enterFlags, waitArgument.of(deadlineNanos), WaitArgument.BYTES);
            checkWait(result);
            if (Errno.ETIME.is(result)) {
                return completions.ready() >= completionCount;
            }
        }
        return true;
    }

    boolean waitRegistered(int completionCount, int index) throws UringException {
        requireCount(completionCount);
        requireEnterFlag(EnterFlag.EXT_ARG_REG);
        if (completions.ready() < completionCount) {
            noteOverflow();
            int enterFlags = GETEVENTS | EXT_ARG | EnterFlag.EXT_ARG_REG.bit();
            checkWait(enterToWait(completionCount, enterFlags, index * WaitRegion.ENTRY_BYTES, WaitRegion.ENTRY_BYTES));
        }
        return completions.ready() >= completionCount;
    }

    int waitForSpace() throws UringException {
        if (!submissionThread) {
            throw new IllegalStateException("only a submission thread (SQPOLL) makes room by itself: submit");
        }
        while (submissions.spaceLeft() == 0) {
            submit();
            checkWait(enterToWait(0, EnterFlag.SQ_WAIT.bit(), 0, 0));
        }
        return submissions.spaceLeft();
    }

    void countIoWait(boolean counted) {
        requireEnterFlag(EnterFlag.NO_IOWAIT);
        waitFlags = counted ? 0 : EnterFlag.NO_IOWAIT.bit();
    }

    /** Whether a call would bring completions that the kernel holds back. */
    boolean wouldGather() {
        return gathering() != 0;
    }

    /** Enters the kernel once for completions that it holds back. */
    int gather() throws UringException {
        noteOverflow();
        checkWait(enterToWait(0, GETEVENTS, 0, 0));
        return completions.ready();
    }

    RingStats stats() {
        return new RingStats(
                enters + descriptor.repeatedCalls(),
                submissions.submittedCount(),
                completions.completed(),
                overflows,
                shortSubmits,
                wakeUps,
                interruptions);
    }

    /**
     * Before Linux 5.11 a wait has no timeout: the descriptor is polled instead. It stays readable while
     * any completion is ready, so a wait for more than one looks again each millisecond.
     */
    private void pollBriefly(long nanos) throws UringException {
        long millis = Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
        if (completions.ready() == 0) {
            int result = Libc.poll(ring.fd(), PollEvents.IN, (int) millis);
            if (result < 0) {
                checkWait(result);
            }
        } else {
            Libc.poll(-1, 0, 1);
        }
        checkWait(enterToWait(0, GETEVENTS, 0, 0));
    }

    /** GETEVENTS when the kernel has completion work that only a call by this thread runs, else 0. */
    private int gathering() {
        int wanted = submissions.kernelFlags() & (SqFlags.CQ_OVERFLOW | SqFlags.TASKRUN);
        return wanted != 0 || silent ? GETEVENTS : 0;
    }

    private int submitToThread() throws UringException {
        int passed = submissions.unpublished();
        int pending = submissions.publish();
        int enterFlags = gathering();
        // The tail store must be visible before the flag is read, or both sides may go to sleep:
        // the thread sets the flag and then looks at the tail once more.
        VarHandle.fullFence();
        if (pending > 0 && (submissions.kernelFlags() & SqFlags.NEED_WAKEUP) != 0) {
            wakeUps++;
            enter(pending, enterFlags | EnterFlag.SQ_WAKEUP.bit());
        } else if (enterFlags != 0) {
            enter(pending, enterFlags);
        }
        return passed;
    }

    private void enter(int pending, int enterFlags) throws UringException {
        int result;
        do {
            enters++;
            result = descriptor.submit(pending, 0, enterFlags, 0, 0);
            // Tried again here, for a thread that isn't woken stays asleep.
        } while (letRegistrationEnd(result));
        if (result < 0 && !EnterErrors.isFlowControl(result)) {
            throw EnterErrors.explain(result, completions.lost());
        }
    }

    private int enterToWait(int completionCount, int enterFlags, long argument, long size) {
        requireRoom(completionCount);
        enters++;
        return descriptor.await(completions.slotsFor(completionCount), enterFlags | waitFlags, argument, size);
    }

    /** Rests a moment when another thread's registration keeps calls out, and says so. */
    private static boolean letRegistrationEnd(int result) {
        if (!EnterErrors.isRegistering(result)) {
            return false;
        }
        Libc.poll(-1, 0, 1);
        return true;
    }

    private void checkWait(int result) throws UringException {
        letRegistrationEnd(result);
        if (Errno.EINTR.is(result)) {
            interruptions++;
        } else if (result < 0 && !EnterErrors.isFlowControl(result)) {
            throw EnterErrors.explain(result, completions.lost());
        }
    }

    private void noteOverflow() {
        if ((submissions.kernelFlags() & SqFlags.CQ_OVERFLOW) != 0) {
            overflows++;
        }
    }

    private void requireEnterFlag(EnterFlag flag) {
        if (!capabilities.has(flag)) {
            throw new UnsupportedOperationException(
                    "this kernel lacks IORING_ENTER_" + flag + ", which needs Linux " + flag.since());
        }
    }

    private void requireFeature(Feature feature) {
        if (!capabilities.has(feature)) {
            throw new UnsupportedOperationException(
                    "this kernel lacks IORING_FEAT_" + feature + ", which needs Linux " + feature.since());
        }
    }

    private void requireCount(int count) {
        if (count < 0 || count > completions.capacity()) {
            throw new IllegalArgumentException(
                    "a wait for " + count + " completions; the queue holds " + completions.capacity());
        }
    }

    /** A wait for what the queue has no room for would never end. */
    private void requireRoom(int completionCount) {
        if (completionCount > 0 && !completions.canHold(completionCount)) {
            throw new IllegalStateException("the completion queue has no room for " + completionCount
                    + " completions: release those that were read; on a ring with CQE_MIXED some take two slots");
        }
    }

    private static void requireTimeout(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("timeout of " + nanos + " ns is negative");
        }
    }
}
