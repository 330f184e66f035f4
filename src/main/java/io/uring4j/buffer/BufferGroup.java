package io.uring4j.buffer;

import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.util.function.Consumer;

/**
 * A group of provided buffers: the kernel picks one when data has come, so that idle connections hold
 * no memory. Entries name the group by {@link io.uring4j.Sqe#selectBuffer} or by their multishot
 * methods; a completion with {@link io.uring4j.Cqe#BUFFER} tells which buffer it was, and
 * {@link #take} turns it into a lease.
 *
 * <p>The buffers come from a {@link BufferCache}, whose thread is also the group's. A lease that is
 * released, on whatever thread, goes to the cache; {@link #replenish} gives the kernel as many as it
 * lacks. When the cache has no more, receives end with ENOBUFS: that is flow control, and they are
 * armed again when buffers have come back.
 */
public sealed interface BufferGroup extends AutoCloseable permits BufferRing, ProvidedBuffers {
    /** The largest id of a group. */
    int MAX_ID = 65535;

    /**
     * Opens the best kind of group that the kernel has: a {@link BufferRing} (from Linux 5.19), else
     * {@link ProvidedBuffers}.
     *
     * @param ring the ring
     * @param id the group's id, 0 to 65535
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @return the group
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if the ring has a group of this id
     */
    static BufferGroup open(Ring ring, int id, BufferCache cache, int capacity) throws UringException {
        return ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING)
                ? BufferRing.open(ring, id, cache, capacity)
                : ProvidedBuffers.open(ring, id, cache, capacity);
    }

    /**
     * Opens the best kind of group that the kernel has, under the lowest id that is free.
     *
     * @param ring the ring
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @return the group
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if all ids of the ring are in use
     */
    static BufferGroup open(Ring ring, BufferCache cache, int capacity) throws UringException {
        return ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING)
                ? BufferRing.open(ring, cache, capacity)
                : ProvidedBuffers.open(ring, cache, capacity);
    }

    /** {@return the group's id} */
    int id();

    /** {@return how many buffers the kernel holds at most} */
    int capacity();

    /** {@return the size of a buffer in bytes} */
    int bufferSize();

    /**
     * The buffer of a completion.
     *
     * @param result the completion's result: how many bytes were received
     * @param flags the completion's flags
     * @return a lease of the bytes; the caller releases it
     * @throws IllegalArgumentException if the flags carry no buffer, or one that isn't the kernel's, or if there
     *     are more bytes than fit into it, as from a bundle
     * @throws IllegalStateException if the cache belongs to another thread
     */
    BufferLease take(int result, int flags);

    /**
     * Shows the bytes of a completion to a visitor, and takes the buffer back when that returns or throws. For who is done
     * with the bytes by then this is the quickest way: there is no lease, and a buffer ring gives the same buffer to
     * the kernel again, at once or in batches ({@link BufferRing#replenishEvery}); one of the older kind waits for
     * {@link #replenish}.
     *
     * @param result the completion's result: how many bytes were received
     * @param flags the completion's flags
     * @param visitor gets the bytes, and may throw what it likes
     * @throws IllegalArgumentException as {@link #take}
     * @throws IllegalStateException if the cache belongs to another thread
     */
    void visit(int result, int flags, BufferVisitor visitor);

    /**
     * The buffers of a completion of a {@linkplain io.uring4j.Sqe#bundle bundle}, in the order of the bytes. The
     * completions of a group in which there are bundles are to be taken or visited in the order in which they came: the
     * buffers behind a bundle's first one are known by where they stand, where otherwise others may stand by then.
     *
     * @param result the completion's result: how many bytes were received in all
     * @param flags the completion's flags
     * @param taker gets a lease for each buffer, and releases it
     * @return how many buffers there were
     * @throws IllegalArgumentException if the flags carry no buffer, or one that isn't the kernel's
     * @throws IllegalStateException if the cache belongs to another thread
     */
    int takeBundle(int result, int flags, Consumer<? super BufferLease> taker);

    /**
     * Gives the kernel as many buffers as it lacks and the cache has. A buffer ring needs no system
     * call for it; provided buffers of the older kind prepare entries, which the next submission passes on.
     *
     * @return how many were given
     * @throws UringException if memory for more buffers is refused
     * @throws IllegalStateException if the group is closed, or the cache belongs to another thread
     */
    int replenish() throws UringException;

    /** Counts a request that ended with ENOBUFS. */
    void noteExhausted();

    /** {@return what the group has done and holds} */
    BufferGroupStats stats();

    /** {@return how many buffers were given to the kernel so far, the first ones included} */
    long replenished();

    /**
     * Ends the group: the kernel picks none of its buffers any more. Those that it holds go back to the cache
     * when no request can use them, as the kinds of group say; at the latest when this is called again after the
     * ring was closed, which {@link BufferCache#close} does.
     *
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if the cache belongs to another thread
     */
    @Override
    void close() throws UringException;
}
