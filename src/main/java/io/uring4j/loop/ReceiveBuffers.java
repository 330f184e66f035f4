package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferGroup;
import io.uring4j.buffer.BufferGroupStats;
import io.uring4j.buffer.BufferLease;
import io.uring4j.buffer.ProvidedBuffers;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of a loop that the kernel picks when data has come, so that idle connections hold no memory: a cache, and a
 * group of provided buffers that is filled from it. {@link Receiver}s and {@link DatagramReceiver}s share
 * them. Buffers that are released, on whatever
 * thread, go back to the kernel when the loop's turn is over; receivers that had paused for want of them go on then.
 *
 * <p>They are freed when the loop ends, provided that all leases were released.
 */
public final class ReceiveBuffers {
    private final EventLoop loop;
    private final BufferCache cache;
    private final BufferGroup group;
    private final ArrayDeque<Reception> paused = new ArrayDeque<>();

    /** How many buffers the kernel has used up. */
    private long taken;

    private ReceiveBuffers(EventLoop loop, BufferCache cache, BufferGroup group) {
        this.loop = loop;
        this.cache = cache;
        this.group = group;
        cache.onRelease(loop.buffers()::wake);
    }

    /**
     * Opens buffers for a loop, on its own thread, or on one that isn't a loop's and waits.
     *
     * @param loop the loop
     * @param settings sizes and limits of the cache: its maximum bounds what the kernel and all leases hold together
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @return the buffers
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException on the thread of another loop: two could wait for each other
     * @throws java.util.concurrent.RejectedExecutionException as {@link EventLoop#execute}
     */
    public static ReceiveBuffers open(EventLoop loop, BufferCache.Settings settings, int capacity) throws UringException {
        if (EventLoop.current() != null && !loop.isInLoop()) {
            throw new IllegalStateException("a loop's thread can't wait for another loop: open its buffers on its own thread");
        }
        try {
            return loop.withRing(ring -> openHere(loop, ring, settings, capacity)).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case UringException refusal -> throw refusal;
                case RuntimeException refusal -> throw refusal;
                case null, default -> throw e;
            }
        }
    }

    private static ReceiveBuffers openHere(EventLoop loop, Ring ring, BufferCache.Settings settings, int capacity)
            throws UringException {
        BufferCache cache = new BufferCache(settings);
        try {
            BufferGroup group = loop.uses(LoopFeature.BUFFER_RING)
                    ? BufferGroup.open(ring, cache, capacity)
                    : ProvidedBuffers.open(ring, cache, capacity);
            ReceiveBuffers buffers = new ReceiveBuffers(loop, cache, group);
            loop.buffers().serve(buffers);
            return buffers;
        } catch (UringException | RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** {@return the cache, to acquire buffers from; the loop's thread's alone} */
    public BufferCache cache() {
        return cache;
    }

    /** {@return the group's counters; of use on the loop's thread} */
    public BufferGroupStats stats() {
        return group.stats();
    }

    /** {@return the size of a buffer in bytes} */
    public int bufferSize() {
        return group.bufferSize();
    }

    BufferGroup group() {
        return group;
    }

    EventLoop loop() {
        return loop;
    }

    /** The buffer of a completion; null when the kernel has used none. */
    @Nullable BufferLease take(int result, int flags) {
        if (!Cqe.hasBuffer(flags)) {
            return null;
        }
        BufferLease lease = group.take(result, flags);
        if ((flags & Cqe.BUFFER_MORE) == 0) {
            taken++;
        }
        return lease;
    }

    /** The buffers of a completion of a bundle, for a taker that doesn't throw: the count of what is used up would be lost. */
    void takeBundle(int result, int flags, Consumer<? super BufferLease> taker) {
        taken += group.takeBundle(result, flags, taker);
    }

    boolean onCompletion(long userData, int result) {
        return group instanceof ProvidedBuffers legacy && legacy.onCompletion(userData, result);
    }

    /** A receiver waits for buffers. */
    void waitFor(Reception receiver) {
        group.noteExhausted();
        paused.addLast(receiver);
    }

    private boolean isKernelShort() {
        return group.replenished() - taken < group.capacity();
    }

    /** The end of each turn of the loop: gives the kernel what came back, and lets receivers go on. */
    void replenish() throws UringException {
        long got = isKernelShort() ? group.replenish() : 0;
        // Not more than there are buffers: the rest would only run out again.
        while (!paused.isEmpty() && (got-- > 0 || !isEmpty())) {
            paused.removeFirst().buffersCame();
        }
    }

    /** Whether the kernel has none. */
    private boolean isEmpty() {
        return group.replenished() == taken;
    }

    void close() {
        cache.close();
    }
}
