package io.uring4j;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the current thread allocates on the Java heap. */
public final class AllocatedBytes {
    private static final int ROUNDS = 50;
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is measured. */
    public interface Action {
        void run() throws Exception;
    }

    private AllocatedBytes() {}

    /**
     * What an action allocates once it is warm: it is repeated until it allocates nothing, or patience ends. What only
     * the interpreter allocates doesn't count, so one round of nothing is proof.
     */
    public static long ofWarm(Action action) throws Exception {
        long cost = of(() -> {});
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && allocated != 0; round++) {
            allocated = of(action) - cost;
        }
        return allocated;
    }

    /** What an action allocates this time. */
    public static long ofFirst(Action action) throws Exception {
        return of(action) - of(() -> {});
    }

    private static long of(Action action) throws Exception {
        long before = soFar();
        action.run();
        return soFar() - before;
    }

    /** What the current thread has allocated since it began, as near as the JVM tells; to ask allocates a little itself. */
    public static long soFar() {
        return BEAN.getCurrentThreadAllocatedBytes();
    }
}
