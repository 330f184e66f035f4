package io.uring4j.loop;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which operation a completion belongs to, and which operations rest in their slots until they are used again. An
 * operation's token is its user data: the lower half is a slot of this table, the upper half tells the uses of the slot apart:
 *
 * <pre>
 *  63  62     generation       32 31 30  29         slot          0
 *   1                              |  set in the user data of the operation's own timeout
 *   0 in that of provided buffers  set in user data that belongs to no operation
 * </pre>
 *
 * <p>A generation comes again after 2³¹ uses of its slot: no completion is that late.
 *
 * <p>Any thread takes and frees tokens; what stands in the slots is the loop's thread's alone.
 */
final class OperationTable {
    private static final long MARK = 1L << 63;
    private static final long GENERATION = 1L << 32;

    static final int MAX_SLOTS = 1 << 30;
    private static final int LEAST = 64;

    /** How many operations rest in their slots at most. */
    static final int MOST_RESTING = 256;

    /** No operation is at hand. */
    private static final int NONE = -1;

    /** None is, and none may be. */
    private static final int CLOSED = -2;

    private final ReentrantLock lock = new ReentrantLock();

    /** Each token is the last that was used of a slot that is free. */
    private long[] free = new long[LEAST];

    private int freeCount;

    /** How many slots were ever taken since the table was last shrunk. */
    private int taken;

    /** Of slot 0; no slot beyond {@link #taken} has had a later generation. */
    private long firstToken = MARK;

    /** By slots; only the loop's thread uses it. */
    private @Nullable Operation[] operations = new @Nullable Operation[LEAST];

    private int bound;

    /**
     * The slot of an operation that has come to rest and is the next to be taken: most handlers start the next operation
     * where one has ended.
     */
    private int atHand = NONE;

    /** Slots of the other operations that rest, a stack: to store a number costs less than to store a reference. */
    private final int[] stack = new int[MOST_RESTING];

    private int stackCount;

    /** The token of the next use of the slot. */
    static long following(long token) {
        return token + GENERATION | MARK;
    }

    static int slot(long token) {
        return (int) token;
    }

    /** A token that was never used before, on any thread. */
    long take() {
        lock.lock();
        try {
            if (freeCount > 0) {
                return following(free[--freeCount]);
            }
            if (taken == MAX_SLOTS) {
                throw new IllegalStateException(MAX_SLOTS + " operations at once");
            }
            return following(firstToken) + taken++;
        } finally {
            lock.unlock();
        }
    }

    /** Frees the slots of tokens, on any thread. */
    void free(long[] tokens, int count) {
        lock.lock();
        try {
            if (freeCount + count > free.length) {
                free = Arrays.copyOf(free, Math.max(freeCount + count, 2 * free.length));
            }
            System.arraycopy(tokens, 0, free, freeCount, count);
            freeCount += count;
        } finally {
            lock.unlock();
        }
    }

    /** The operation of a slot that has one. */
    Operation resident(int slot) {
        return Objects.requireNonNull(operations[slot]);
    }

    /** The operation that has a token now; null if none has. */
    @Nullable Operation with(long token) {
        Operation[] all = operations;
        int slot = slot(token);
        // Of other user data it may be beyond any slot, or negative. The check of the index is the same, so it is done once.
        if (Integer.compareUnsigned(slot, all.length) >= 0) {
            return null;
        }
        Operation operation = all[slot];
        return operation != null && operation.token == token ? operation : null;
    }

    /** How many operations rest, each in its slot. */
    int restingCount() {
        return stackCount + (atHand >= 0 ? 1 : 0);
    }

    /** The slot of the operation at hand, which rests no longer; less than 0 if there is none. */
    int takeAtHand() {
        int slot = atHand;
        if (slot >= 0) {
            atHand = NONE;
        }
        return slot;
    }

    /**
     * Lets an operation rest at hand, unless that is taken or closed; it has its next token from then on.
     *
     * @param token its token so far: a completion has brought it before the operation was found
     */
    boolean restAtHand(Operation operation, long token) {
        if (atHand != NONE) {
            return false;
        }
        operation.token = following(token);
        atHand = slot(token);
        return true;
    }

    /** Lets none rest at hand any more; none does. */
    void closeHand() {
        atHand = CLOSED;
    }

    void openHand() {
        atHand = NONE;
    }

    boolean isStackEmpty() {
        return stackCount == 0;
    }

    /** Whether all rest that may beside the one at hand, whose place on the stack is kept free. */
    boolean isStackFull() {
        return stackCount == MOST_RESTING - 1;
    }

    /** Lets the operation of a slot rest, unless the stack is full. */
    void push(int slot) {
        int count = stackCount;
        stack[count] = slot;
        stackCount = count + 1;
    }

    /** The slot of the operation that has come to rest last, and does so no longer; there must be one. */
    int pop() {
        int count = stackCount - 1;
        stackCount = count;
        return stack[count];
    }

    /** Takes those that have rested longest out of the table. */
    Operation[] unbindResting(int count) {
        Operation[] taken = new Operation[count];
        for (int i = 0; i < count; i++) {
            taken[i] = resident(stack[i]);
            unbind(taken[i].token);
        }
        stackCount -= count;
        System.arraycopy(stack, count, stack, 0, stackCount);
        return taken;
    }

    /** Takes all that rest out of the table. */
    Operation[] unbindResting() {
        int slot = takeAtHand();
        if (slot >= 0) {
            push(slot);
        }
        return unbindResting(stackCount);
    }

    /** Puts an operation where completions with its token find it. */
    void bind(Operation operation) {
        int slot = slot(operation.token);
        if (slot >= operations.length) {
            operations = Arrays.copyOf(operations, roundUp(slot + 1));
        }
        operations[slot] = operation;
        bound++;
    }

    void unbind(long token) {
        operations[slot(token)] = null;
        bound--;
    }

    /** How many operations stand in the table and don't rest. */
    int inUse() {
        return bound - restingCount();
    }

    /** Shows each operation that stands in the table; those that aren't started among them. */
    void forEach(Consumer<Operation> action) {
        for (int i = 0; i < operations.length; i++) {
            Operation operation = operations[i];
            if (operation != null) {
                action.accept(operation);
            }
        }
    }

    /** Gives back what lies behind the last slot in use; of the rest, the lowest free slot is taken first from now on. */
    void shrink() {
        lock.lock();
        try {
            long[] freeBySlot = new long[taken];
            for (int i = 0; i < freeCount; i++) {
                freeBySlot[slot(free[i])] = free[i];
            }
            int end = taken;
            // A token is never 0.
            while (end > 0 && freeBySlot[end - 1] != 0) {
                long token = freeBySlot[--end] - end;
                firstToken = token - firstToken > 0 ? token : firstToken;
            }
            freeCount = 0;
            for (int slot = end - 1; slot >= 0; slot--) {
                if (freeBySlot[slot] != 0) {
                    free[freeCount++] = freeBySlot[slot];
                }
            }
            taken = end;
            free = Arrays.copyOf(free, Math.max(LEAST, roundUp(freeCount)));
            int capacity = Math.max(LEAST, roundUp(end));
            if (capacity < operations.length) {
                operations = Arrays.copyOf(operations, capacity);
            }
        } finally {
            lock.unlock();
        }
    }

    private static int roundUp(int count) {
        return count <= 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
    }

    /** How many slots there are room for, on the loop's thread. */
    int capacity() {
        return operations.length;
    }
}
