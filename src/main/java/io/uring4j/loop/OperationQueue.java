package io.uring4j.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What other threads have for a loop: a bounded queue of many producers and one consumer. Each cell has a number that
 * tells whose turn it is (after Dmitry Vyukov's bounded queue): the position for the producer, one more for the consumer.
 */
final class OperationQueue {
    private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle TAIL;

    static {
        try {
            TAIL = MethodHandles.lookup().findVarHandle(OperationQueue.class, "tail", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable Operation[] cells;
    private final long[] sequences;
    private final int mask;
    private volatile long tail;

    /** Only the consumer moves it. */
    private long head;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private volatile int waiting;
    private volatile boolean closed;

    OperationQueue(int capacity) {
        // With a single cell, a full queue and an empty one couldn't be told apart.
        int size = Math.max(2, capacity <= 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1);
        cells = new @Nullable Operation[size];
        sequences = new long[size];
        mask = size - 1;
        for (int i = 0; i < size; i++) {
            sequences[i] = i;
        }
    }

    /** Adds an operation; false if there is no room. */
    boolean offer(Operation operation) {
        while (true) {
            long position = tail;
            int index = (int) position & mask;
            long turn = (long) SEQUENCE.getAcquire(sequences, index) - position;
            if (turn < 0) {
                return false;
            }
            if (turn == 0 && TAIL.compareAndSet(this, position, position + 1)) {
                cells[index] = operation;
                SEQUENCE.setRelease(sequences, index, position + 1);
                return true;
            }
        }
    }

    /** Takes the first operation, on the consumer's thread; null if there is none. */
    @Nullable Operation poll() {
        long position = head;
        int index = (int) position & mask;
        if ((long) SEQUENCE.getAcquire(sequences, index) != position + 1) {
            return null;
        }
        Operation operation = cells[index];
        cells[index] = null;
        SEQUENCE.setRelease(sequences, index, position + cells.length);
        head = position + 1;
        return operation;
    }

    /** Behind which position stands what was not yet added; on any thread. */
    long end() {
        return tail;
    }

    /** Whether all before a position was taken; on the consumer's thread. */
    boolean isTakenUpTo(long end) {
        return head - end >= 0;
    }

    /** Whether there is nothing to take, nor about to be; on the consumer's thread. */
    boolean isEmpty() {
        return head == tail;
    }

    /**
     * Waits until there may be room.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    void awaitRoom() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting++;
            // Between here and the look, the consumer may make room: it looks at the count after that.
            VarHandle.fullFence();
            try {
                while (isFull() && !closed) {
                    room.await();
                }
            } finally {
                waiting--;
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        long position = tail;
        return (long) SEQUENCE.getAcquire(sequences, (int) position & mask) - position < 0;
    }

    /** Wakes producers that wait for room, after the consumer has made some. */
    void signalRoom() {
        VarHandle.fullFence();
        if (waiting > 0) {
            lock.lock();
            try {
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Lets nobody wait any more. */
    void close() {
        closed = true;
        signalRoom();
    }
}
