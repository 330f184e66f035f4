package io.uring4j.loop;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The objects that carry an operation from submission to completion, recycled: after the kernel's alloc cache for
 * struct io_kiocb. They come in two classes, which differ in their protection:
 *
 * <ul>
 *   <li>Those of the loop's thread are taken and put back there, without synchronisation. They rest in their slots of
 *       the {@link OperationTable}.
 *   <li>Those of other threads are taken and put back under a lock; the loop puts back all that have ended in one turn
 *       at once. They get a slot when they are started.
 * </ul>
 *
 * <p>Of each class {@value OperationTable#MOST_RESTING} are kept at hand. Beyond that a batch becomes {@linkplain
 * ReclaimableOperations reclaimable}. When an object of the loop's own class can't be allocated, a spare one serves, so
 * that a loop without memory still gets on with one operation at a time. Another thread gets the OutOfMemoryError: nothing
 * was started by then, so nothing is lost that it isn't told of, while a loop has nobody to tell.
 */
final class RequestCache {
    private static final int MOST_AVAILABLE = OperationTable.MOST_RESTING;
    private static final int BATCH = MOST_AVAILABLE / 2;

    private final OperationTable table;
    private final boolean enabled;
    private final IntFunction<Operation> maker;

    private final Operation spare;
    private boolean spareTaken;
    private long fallbacks;

    private final ReclaimableOperations reclaimable = new ReclaimableOperations();
    private long misses;

    /** Tokens of other threads' operations that have ended in this turn of the loop, and those operations. */
    private long[] freed = new long[BATCH];

    private int freedCount;
    private @Nullable Operation ended;
    private int endedCount;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Operation shared;
    private int sharedCount;
    private final ReclaimableOperations sharedReclaimable = new ReclaimableOperations();
    private long sharedHits;
    private long sharedMisses;

    /** With what makes an operation of a kind. */
    RequestCache(OperationTable table, boolean enabled, IntFunction<Operation> maker) {
        this.table = table;
        this.enabled = enabled;
        this.maker = maker;
        this.spare = maker.apply(0);
        spare.token = table.take();
        if (!enabled) {
            table.closeHand();
        }
    }

    /** The slot of an operation for the loop's thread, when none is {@linkplain OperationTable#takeAtHand at hand}. */
    int takeSlot() {
        if (table.isStackEmpty()) {
            refill();
        }
        return table.pop();
    }

    private void refill() {
        Operation[] batch = reclaimable.take(table::free);
        if (batch != null) {
            for (Operation operation : batch) {
                table.bind(operation);
                table.push(OperationTable.slot(operation.token));
            }
            return;
        }
        Operation operation = makeOrUseSpare();
        misses++;
        table.push(OperationTable.slot(operation.token));
    }

    private Operation makeOrUseSpare() {
        try {
            Operation operation = maker.apply(0);
            operation.token = table.take();
            table.bind(operation);
            return operation;
        } catch (OutOfMemoryError e) {
            if (spareTaken) {
                throw e;
            }
            spareTaken = true;
            fallbacks++;
            table.bind(spare);
            // Until it comes back, what ends is looked at.
            table.closeHand();
            return spare;
        }
    }

    /** Puts an operation of the loop's thread back: its next token is another. */
    void putBack(Operation operation) {
        if (operation == spare) {
            table.unbind(operation.token);
            operation.token = OperationTable.following(operation.token);
            operation.forgetHandler();
            spareTaken = false;
            if (enabled) {
                table.openHand();
            }
        } else if (!enabled) {
            long token = operation.token;
            operation.token = OperationTable.following(token);
            table.unbind(token);
            noteFreed(operation.token);
        } else {
            if (table.isStackFull()) {
                makeReclaimable();
            }
            long token = operation.token;
            operation.token = OperationTable.following(token);
            table.push(OperationTable.slot(token));
        }
    }

    private void makeReclaimable() {
        Operation[] batch = table.unbindResting(BATCH);
        for (Operation operation : batch) {
            operation.forgetHandler();
        }
        reclaimable.add(batch);
    }

