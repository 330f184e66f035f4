package io.uring4j.bench.loop;

import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LoopConfig;
import io.uring4j.loop.ResultHandler;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * NOPs through an event loop by callbacks: each completion starts the next NOP, so that as many are in flight as nop.c has
 * in a batch. They run on the loop's thread, while the benchmark's waits.
 */
@State(Scope.Thread)
public class LoopNopBenchmark {
    /** The size of the submission queue. */
    public static final int ENTRIES = 128;

    /** How many NOPs are in flight. */
    public static final int IN_FLIGHT = 32;

    /** So many that handing the work over to the loop, which wakes two threads, costs nothing beside them: a tenth of a second. */
    private static final int OPERATIONS = 1 << 20;

    /** Whether the loop uses the objects of its operations again. */
    @Param("true")
    public boolean cached;

    private final ResultHandler<LoopNopBenchmark> handler = (result, flags, benchmark) -> benchmark.completed(result);
    private final Runnable work = this::start;
    private EventLoop loop;
    private Thread waiter;

    /** How many haven't ended; on the loop's thread only. */
    private int left;

    private volatile boolean done;
    private volatile int failure;

    @Setup
    public void open() throws IOException {
        // Completions as many as the ring in C has: a loop's own default is more.
        LoopConfig config = LoopConfig.standard().submissionEntries(ENTRIES).completionEntries(2 * ENTRIES);
        loop = EventLoop.start(cached ? config : config.withoutRequestCache());
    }

    @TearDown
    public void close() {
        loop.close();
    }

    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int operations() {
        waiter = Thread.currentThread();
        done = false;
        loop.execute(work);
        while (!done) {
            LockSupport.park(this);
        }
        if (failure < 0) {
            throw new IllegalStateException("NOP ended with " + failure);
        }
        return left;
    }

    private void start() {
        left = OPERATIONS;
        for (int i = 0; i < IN_FLIGHT; i++) {
            next();
        }
    }

    private void next() {
        loop.nop().start(handler, this);
    }

    private void completed(int result) {
        if (result < 0) {
            failure = result;
        }
        left--;
        if (left >= IN_FLIGHT) {
            next();
        } else if (left == 0) {
            done = true;
            LockSupport.unpark(waiter);
        }
    }
}
