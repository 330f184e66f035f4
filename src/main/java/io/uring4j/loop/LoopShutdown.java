package io.uring4j.loop;

import io.uring4j.CancelFlags;
import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.sys.Deadline;
import io.uring4j.sys.Libc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The end of a loop: no new work; finish, or cancel; drain; free. What doesn't end in time is kept for ever, since the
 * kernel may still use its memory.
 */
final class LoopShutdown {
    private static final long STEP_NANOS = 50_000_000;
    private static final int CANCELLED = -Errno.ECANCELED.number();

    /** What has never ended, with all that it refers to. */
    private static final Set<Operation> KEPT = ConcurrentHashMap.newKeySet();

    private final EventLoop loop;
    private final AtomicReference<@Nullable Duration> requested = new AtomicReference<>();
    private final CompletableFuture<LoopOutcome> outcome = new CompletableFuture<>();

    /** Held while the loop's own structures are used after its last turn, by its thread or another. */
    private final ReentrantLock last = new ReentrantLock();

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final Set<Repetition> repetitions = new HashSet<>();
    private volatile boolean accepting = true;
    /** The end of the loop's queue when it noticed that it is to end. */
    private long startedBefore;

    private boolean noticed;
    private boolean begun;
    private boolean over;
    private long graceEnd;
    private long closeEnd;
    private long nextCancel;
    private long finishedBefore;
    private long cancelledBefore;

    LoopShutdown(EventLoop loop) {
        this.loop = loop;
    }

    /** Whether operations may still be started. */
    boolean isAccepting() {
        return accepting;
    }

    /** What is closed after the ring, in the order of the calls. */
    void closeAtEnd(AutoCloseable resource) {
        resources.add(resource);
    }

    /** What is told of the end unless it has ended before, and is forgotten; on the loop's thread. */
    void tellAtEnd(Repetition repetition) {
        repetitions.add(repetition);
    }

    void forget(Repetition repetition) {
        repetitions.remove(repetition);
    }

    /** Those that have no operation under way: they pause, or wait for buffers. */
    private void endRepetitions() {
        for (Repetition each : List.copyOf(repetitions)) {
            loop.run(() -> each.end(Repetition.CANCELLED));
        }
    }

    /** Asks for the end, on any thread. */
    CompletableFuture<LoopOutcome> request(Duration grace) {
        if (requested.compareAndSet(null, grace)) {
            loop.doorbell().ringIfAsleep();
        }
        // A copy: nobody else completes or cancels the original.
        return outcome.copy();
    }

    /** Whether the end was asked for and the loop hasn't acted upon it. */
    boolean isNews() {
        return requested.get() != null && !begun;
    }

    boolean isOver() {
        return over;
    }

    /** How long the loop may sleep. */
    long patience() {
        if (!begun) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        long until = now - graceEnd < 0 ? graceEnd : Math.min(nextCancel - now, closeEnd - now) + now;
        return Math.max(0, until - now);
    }

    /** The part of each turn of the loop. */
    void advance() {
        Duration grace = requested.get();
        if (grace == null) {
            return;
        }
        long now = System.nanoTime();
        if (!begun) {
            if (isStartedBeforeInQueue()) {
                return;
            }
            begin(grace, now);
        }
        if (loop.tally().live() == 0 || now - closeEnd >= 0) {
            over = true;
        } else if (now - graceEnd >= 0 && now - nextCancel >= 0) {
            nextCancel = now + STEP_NANOS;
            cancelAll();
        }
    }

    /** Whether there is still to be taken what was started before the end was asked for: that was accepted, so it is begun. */
    private boolean isStartedBeforeInQueue() {
        if (!noticed) {
            noticed = true;
            startedBefore = loop.inbox().end();
        }
        return !loop.inbox().isTakenUpTo(startedBefore);
    }

