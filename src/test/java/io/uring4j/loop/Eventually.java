package io.uring4j.loop;

import java.util.concurrent.Callable;

/** Waits for what another thread or the kernel brings about, and fails when it doesn't come. */
final class Eventually {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private Eventually() {}

    static void holds(Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError("waited in vain");
            }
            Thread.sleep(1);
        }
    }
}
