package io.uring4j.loop;

import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;

/**
 * What other threads have for a loop: operations, chains and tasks, in a bounded queue; and what must be neither refused
 * nor delayed by a full queue, cancellations above all.
 */
final class Inbox {
    private final EventLoop loop;
    private final OperationQueue queue;
    private final boolean blocks;
    private final ConcurrentLinkedQueue<Runnable> urgent = new ConcurrentLinkedQueue<>();

    Inbox(EventLoop loop, LoopConfig config) {
        this.loop = loop;
        this.queue = new OperationQueue(config.queueCapacity());
        this.blocks = config.backPressure() == LoopConfig.BackPressure.BLOCK;
    }

    /** Starts an operation that another thread has made. */
    long start(Operation first) throws InterruptedException {
        prepareStart(first);
        long token = first.token;
        handOver(first);
        return token;
    }

    /** Starts a chain by its first, and notes the tokens of all: when this returns they may have ended. */
    void startChain(Operation first, long[] tokens) throws InterruptedException {
        prepareStart(first);
        int count = 0;
        for (Operation each = first; each != null; each = each.next) {
            tokens[count++] = each.token;
        }
        handOver(first);
    }

    private void prepareStart(Operation first) {
        first.requireElsewhere();
        if (!loop.isAccepting()) {
            throw loop.rejected();
        }
        first.holdAll();
        for (Operation each = first; each != null; each = each.next) {
            each.token = loop.table().take();
            each.started();
        }
    }

    private void handOver(Operation first) throws InterruptedException {
        put(first);
        loop.doorbell().ringIfAsleep();
        if (loop.isEnded()) {
            // The loop may have looked for the last time before this was there.
            loop.refuseQueued();
        }
    }

    private void put(Operation first) throws InterruptedException {
        while (!queue.offer(first)) {
            boolean accepting = loop.isAccepting();
            if (!blocks || !accepting || Thread.currentThread() instanceof LoopThread) {
                takeBack(first);
                throw accepting
                        ? new RejectedExecutionException("the loop's queue of operations is full")
                        : loop.rejected();
            }
            try {
                queue.awaitRoom();
            } catch (InterruptedException e) {
                takeBack(first);
                throw e;
            }
        }
    }

    /** Undoes a start that has found no room. */
    private void takeBack(Operation first) {
        for (Operation each = first; each != null; ) {
            Operation following = each.next;
            each.keepLease();
            each.letGo();
            each.next = null;
            each.forgetHandler();
            each.rest();
            loop.table().free(new long[] {each.token}, 1);
            loop.requests().putBackElsewhere(each);
            each = following;
        }
    }

    /**
     * Runs something on the loop's thread soon, behind all that is in the queue now, and even when that is full: only for
     * what comes once per operation. A loop that has ended leaves it undone.
     */
    void urge(Runnable action) {
        urgent.add(action);
        loop.doorbell().ringIfAsleep();
    }

    /** Whether there is nothing to take; on the loop's thread. */
    boolean isEmpty() {
        return queue.isEmpty() && urgent.isEmpty();
    }

    /** Behind which position stands what was not yet started. */
    long end() {
        return queue.end();
    }

    /** Whether all was taken that was started before a position; on the loop's thread. */
    boolean isTakenUpTo(long end) {
        return queue.isTakenUpTo(end);
    }

    /** Takes what is there, up to about so many operations, on the loop's thread. */
    void take(int most) {
        // Those that concern an operation which is in the queue now come after it was taken from there: not before the queue
        // was taken up to its present end, where a producer may be about to put something before that operation.
        int urgentOnes = urgent.isEmpty() ? 0 : urgent.size();
        long end = urgentOnes > 0 ? queue.end() : 0;
        Operation operation = queue.poll();
        if (operation != null) {
            int count = 0;
            do {
                takeOver(operation);
                operation = ++count < most || !queue.isTakenUpTo(end) ? queue.poll() : null;
            } while (operation != null);
            queue.signalRoom();
        }
        if (!queue.isTakenUpTo(end)) {
            return;
        }
        for (int i = 0; i < urgentOnes; i++) {
            loop.run(Objects.requireNonNull(urgent.poll()));
        }
    }

    private void takeOver(Operation operation) {
        if (operation.preparation == Preparation.TASK) {
            Runnable task = taskOf(operation);
            operation.rest();
            loop.table().bind(operation);
            loop.requests().putBackAtEndOfTurn(operation);
            loop.run(task);
            return;
        }
        boolean accepting = loop.isAccepting();
        bindAll(operation);
        if (accepting) {
            loop.tally().startedBeside(-1);
            loop.submitter().submit(operation);
        } else {
            loop.refuse(operation);
        }
    }

    private static Runnable taskOf(Operation operation) {
        Runnable task = (Runnable) Objects.requireNonNull(operation.other);
        operation.letGo();
        return task;
    }

    private void bindAll(Operation first) {
        for (Operation each = first; each != null; each = each.next) {
            loop.table().bind(each);
            loop.tally().startedElsewhere();
            loop.tally().startedBeside(1);
        }
    }

    /** Refuses all operations that have come too late, and runs the tasks; when the loop has taken its last turn. */
    void refuseAll() {
        for (Operation operation = queue.poll(); operation != null; operation = queue.poll()) {
            if (operation.preparation == Preparation.TASK) {
                loop.run(taskOf(operation));
            } else {
                bindAll(operation);
                loop.refuse(operation);
            }
        }
    }

    /** Lets nobody wait for room any more. */
    void close() {
        queue.close();
    }
}