    private void begin(Duration grace, long now) {
        begun = true;
        stopAccepting();
        graceEnd = now + Deadline.nanos(grace);
        nextCancel = graceEnd;
        closeEnd = graceEnd + Deadline.nanos(loop.config().closeTimeout());
        finishedBefore = loop.tally().finished();
        cancelledBefore = loop.completer().cancelled();
        loop.table().forEach(operation -> {
            boolean endless = operation.is(Operation.MULTISHOT) || operation.is(Operation.TIMER);
            if (endless && operation.is(Operation.STARTED)) {
                loop.cancelNow(operation.token);
            }
        });
        List.copyOf(repetitions).forEach(Repetition::close);
    }

    private void stopAccepting() {
        accepting = false;
        loop.stopAccepting();
    }

    private void cancelAll() {
        loop.table().forEach(operation -> operation.set(Operation.CANCEL_REQUESTED));
        if (loop.uses(LoopFeature.CANCEL_ALL)) {
            loop.submitter().prepareOwn(entry -> entry.cancelAny(CancelFlags.ALL).userData(UserData.NOBODY));
        } else {
            loop.table().forEach(operation -> {
                if (operation.is(Operation.STARTED)) {
                    loop.cancelNow(operation.token);
                }
            });
        }
    }

    /** Ends an operation, or a chain, that came too late; the loop's own count has it already. */
    void refuse(Operation first) {
        for (Operation each = first; each != null; ) {
            Operation following = each.next;
            loop.completer().finishRefused(each, CANCELLED);
            each = following;
        }
    }

    /** Refuses what is in the queue when the loop has taken its last turn, on any thread. */
    void refuseQueued() {
        last.lock();
        try {
            loop.inbox().refuseAll();
        } finally {
            last.unlock();
        }
    }

    /** After the last turn, on the loop's thread. */
    void end(@Nullable Throwable failure) {
        last.lock();
        try {
            stopAccepting();
            loop.markEnded();
            loop.inbox().close();
            refuseQueued();
            loop.turns().runLastTasks();
            List<String> leaks = new ArrayList<>();
            List<String> unfinished = new ArrayList<>();
            awaitOthers(leaks);
            boolean closed = closeRing(leaks);
            loop.table().forEach(operation -> {
                if (operation.is(Operation.STARTED)) {
                    endLate(operation, closed, unfinished);
                }
            });
            endRepetitions();
            closeResources(leaks);
            Completer completer = loop.completer();
            long cancelled = completer.cancelled() - cancelledBefore;
            outcome.complete(new LoopOutcome(
                    loop.tally().finished() - finishedBefore - cancelled, cancelled, unfinished, leaks, failure));
        } catch (Throwable t) {
            // Such as a class that can't be loaded for want of descriptors: nobody is left waiting all the same.
            abandonAll(t);
            outcome.completeExceptionally(t);
        } finally {
            last.unlock();
        }
    }

    private void abandonAll(Throwable reason) {
        loop.table().forEach(operation -> {
            if (operation.is(Operation.STARTED)) {
                KEPT.add(operation);
                operation.failure = new IllegalStateException("the loop has failed, with the operation under way", reason);
                operation.abandonWaiter();
            }
        });
    }

    /** Other loops may have messages to the ring in flight: until they have ended, its descriptor must not be closed. */
    private void awaitOthers(List<String> leaks) {
        long deadline = Deadline.after(loop.config().closeTimeout());
        while (!loop.doorbell().close()) {
            if (System.nanoTime() - deadline > 0) {
                leaks.add("messages of other loops are on their way to the ring");
                return;
            }
            Libc.poll(-1, 0, 1);
        }
    }

    private boolean closeRing(List<String> leaks) {
        try {
            loop.ring().close();
            loop.doorbell().free();
            return true;
        } catch (UringException | RuntimeException e) {
            leaks.add(e.toString());
            return false;
        }
    }

    /** An operation whose end the loop hasn't seen: the ring has, if it could be closed. */
    private void endLate(Operation operation, boolean closed, List<String> unfinished) {
        if (!closed) {
            unfinished.add(operation.toString());
            KEPT.add(operation);
            operation.failure = new IllegalStateException("the loop has ended, but not the operation: " + operation);
            operation.abandonWaiter();
            return;
        }
        loop.completer().finishRefused(operation, CANCELLED);
    }

    private void closeResources(List<String> leaks) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                leaks.add(e.toString());
            }
        }
    }
}
