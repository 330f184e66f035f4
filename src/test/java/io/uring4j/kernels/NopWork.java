package io.uring4j.kernels;

import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.UringException;

/** NOPs through the raw ring: as the benchmark {@code nop} does it. */
final class NopWork implements GuestBenchmarks.Work {
    static final int ENTRIES = 128;
    private static final int BATCH = 32;

    private final Ring ring;
    private long sum;

    NopWork(RingConfig config) throws UringException {
        ring = Ring.open(config);
    }

    @Override
    public int batch() throws UringException {
        for (int i = 0; i < BATCH; i++) {
            ring.submissions().next().nop().userData(i);
        }
        ring.submitAndWait(BATCH);
        int count = ring.completions().drain((userData, result, flags) -> sum += userData);
        if (count != BATCH) {
            throw new IllegalStateException(count + " completions of " + BATCH);
        }
        return BATCH;
    }

    @Override
    public void close() throws UringException {
        ring.close();
    }
}
