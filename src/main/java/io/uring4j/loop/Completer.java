package io.uring4j.loop;

import io.uring4j.CompletionHandler;
import io.uring4j.Cqe;
import io.uring4j.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which operation a completion belongs to and whether it has ended, and calls its handler. A completion that
 * belongs to no operation is counted and dropped.
 */
final class Completer implements CompletionHandler {
    private static final int CANCELLED = -Errno.ECANCELED.number();

    /** ERESTARTSYS and its like, which are meant for the kernel's own use, and none of which a C library knows. */
    private static final int FIRST_OF_KERNEL = 512;

    private static final int LAST_OF_KERNEL = 516;

    private final EventLoop loop;
    private final OperationTable table;
    private final RequestCache requests;
    private final Submitter submitter;
    private final Tally tally;
    private final Waiters waiters;
    private long stale;
    private long cancelled;
    private long failures;

    Completer(
            EventLoop loop,
            OperationTable table,
            RequestCache requests,
            Submitter submitter,
            Tally tally,
            Waiters waiters) {
        this.loop = loop;
        this.table = table;
        this.requests = requests;
        this.submitter = submitter;
        this.tally = tally;
        this.waiters = waiters;
    }

    @Override
    public void completed(long userData, int result, int flags) {
        Operation operation = table.with(userData);
        if (operation == null) {
            tally.completedBeside();
            completedOther(userData, result, flags);
        } else if ((operation.status & Operation.SPECIAL_END) == 0 && result >= 0) {
            ResultHandler<Object> handler = operation.handler;
            Object attachment = operation.attachment;
            operation.rest();
            if (!table.restAtHand(operation, userData)) {
                requests.putBack(operation);
            }
            try {
                handler.completed(result, flags, attachment);
            } catch (Throwable t) {
                report(t);
            }
        } else {
            tally.completedBeside();
            if ((operation.status & Operation.SPECIAL) == 0) {
                finish(operation, told(operation, result), flags);
            } else {
                completedSpecial(operation, told(operation, result), flags);
            }
        }
    }

    /**
     * The result that the program is told. A worker thread of the kernel that was interrupted in the middle leaves EINTR, or
     * a number that some kernels let slip (6.1, in reads of a pipe): that is what it looks like to be cancelled.
     */
    private static int told(Operation operation, int result) {
        boolean interrupted = Errno.EINTR.is(result) || result <= -FIRST_OF_KERNEL && result >= -LAST_OF_KERNEL;
        if (!interrupted) {
            return result;
        }
        return operation.is(Operation.CANCEL_REQUESTED) ? CANCELLED : -Errno.EINTR.number();
    }

    private void completedOther(long userData, int result, int flags) {
        if (!UserData.isOfOperation(userData)) {
            loop.turns().received(userData, result, flags);
            return;
        }
        if (UserData.isOfBuffers(userData)) {
            loop.buffers().received(userData, result);
            return;
        }
        long token = userData & ~UserData.TIME_LIMIT;
        Operation operation = table.with(token);
        if (token == userData || operation == null || !operation.timerPending) {
            stale++;
            return;
        }
        operation.timerPending = false;
        // EALREADY: its time was over while it ran, and it was told to stop.
        operation.timedOut = Errno.ETIME.is(result) || Errno.EALREADY.is(result);
        if (operation.ended) {
            settleInTurn(operation);
        }
    }

    private void completedSpecial(Operation operation, int result, int flags) {
        if (operation.is(Operation.ZERO_COPY)) {
            if ((flags & Cqe.NOTIFICATION) == 0) {
                operation.result = result;
                if (Cqe.hasMore(flags)) {
                    return;
                }
            }
        } else {
            operation.result = operation.is(Operation.TIMER) && Errno.ETIME.is(result) ? 0 : result;
            if (Cqe.hasMore(flags)) {
                call(operation.handler, operation.result, flags, operation.attachment);
                cancelAgain(operation);
                return;
            }
        }
        operation.resultFlags = flags & ~Cqe.NOTIFICATION;
        operation.ended = true;
        settleInTurn(operation);
    }

