package io.uring4j;

import java.util.concurrent.Callable;

/** Waits for what only the kernel decides, and fails when it doesn't come. */
final class Waiting {
    private Waiting() {}

    static void until(String what, Callable<Boolean> condition) {
        long start = System.nanoTime();
        try {
            while (!condition.call()) {
                if (System.nanoTime() - start > Completion.PATIENCE_NANOS) {
                    throw new AssertionError("waited in vain until " + what);
                }
                Thread.sleep(1);
            }
        } catch (Exception e) {
            throw new AssertionError("while waiting until " + what, e);
        }
    }
}
