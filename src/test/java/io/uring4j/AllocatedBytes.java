package io.uring4j;

import java.lang.reflect.Method;

/**
 * What the current thread allocates on the Java heap, told by com.sun.management.ThreadMXBean. By reflection, since the
 * library's module, which tests are part of, doesn't read that one.
 */
public final class AllocatedBytes {
    private static final int ROUNDS = 50;
    private static final Object BEAN;
    private static final Method ALLOCATED;

    static {
        try {
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            ALLOCATED = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

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
        long before = read();
        action.run();
        return read() - before;
    }

    /** What the current thread has allocated since it began, as near as the JVM tells; to ask allocates a little itself. */
    public static long soFar() throws ReflectiveOperationException {
        return read();
    }

    private static long read() throws ReflectiveOperationException {
        return (long) ALLOCATED.invoke(BEAN);
    }
}
