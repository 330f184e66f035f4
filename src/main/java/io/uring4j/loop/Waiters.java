package io.uring4j.loop;

import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The virtual threads whose operations have ended in a turn of the loop: they are woken together when it is over. To wake
 * one from outside of their scheduler takes a system call if a carrier sleeps, and the kernel likes to run the carrier at
 * once in the loop's place: that one thread, for nobody else is awake yet. So one more virtual thread wakes all of them from
 * within, and the loop makes that call once a turn.
 *
 * <p>On the loop's thread, but for {@link #wake} when nothing is gathered any more.
 */
final class Waiters {
    /** So many are woken without waiting for the end of the turn. */
    static final int MOST = 256;

    private static final ThreadFactory WAKERS = Thread.ofVirtual()
            .name("uring4j-waker")
            .inheritInheritableThreadLocals(false)
            .factory();

    private final @Nullable Thread[] gathered = new @Nullable Thread[MOST];
    private int count;
    private boolean gathers;

    /** From now on somebody calls {@link #wakeAll} when each turn is over. */
    void gather() {
        gathers = true;
    }

    /** Wakes a thread, soon if it is a virtual one and the loop takes its turns, else at once. */
    void wake(Thread waiter) {
        if (!gathers || !waiter.isVirtual()) {
            LockSupport.unpark(waiter);
            return;
        }
        if (count == MOST) {
            wakeAll();
        }
        gathered[count++] = waiter;
    }

    /** Wakes those that were gathered. */
    void wakeAll() {
        if (count <= 1) {
            wakeEach();
            return;
        }
        try {
            Thread[] threads = Arrays.copyOf(gathered, count);
            WAKERS.newThread(() -> wakeEach(threads)).start();
            forget();
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // That needs no memory.
            wakeEach();
        }
    }

    private void wakeEach() {
        for (int i = 0; i < count; i++) {
            LockSupport.unpark(gathered[i]);
        }
        forget();
    }

    private static void wakeEach(Thread[] threads) {
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }

    /** Wakes those that were gathered, and the others at once from now on. */
    void stop() {
        gathers = false;
        wakeEach();
    }

    private void forget() {
        Arrays.fill(gathered, 0, count, null);
        count = 0;
    }
}
