package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    private final BufferQueue queue;
    private final int[] idAt;
    private final @Nullable Pieces pieces;
    private int tail;
    private int held;
    private int batch = 1;
    private boolean closed;
    private boolean reclaimed;
    private long taken;
    private long replenished;
    private long publications;
    private long exhausted;

    /** Leases of parts of buffers, recycled as the buffers are. */
    private static final class Pieces extends Recycler<BufferLease> {
        Pieces(Thread owner) {
            super(owner);
        }

        @Override
        void onReturn(BufferLease piece) {
            BufferLease buffer = piece.endPiece();
            if (buffer != null) {
                buffer.release();
            }
        }
    }

    private BufferRing(Ring ring, BufferCache cache, BufferQueue queue, boolean incremental) {
        this.ring = ring;
        this.cache = cache;
        this.queue = queue;
        this.idAt = new int[queue.capacity()];
        this.pieces = incremental ? new Pieces(cache.owner()) : null;
    }

    /**
     * Opens a group and fills it, as far as the cache goes.
     *
     * @param ring the ring
     * @param id the group's id, 0 to 65535
     * @param cache where the buffers come from
     * @param capacity how many buffers the kernel holds at most, a power of two from 1 to 32768
     * @param options how it works
     * @return the group
     * @throws UringException with EEXIST if the ring has such a group, EINVAL if the kernel lacks an option
     * @throws IllegalArgumentException if id or capacity are out of range
     * @throws UnsupportedOperationException if the kernel lacks buffer rings
     */
    public static BufferRing open(
            Ring ring, int id, BufferCache cache, int capacity, BufferQueue.Option... options) throws UringException {
        BufferQueue queue = BufferQueue.register(ring, id, capacity, options);
        boolean incremental = List.of(options).contains(BufferQueue.Option.INCREMENTAL);
        BufferRing group = new BufferRing(ring, cache, queue, incremental);
        cache.serve(group);
        group.replenish();
        return group;
    }

    /**
     * Sets how many buffers the kernel must lack before {@link #take} replenishes by itself; 1 unless set.
     *
     * @param count from 1 to the capacity
     * @return this group
     */
    public BufferRing replenishEvery(int count) {
        if (count < 1 || count > capacity()) {
            throw new IllegalArgumentException("replenishing every " + count + " buffers, not in 1.." + capacity());
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
        return queue.capacity();
    }

    @Override
    public int bufferSize() {
        return cache.bufferSize();
    }

    @Override
    public BufferLease take(int result, int flags) {
        BufferLease buffer = named(flags);
        BufferLease lease = consume(buffer, Math.max(0, result), (flags & Cqe.BUFFER_MORE) != 0);
        replenishIfDue();
        return lease;
    }

    @Override
    public int takeBundle(int result, int flags, Consumer<? super BufferLease> taker) {
        BufferLease buffer = named(flags);
        int count = 0;
        int left = result;
        int position = buffer.position();
        while (true) {
            int room = cache.bufferSize() - buffer.filled();
            int bytes = Math.min(room, Math.max(0, left));
            left -= bytes;
            boolean last = left <= 0;
            taker.accept(consume(buffer, bytes, last && (flags & Cqe.BUFFER_MORE) != 0));
            count++;
            if (last) {
                break;
            }
            // The kernel consumes in the order of the ring, whatever the ids.
            position++;
            buffer = held(idAt[position & idAt.length - 1]);
        }
        replenishIfDue();
        return count;
    }

    private BufferLease named(int flags) {
        return held(Cqe.bufferId(flags));
    }

    private BufferLease held(int id) {
        BufferLease buffer = cache.buffer(id);
        if (buffer.holder() != this) {
            throw new IllegalArgumentException("group " + id() + " has not given buffer " + id + " to the kernel");
        }
        return buffer;
    }

    private BufferLease consume(BufferLease buffer, int bytes, boolean kernelGoesOn) {
        taken++;
        int start = buffer.filled();
        if (!kernelGoesOn) {
            cache.takeFromKernel(buffer);
            held--;
        }
        if (pieces == null) {
            return buffer.fill(0, bytes);
        }
        if (kernelGoesOn) {
            buffer.addFilled(bytes);
        }
        BufferLease piece = pieces.take();
        if (piece == null) {
            piece = new BufferLease(pieces, 0, buffer.memory());
        }
        return piece.fillPiece(buffer, start, bytes);
    }

    private void replenishIfDue() {
        if (capacity() - held >= batch && !closed) {
            try {
                replenish();
            } catch (UringException e) {
                // No memory for another slab now: the group goes on with what it has, and asks again.
                exhausted++;
            }
        }
    }

    @Override
    public int replenish() throws UringException {
        if (closed) {
            throw new IllegalStateException("buffer group is closed");
        }
        int given = 0;
        try {
            while (held < capacity()) {
                BufferLease buffer = cache.acquire();
                if (buffer == null) {
                    break;
                }
                queue.add(buffer.id(), buffer.memory());
                idAt[tail & idAt.length - 1] = buffer.id();
                cache.giveToKernel(buffer, this, tail);
                tail++;
                held++;
                given++;
            }
        } finally {
            if (given > 0) {
                queue.publish();
                publications++;
                replenished += given;
            }
        }
        return given;
    }

    @Override
    public void noteExhausted() {
        exhausted++;
    }

    @Override
    public BufferGroupStats stats() {
        return new BufferGroupStats(held, taken, replenished, publications, exhausted);
    }

    @Override
    public void close() throws UringException {
        if (!closed) {
            queue.close();
            closed = true;
        }
        if (!reclaimed && (ring.isClosed() || ring.inFlight() == 0)) {
            reclaimed = true;
            cache.reclaim(this);
            held = 0;
        }
    }
}
