package io.uring4j.bench.nop;

import io.uring4j.CompletionHandler;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.SubmissionQueue;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * NOPs in batches through the raw ring: prepare all, by one object that stands for each in turn, submit and wait for all,
 * read all. The twin of nop.c.
 */
@State(Scope.Thread)
public class NopBenchmark {
    /** The size of the submission queue. */
    public static final int ENTRIES = 128;

    /** How many NOPs go to the kernel together. */
    public static final int BATCH = 32;

    private final CompletionHandler handler = this::completed;
    private Ring ring;
    private long sum;

    /** Opens the ring on the thread that will own it. */
    @Setup
    public void open() throws IOException {
        ring = Ring.open(RingConfig.best(ENTRIES));
    }

    @TearDown
    public void close() throws IOException {
        ring.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long batch() throws IOException {
        SubmissionQueue submissions = ring.submissions();
        for (int i = 0; i < BATCH; i++) {
            submissions.nextFlyweight().nop().userData(i);
        }
        ring.submitAndWait(BATCH);
        int count = ring.completions().drain(handler);
        if (count != BATCH) {
            throw new IllegalStateException(count + " completions of " + BATCH);
        }
        return sum;
    }

    private void completed(long userData, int result, int flags) {
        if (result < 0) {
            throw new IllegalStateException("NOP ended with " + result);
        }
        sum += userData;
    }
}