    /** A multishot timeout that the kernel is about to set anew, when it is asked to cancel it, isn't found. */
    private void cancelAgain(Operation operation) {
        if (operation.is(Operation.CANCEL_REQUESTED | Operation.TIMER)) {
            loop.cancelNow(operation.token);
        }
    }

    /** Ends an operation if it waits for nothing more, and of its chain those that have waited for it alone. */
    private void settleInTurn(Operation first) {
        for (Operation operation = first; operation != null && !operation.isHeldUp(); ) {
            Operation following = operation.next;
            operation.next = null;
            settle(operation);
            operation = following != null && following.moveUp() ? following : null;
        }
    }

    /** All completions have come: the operation has ended, unless a part is left to do. */
    private void settle(Operation operation) {
        operation.ended = false;
        tellFailure(operation);
        int result = operation.result;
        if (operation.timedOut && (Errno.ECANCELED.is(result) || Errno.EINTR.is(result))) {
            result = -Errno.ETIME.number();
        }
        if (operation.is(Operation.FULLY) && result >= 0) {
            if (result > 0 && operation.goesOnAfter(result)) {
                if (!operation.is(Operation.CANCEL_REQUESTED)) {
                    tally.startedBeside(-1);
                    submitter.submit(operation);
                    return;
                }
                result = -Errno.ECANCELED.number();
            } else {
                result = operation.transferred;
            }
        }
        operation.timedOut = false;
        finish(operation, result, operation.resultFlags);
    }

    /** Ends an operation of which no completion comes any more: it never reached the kernel, or the ring is closed. */
    void finishRefused(Operation operation, int result) {
        operation.timerPending = false;
        // What has waited for something else has a result of its own.
        if (!operation.ended) {
            operation.ended = true;
            operation.result = result;
            operation.resultFlags = 0;
        }
        settleInTurn(operation);
    }

    private static void tellFailure(Operation operation) {
        RuntimeException failure = operation.failure;
        if (failure == null || isAwaited(operation)) {
            return;
        }
        operation.failure = null;
        if (operation.handler instanceof OperationFuture future) {
            future.completeExceptionally(failure);
        }
    }

    private static boolean isAwaited(Operation operation) {
        return operation.is(Operation.AWAITED);
    }

    private void finish(Operation operation, int result, int flags) {
        tally.endedBeside();
        if (result == CANCELLED) {
            cancelled++;
        }
        if (isAwaited(operation)) {
            letGo(operation);
            requests.free(operation);
            waiters.wake(operation.endWait(result));
        } else {
            finishHandled(operation, result, flags);
        }
    }

    private void finishHandled(Operation operation, int result, int flags) {
        ResultHandler<Object> handler = operation.handler;
        Object attachment = operation.attachment;
        if (operation.is(Operation.HOLDS)) {
            letGo(operation);
        }
        operation.rest();
        if (operation.isElsewhere()) {
            requests.putBackAtEndOfTurn(operation);
        } else {
            requests.putBack(operation);
        }
        call(handler, result, flags, attachment);
    }

    private void letGo(Operation operation) {
        try {
            operation.letGo();
        } catch (RuntimeException e) {
            // A lease that somebody has released behind the operation's back.
            report(e);
        }
    }

    private void call(ResultHandler<Object> handler, int result, int flags, @Nullable Object attachment) {
        try {
            handler.completed(result, flags, attachment);
        } catch (Throwable t) {
            report(t);
        }
    }

    /** Passes on what a handler or task has thrown. */
    void report(Throwable failure) {
        failures++;
        try {
            loop.config().failureHandler().failed(loop, failure);
        } catch (Throwable t) {
            // Whoever throws here too has nobody left to hear it.
        }
    }

    /** How many completions came that belong to no operation. */
    long stale() {
        return stale;
    }

    /** How many operations have ended because they were cancelled. */
    long cancelled() {
        return cancelled;
    }

    /** How often handlers and tasks have thrown. */
    long failures() {
        return failures;
    }
}
