package io.uring4j.loop;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which operation a completion belongs to. An operation's token is its user data: the lower half is a slot of this
 * table, the upper half tells the uses of the slot apart:
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

    /** The operation of a token's slot, whatever its generation; null for a slot that doesn't exist or is empty. */
    @Nullable Operation at(int slot) {
        Operation[] all = operations;
        return slot >= 0 && slot < all.length ? all[slot] : null;
    }

    /** The operation of a slot that has one. */
    Operation resident(int slot) {
        Operation[] all = operations;
        return Objects.requireNonNull(all[slot & all.length - 1]);
    }

    /** The operation that has a token now; null if none has. */
    @Nullable Operation with(long token) {
        Operation[] all = operations;
        // There is a power of two of them, so what lies beyond is taken for another slot, whose token differs.
        Operation operation = all[slot(token) & all.length - 1];
        return operation != null && operation.token == token ? operation : null;
    }

    /** Puts an operation where completions with its token find it. */
    void bind(Operation operation) {
        int slot = slot(operation.token);
        if (slot >= operations.length) {
            operations = Arrays.copyOf(operations, roundUp(slot + 1));
        }
        operations[slot] = operation;
    }

    void unbind(long token) {
        operations[slot(token)] = null;
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
