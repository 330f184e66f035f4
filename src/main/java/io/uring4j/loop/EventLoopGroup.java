package io.uring4j.loop;

import io.uring4j.UringException;
import io.uring4j.sys.CpuAffinity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several loops, as a rule one for each core, among which a program spreads its connections or files: each belongs to one
 * loop and stays there.
 */
public final class EventLoopGroup implements AutoCloseable {
    private final List<EventLoop> loops;
    private final AtomicInteger next = new AtomicInteger();

    private EventLoopGroup(List<EventLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /**
     * Starts loops.
     *
     * @param config how to set each up; their names get a number behind
     * @param count how many, from 1
     * @return the group
     * @throws UringException if the kernel refuses a ring; those started before are ended then
     */
    public static EventLoopGroup start(LoopConfig config, int count) throws UringException {
        if (count < 1) {
            throw new IllegalArgumentException("a group of " + count + " loops");
        }
        List<LoopConfig> configs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            configs.add(config.name(config.name() + "-" + i));
        }
        return start(configs);
    }

    /**
     * Starts one loop for each CPU that the current thread may run on, and pins it there.
     *
     * @param config how to set each up; their names get the CPU's number behind
     * @return the group
     * @throws UringException if the kernel refuses a ring; those started before are ended then
     * @see <a href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</a>
     */
    public static EventLoopGroup startPinned(LoopConfig config) throws UringException {
        BitSet cpus = CpuAffinity.allowed();
        if (cpus.isEmpty()) {
            return start(config, Runtime.getRuntime().availableProcessors());
        }
        return start(cpus.stream()
                .mapToObj(cpu -> config.cpu(cpu).name(config.name() + "-" + cpu))
                .toList());
    }

    private static EventLoopGroup start(List<LoopConfig> configs) throws UringException {
        List<EventLoop> started = new ArrayList<>();
        try {
            for (LoopConfig config : configs) {
                started.add(EventLoop.start(config));
            }
            return new EventLoopGroup(started);
        } catch (UringException | RuntimeException e) {
            started.forEach(EventLoop::close);
            throw e;
        }
    }

    /** {@return the loops} */
    public List<EventLoop> loops() {
        return loops;
    }

    /** {@return the loops in turn: each call another one} */
    public EventLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /**
     * Ends all loops at once, as {@link EventLoop#shutdown}.
     *
     * @param grace how long operations get to finish by themselves, not negative
     * @return how it went, in the order of the loops; completed when all have ended
     */
    public CompletableFuture<List<LoopOutcome>> shutdown(Duration grace) {
        List<CompletableFuture<LoopOutcome>> outcomes =
                loops.stream().map(loop -> loop.shutdown(grace)).toList();
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
                .thenApply(none -> outcomes.stream().map(CompletableFuture::join).toList());
    }

    /** Ends all loops without grace, as {@link #shutdown}, and waits for that; on a loop's thread it doesn't wait. */
    @Override
    public void close() {
        CompletableFuture<List<LoopOutcome>> outcomes = shutdown(Duration.ZERO);
        if (EventLoop.current() == null) {
            outcomes.join();
        }
    }
}
