package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Modifier;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The preferred kind of {@link BufferGroup}: a ring of buffers that is shared with the kernel, so that
 * giving buffers back costs a store each and one more per batch. From Linux 5.19.
 *
 * <p>With {@link BufferQueue.Option#INCREMENTAL} the kernel fills a large buffer piece by piece; each
 * piece is a lease of its own, and the buffer goes back when the kernel is done with it and all its
 * pieces are released.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_buf_ring.3.html">io_uring_register_buf_ring(3)</a>
 */
public final class BufferRing implements BufferGroup {
    private final Ring ring;
    private final BufferCache cache;
    private final Buffers buffers;
    private final BufferQueue queue;
    private final int key;
    private final boolean incremental;
    private final int bufferSize;
    private final int capacity;
    private final Thread owner;

    /** The ids of the buffers by their places in the ring, which is gone when a program looks after the ring's end. */
    private final int[] order;

    /**
     * Whether a bundle's last buffer stays with the kernel when it isn't full, whatever the completion says: before 7.1,
     * for which timeouts in entries stand, kernels forget to say so when they append to a bundle.
     */
    private final boolean keepsUnfilled;

    /** How many the kernel has, counting those that a visitor looks at, which go back to it. */
    private int held;

    private int batch = 1;

    /** How many of those held the kernel hasn't been shown, since they make no batch yet. */
    private int unpublished;

    private boolean closed;
    private boolean reclaimed;
    private long taken;
    private long replenished;
    private long publications;
    private long exhausted;

    /** With a buffer ring that is empty yet. */
    BufferRing(Ring ring, BufferCache cache, BufferQueue queue, boolean incremental) {
        this.ring = ring;
        this.cache = cache;
        this.buffers = cache.buffers();
        this.queue = queue;
        this.key = cache.serve(this);
        this.bufferSize = cache.bufferSize();
        this.capacity = queue.capacity();
        this.owner = cache.owner();
        this.order = new int[capacity];
        Arrays.fill(order, Buffers.NONE);
        this.incremental = incremental;
        this.keepsUnfilled = incremental && !ring.capabilities().has(Modifier.TIMEOUT_IN_ENTRY);
    }

    /**
     * Opens a group and fills it, as far as the cache goes.
     *
     * @param ring the ring
     * @param id the group's id, 0 to 65535, or to 2047 with {@link BufferQueue.Option#KERNEL_MEMORY}
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @param options how it works
     * @return the group
     * @throws UringException with EEXIST if a {@link BufferQueue} has the id, EINVAL if the kernel lacks an
     *     option, ENOMEM if memory for the buffers or the ring's entries is refused
     * @throws IllegalArgumentException if id or capacity are out of range
     * @throws IllegalStateException if the ring has a group of this id, or the cache is closed or belongs to
     *     another thread
     * @throws UnsupportedOperationException if the kernel lacks buffer rings
     */
    public static BufferRing open(
            Ring ring, int id, BufferCache cache, int capacity, BufferQueue.Option... options) throws UringException {
        cache.requireOwner();
        GroupIds.take(ring, id);
        BufferRing group;
        try {
            BufferQueue queue = BufferQueue.register(ring, id, capacity, options);
            group = new BufferRing(ring, cache, queue, List.of(options).contains(BufferQueue.Option.INCREMENTAL));
        } catch (UringException | RuntimeException e) {
            GroupIds.free(ring, id);
            throw e;
        }
        try {
            group.replenish();
        } catch (UringException | RuntimeException e) {
            // What it has got so far was never shown to a request.
            group.closeUnused();
            throw e;
        }
        return group;
    }

    /**
     * Opens a group under the lowest id that is free, and fills it, as far as the cache goes.
     *
     * @param ring the ring
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @param options how it works
     * @return the group
     * @throws UringException with EINVAL if the kernel lacks an option, ENOMEM if memory for the buffers or the ring's
     *     entries is refused
     * @throws IllegalArgumentException if the capacity is out of range
     * @throws IllegalStateException if all ids of the ring are in use that such a group can have, or the cache is closed
     *     or belongs to another thread
     * @throws UnsupportedOperationException if the kernel lacks buffer rings
     */
    public static BufferRing open(Ring ring, BufferCache cache, int capacity, BufferQueue.Option... options)
            throws UringException {
        int last = BufferQueue.maxGroup(List.of(options));
        return GroupIds.openUnderFree(ring, last, id -> open(ring, id, cache, capacity, options));
    }

    /**
     * Sets how many buffers the kernel must lack before {@link #take} replenishes by itself, and {@link #visit} shows it
     * those that it has again; 1 unless set.
     *
     * @param count from 1 to the capacity
     * @return this group
     */
    public BufferRing replenishEvery(int count) {
        if (count < 1 || count > capacity) {
            throw new IllegalArgumentException("replenishing every " + count + " buffers, not in 1.." + capacity);
        }
        batch = count;
        return this;
    }

    @Override
    public int id() {
        return queue.group();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int bufferSize() {
        return bufferSize;
    }

    @Override
    public BufferLease take(int result, int flags) {
        requireOwner();
        int buffer = held(Cqe.bufferId(flags));
        int bytes = bytesIn(buffer, result);
        int start = consume(buffer, bytes, (flags & Cqe.BUFFER_MORE) != 0);
        BufferLease lease = lend(buffer, start, bytes);
        replenishIfDue();
        return lease;
    }

    @Override
    public void visit(int result, int flags, BufferVisitor visitor) {
        requireOwner();
        int buffer = held(Cqe.bufferId(flags));
        int bytes = bytesIn(buffer, result);
        if (incremental) {
            visitPiece(buffer, bytes, (flags & Cqe.BUFFER_MORE) != 0, visitor);
            return;
        }
        taken++;
        buffers.takeBack(buffer);
        try {
            visitor.visit(buffers.memory(buffer), 0, bytes);
        } finally {
            if (closed) {
                cache.putBack(buffer);
            } else {
                stand(buffer);
                publishIfDue();
            }
        }
    }

    private BufferLease lend(int buffer, int start, int bytes) {
        return incremental ? cache.lendShared(buffer, start, bytes) : cache.lend(buffer, start, bytes);
    }

    private void visitPiece(int buffer, int bytes, boolean kernelGoesOn, BufferVisitor visitor) {
        int start = consume(buffer, bytes, kernelGoesOn);
        buffers.leaseTaken(buffer);
        try {
            visitor.visit(buffers.memory(buffer), start, bytes);
        } finally {
            buffers.leaseReturned(buffer);
            if (buffers.isIdle(buffer)) {
                if (closed || held == capacity) {
                    cache.putBack(buffer);
                } else {
                    add(buffer);
                    publishIfDue();
                }
            }
        }
    }

    private void requireOwner() {
        if (Thread.currentThread() != owner) {
            cache.requireOwner();
        }
    }

    /** After a buffer was added that had just come from the kernel, without a detour through the cache. */
    private void publishIfDue() {
        if (++unpublished >= batch) {
            publish(0);
        }
    }

    private int bytesIn(int buffer, int result) {
        int bytes = Math.max(0, result);
        if (bytes > room(buffer)) {
            throw new IllegalArgumentException(bytes + " bytes fill more than a buffer: this is a bundle");
        }
        return bytes;
    }

    /**
     * {@inheritDoc}
     *
     * <p>If the taker throws, the buffers behind are released, with the bytes in them, and the exception goes to the
     * caller.
     *
     * <p>Before Linux 7.1 don't make entries for bundles {@code async()} if the ring is incremental, nor give them a limit
     * that isn't 0: there the kernel may be done with a buffer that isn't full, which looks as if it weren't. The group is
     * short of that buffer then, until it is closed.
     */
    @Override
    public int takeBundle(int result, int flags, Consumer<? super BufferLease> taker) {
        requireOwner();
        Consumer<? super BufferLease> next = taker;
        Throwable failure = null;
        int buffer = held(Cqe.bufferId(flags));
        int left = Math.max(0, result);
        int count = 0;
        while (true) {
            // Looked up first: once the taker has released this buffer, it may stand elsewhere in the ring.
            int place = buffers.place(buffer);
            int bytes = Math.min(left, roomInBundle(buffer, place));
            boolean last = bytes == left;
            boolean kernelGoesOn = (flags & Cqe.BUFFER_MORE) != 0 || keepsUnfilled && bytes < room(buffer);
            int start = consume(buffer, bytes, last && kernelGoesOn);
            BufferLease lease = lend(buffer, start, bytes);
            count++;
            try {
                next.accept(lease);
            } catch (RuntimeException | Error e) {
                failure = e;
                next = BufferLease::release;
            }
            if (last) {
                break;
            }
            left -= bytes;
            // The kernel consumes in the order of the ring, whatever the ids.
            buffer = held(order[place + 1 & capacity - 1]);
        }
        replenishIfDue();
        switch (failure) {
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> {
                return count;
            }
        }
    }

    /** How many bytes the kernel can still put into a buffer. */
    private int room(int buffer) {
        return incremental ? bufferSize - buffers.filled(buffer) : bufferSize;
    }

    /**
     * The same, of a buffer that may be part of a bundle. From 6.10 on kernels shorten the last entry of a bundle that
     * may not fill it, and some leave it so, also when nothing was there to receive and another request gets the entry.
     */
    private int roomInBundle(int buffer, int place) {
        // When a later completion was taken before this one, another buffer may stand there.
        if (incremental || order[place] != buffer) {
            return room(buffer);
        }
        int length = queue.lengthAt(place);
        // Zero where another thread is closing the ring just now.
        return length > 0 && length < bufferSize ? length : bufferSize;
    }

    private int held(int buffer) {
        if (!buffers.isWith(buffer, key)) {
            throw new IllegalArgumentException("group " + id() + " has not given buffer " + buffer + " to the kernel");
        }
        return buffer;
    }

    /** Notes that bytes have come; returns where they start. */
    private int consume(int buffer, int bytes, boolean kernelGoesOn) {
        taken++;
        int start = incremental ? buffers.filled(buffer) : 0;
        if (kernelGoesOn) {
            buffers.addFilled(buffer, bytes);
        } else {
            buffers.takeBack(buffer);
            held--;
        }
        return start;
    }

    private void replenishIfDue() {
        if (capacity - held >= batch && !closed) {
            try {
                refill();
            } catch (UringException e) {
                // No memory for another slab now: the group goes on with what it has, and asks again.
            }
        }
    }

    @Override
    public int replenish() throws UringException {
        cache.requireOwner();
        if (closed) {
            throw new IllegalStateException("buffer group is closed");
        }
        return refill();
    }

    private int refill() throws UringException {
        int had = held;
        // What lies ready first, which is nearly always enough: without an exception in sight this stays small.
        while (held < capacity && cache.hasReady()) {
            add(cache.drawReady());
        }
        if (held < capacity) {
            try {
                refillFromFar();
            } catch (UringException | RuntimeException e) {
                publish(held - had);
                throw e;
            }
        }
        return publish(held - had);
    }

    private void refillFromFar() throws UringException {
        while (held < capacity) {
            int buffer = cache.draw();
            if (buffer == Buffers.NONE) {
                return;
            }
            add(buffer);
        }
    }

    /** Shows the kernel so many that were just added, and those that were added again before. */
    private int publish(int given) {
        int all = given + unpublished;
        if (all > 0) {
            queue.publish();
            publications++;
            replenished += all;
            unpublished = 0;
        }
        return all;
    }

    private void add(int buffer) {
        buffers.setEmpty(buffer);
        stand(buffer);
        held++;
    }

    /** Puts a buffer into the ring. */
    private void stand(int buffer) {
        int[] ids = order;
        int place = queue.nextPlace() & ids.length - 1;
        if (ids[place] == buffer && !incremental) {
            // As in a ring that is full but for those that come back in order: only the length may have changed,
            // which kernels shorten when a bundle is to end within a buffer.
            queue.addAgain(bufferSize);
        } else {
            queue.add(buffer, buffers.address(buffer), bufferSize);
            ids[place] = buffer;
        }
        buffers.giveTo(buffer, key, place);
    }

    /**
     * How many buffers the kernel can still take, by its own count: it is asked, while {@link #stats} tells what the
     * completions that were shown to this group say. Enters the kernel. From Linux 6.8.
     *
     * @return the number of buffers
     * @throws UringException with ENOENT if the ring has no such group any more, as when it was unregistered by hand
     * @throws IllegalStateException if the group or the ring is closed
     * @throws UnsupportedOperationException if the kernel can't tell
     */
    public int available() throws UringException {
        return queue.available();
    }

    @Override
    public void noteExhausted() {
        exhausted++;
    }

    @Override
    public long replenished() {
        return replenished;
    }

    @Override
    public BufferGroupStats stats() {
        return new BufferGroupStats(buffers.countWith(key) - unpublished, taken, replenished, publications, exhausted);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Enters the kernel, which forgets the group. Which buffers requests have picked before can't be asked, so
     * all go back to the cache when this is called again after the ring was closed. See {@link #closeUnused}.
     */
    @Override
    public void close() throws UringException {
        cache.requireOwnerToClose();
        if (!closed) {
            queue.close();
            closed = true;
        }
        if (ring.isClosed()) {
            reclaim();
        }
    }

    /**
     * Ends the group while the ring lives on, and gives its buffers back to the cache at once. Only for a program that
     * knows that none of its requests can have picked a buffer: all that name this group have ended, and all their
     * completions were shown to {@link #take}. Otherwise the kernel might write to a buffer that somebody else has.
     *
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if the cache belongs to another thread
     */
    public void closeUnused() throws UringException {
        close();
        if (!reclaimed) {
            queue.endedWith(buffers.countWith(key) - unpublished);
        }
        reclaim();
    }

    private void reclaim() {
        if (!reclaimed) {
            reclaimed = true;
            held = 0;
            unpublished = 0;
            cache.reclaimAll(this, key);
            GroupIds.free(ring, queue.group());
        }
    }
}