    /** An operation for another thread, without a token; OutOfMemoryError when it would be a new one and can't be. */
    Operation takeElsewhere() {
        lock.lock();
        try {
            Operation operation = shared;
            if (operation == null) {
                Operation[] batch = sharedReclaimable.take(RequestCache::ignore);
                for (int i = 0; batch != null && i < batch.length; i++) {
                    push(batch[i]);
                }
                operation = shared;
            }
            if (operation != null) {
                sharedHits++;
                shared = operation.next;
                operation.next = null;
                sharedCount--;
                return operation;
            }
            sharedMisses++;
        } finally {
            lock.unlock();
        }
        return maker.apply(Operation.ELSEWHERE);
    }

    /** Puts an operation back on another thread. */
    void putBackElsewhere(Operation operation) {
        if (!enabled) {
            return;
        }
        lock.lock();
        try {
            push(operation);
        } finally {
            lock.unlock();
        }
    }

    private void push(Operation operation) {
        if (sharedCount == MOST_AVAILABLE) {
            Operation[] batch = new Operation[BATCH];
            for (int i = 0; i < BATCH && shared != null; i++) {
                batch[i] = shared;
                shared = shared.next;
                batch[i].next = null;
            }
            sharedCount -= BATCH;
            sharedReclaimable.add(batch);
        }
        operation.next = shared;
        shared = operation;
        sharedCount++;
    }

    /** Frees the slot of another thread's operation that has ended; the object goes back by itself. */
    void free(Operation operation) {
        table.unbind(operation.token);
        noteFreed(operation.token);
    }

    /** Frees the slot of another thread's operation that has ended, and puts the object back when the turn is over. */
    void putBackAtEndOfTurn(Operation operation) {
        free(operation);
        if (enabled) {
            operation.forgetHandler();
            operation.next = ended;
            ended = operation;
            endedCount++;
        }
    }

    private void noteFreed(long token) {
        if (freedCount == freed.length) {
            freeSlots();
        }
        freed[freedCount++] = token;
    }

    private void freeSlots() {
        table.free(freed, freedCount);
        freedCount = 0;
    }

    /** Puts back what has ended in this turn of the loop. */
    void endTurn() {
        if (freedCount > 0) {
            freeSlots();
        }
        if (endedCount > 0) {
            lock.lock();
            try {
                for (Operation operation = ended; operation != null; ) {
                    Operation following = operation.next;
                    push(operation);
                    operation = following;
                }
            } finally {
                lock.unlock();
            }
            ended = null;
            endedCount = 0;
        }
    }

    /** Whether {@link #trim} may find something to free. */
    boolean isTrimmable() {
        return reclaimable.count() > 0 || sharedReclaimable.count() > 0 || table.restingCount() > 0;
    }

    /** Frees all that is reclaimable, what objects at rest refer to, and slots that aren't needed. */
    void trim() {
        reclaimable.trim(table::free);
        lock.lock();
        try {
            sharedReclaimable.trim(RequestCache::ignore);
        } finally {
            lock.unlock();
        }
        moveToLowSlots();
    }

    /** What rests at the end of the table would keep it from shrinking. */
    private void moveToLowSlots() {
        Operation[] resting = table.unbindResting();
        for (Operation operation : resting) {
            operation.forgetHandler();
            noteFreed(operation.token);
        }
        freeSlots();
        table.shrink();
        for (Operation operation : resting) {
            operation.token = table.take();
            table.bind(operation);
            if (table.isStackFull()) {
                // The last: it was at hand.
                table.restAtHand(operation, operation.token);
            } else {
                table.push(OperationTable.slot(operation.token));
            }
        }
    }

    /** Their tokens were freed when they ended. */
    private static void ignore(long[] tokens, int count) {}

    /** Given how many operations the loop's thread has taken so far. */
    RequestCacheStats stats(long taken) {
        reclaimable.expunge(table::free);
        lock.lock();
        try {
            sharedReclaimable.expunge(RequestCache::ignore);
            return new RequestCacheStats(
                    new RequestCacheStats.Kind(
                            table.restingCount(),
                            reclaimable.count(),
                            taken - misses,
                            misses,
                            reclaimable.trimmed()),
                    new RequestCacheStats.Kind(
                            sharedCount,
                            sharedReclaimable.count(),
                            sharedHits,
                            sharedMisses,
                            sharedReclaimable.trimmed()),
                    table.capacity(),
                    fallbacks);
        } finally {
            lock.unlock();
        }
    }
}
