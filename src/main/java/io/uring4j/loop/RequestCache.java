package io.uring4j.loop;

import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The objects that carry an operation from submission to completion, recycled: after the kernel's alloc cache for
 * struct io_kiocb. They come in two classes, which differ in their protection:
 *
 * <ul>
 *   <li>Those of the loop's thread are taken and put back there, without synchronisation. They keep their slot of the
 *       {@link OperationTable} while they rest, and the cache is a stack of slot numbers: to store a number costs less
 *       than to store a reference.
 *   <li>Those of other threads are taken and put back under a lock; the loop puts back all that have ended in one turn
 *       at once. They get a slot when they are started.
 * </ul>
 *
 * <p>Of each class {@value #MOST_AVAILABLE} are kept at hand. Beyond that a batch becomes {@linkplain
 * ReclaimableOperations reclaimable}. When an object of the loop's own class can't be allocated, a spare one serves, so
 * that a loop without memory still gets on with one operation at a time. Another thread gets the OutOfMemoryError: nothing
 * was started by then, so nothing is lost that it isn't told of, while a loop has nobody to tell.
 */
final class RequestCache {
    static final int MOST_AVAILABLE = 256;
    private static final int BATCH = MOST_AVAILABLE / 2;

    private final OperationTable table;
    private final boolean enabled;
    private final IntFunction<Operation> maker;

    /** Of the loop's own operations but the spare one. */
    private final int kind;

    private final Operation spare;
    private boolean spareTaken;
    private long fallbacks;

    private final int[] idle = new int[MOST_AVAILABLE];
    private int idleCount;
    private final ReclaimableOperations reclaimable = new ReclaimableOperations();
    private long hits;
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
        this.kind = enabled ? 0 : Operation.NOT_KEPT;
        this.spare = maker.apply(Operation.NOT_KEPT);
        spare.token = table.take();
        table.bind(spare);
    }

    /** An operation for the loop's thread, which stands in the table. */
    Operation take() {
        int count = idleCount - 1;
        if (count >= 0) {
            hits++;
            idleCount = count;
            return table.resident(idle[count]);
        }
        return takeReclaimableOrNew();
    }

    private Operation takeReclaimableOrNew() {
        Operation[] batch = reclaimable.take(table::free);
        if (batch != null) {
            hits++;
            for (Operation operation : batch) {
                table.bind(operation);
                idle[idleCount++] = OperationTable.slot(operation.token);
            }
            return batch[--idleCount];
        }
        try {
            Operation operation = maker.apply(kind);
            operation.token = table.take();
            table.bind(operation);
            misses++;
            return operation;
        } catch (OutOfMemoryError e) {
            if (spareTaken) {
                throw e;
            }
            spareTaken = true;
            misses++;
            fallbacks++;
            return spare;
        }
    }

    /** Puts an operation of the loop's thread back: its next token is another. */
    void putBack(Operation operation) {
        if (operation == spare) {
            operation.token = OperationTable.following(operation.token);
            operation.forgetHandler();
            spareTaken = false;
        } else if (!enabled) {
            long token = operation.token;
            operation.token = OperationTable.following(token);
            table.unbind(token);
            noteFreed(operation.token);
        } else {
            keep(operation);
        }
    }

    /** Puts back an operation of the loop's thread that isn't {@link Operation#NOT_KEPT}. */
    void keep(Operation operation) {
        long token = operation.token;
        operation.token = OperationTable.following(token);
        int count = idleCount;
        if (count == MOST_AVAILABLE) {
            makeReclaimable();
            count = idleCount;
        }
        idle[count] = OperationTable.slot(token);
        idleCount = count + 1;
    }

    /** The ones that have rested longest. */
    private void makeReclaimable() {
        Operation[] batch = new Operation[BATCH];
        for (int i = 0; i < BATCH; i++) {
            Operation operation = Objects.requireNonNull(table.at(idle[i]));
            operation.forgetHandler();
            table.unbind(operation.token);
            batch[i] = operation;
        }
        System.arraycopy(idle, BATCH, idle, 0, MOST_AVAILABLE - BATCH);
        idleCount -= BATCH;
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
        return reclaimable.count() > 0 || sharedReclaimable.count() > 0 || idleCount > 0;
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
        Operation[] resting = new Operation[idleCount];
        for (int i = 0; i < resting.length; i++) {
            Operation operation = Objects.requireNonNull(table.at(idle[i]));
            operation.forgetHandler();
            table.unbind(operation.token);
            noteFreed(operation.token);
            resting[i] = operation;
        }
        freeSlots();
        table.shrink();
        for (int i = 0; i < resting.length; i++) {
            resting[i].token = table.take();
            table.bind(resting[i]);
            idle[i] = OperationTable.slot(resting[i].token);
        }
    }

    /** Their tokens were freed when they ended. */
    private static void ignore(long[] tokens, int count) {}

    /** How many operations the loop's thread has taken so far. */
    long taken() {
        return hits + misses;
    }

    RequestCacheStats stats() {
        reclaimable.expunge(table::free);
        lock.lock();
        try {
            sharedReclaimable.expunge(RequestCache::ignore);
            return new RequestCacheStats(
                    new RequestCacheStats.Kind(idleCount, reclaimable.count(), hits, misses, reclaimable.trimmed()),
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
