package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A buffer, or a filled part of one, that the program holds. It is released once, on any thread; from then on
 * the memory belongs to the cache or the kernel again, and views of it must not be used.
 *
 * <p>Leases are recycled too. A second release is refused with an exception, also when another taker has
 * the buffer by then; only after {@value LeasePool#RESTING} or more other takes does the old lease stand for a new
 * one. {@link BufferCache.Settings#withLeakDetection} never uses a lease again, which leaves no such gap.
 */
public final class BufferLease extends Recyclable implements AutoCloseable {
    private final BufferCache cache;

    /** The buffer's id, as it is if the buffer goes back with this lease; inverted if there may be other leases of it. */
    private int key;

    /** How many takes of the pool there had been when this was released. */
    private int restingSince;

    private long offset;
    private int length;
    private @Nullable Throwable taker;

    /**
     * A lease at rest.
     *
     * @param cache where it comes from
     */
    BufferLease(BufferCache cache) {
        this.cache = cache;
    }

    /**
     * The whole buffer; {@link #offset} and {@link #length} say which part is filled.
     *
     * @return native memory
     * @throws IllegalStateException if the lease has been released
     */
    public MemorySegment memory() {
        if (isReleased()) {
            throw new IllegalStateException(this + " has been released");
        }
        return cache.memory(id());
    }

    /** {@return where the filled part starts in {@link #memory}, in bytes} */
    public long offset() {
        return offset;
    }

    /** {@return the length of the filled part in bytes; 0 for a buffer that was acquired to be filled} */
    public int length() {
        return length;
    }

    /**
     * The filled part.
     *
     * @return a new view each time, which must not be used after the release
     * @throws IllegalStateException if the lease has been released
     */
    public MemorySegment bytes() {
        return memory().asSlice(offset, length);
    }

    /** {@return the buffer's number within its cache, 0 to 65535, which is its id in groups of provided buffers} */
    public int id() {
        return isSole() ? key : ~key;
    }

    /** Whether the buffer goes back with this lease, since nobody else has it. */
    boolean isSole() {
        return key >= 0;
    }

    /**
     * Gives the buffer back. From any thread, once.
     *
     * @throws IllegalStateException if it has been released already
     */
    public void release() {
        cache.release(this);
    }

    /** As {@link #release}, for use with try. */
    @Override
    public void close() {
        release();
    }

    /** Stands for a part of a buffer that nobody else has. */
    BufferLease fill(int bufferId, long start, int bytes) {
        key = bufferId;
        offset = start;
        length = bytes;
        return this;
    }

    /** Stands for a part of a buffer that the kernel or other leases have too. */
    BufferLease fillShared(int bufferId, long start, int bytes) {
        return fill(~bufferId, start, bytes);
    }

    int restingSince() {
        return restingSince;
    }

    void restSince(int takes) {
        restingSince = takes;
    }

    void recordTaker() {
        taker = new Throwable("buffer " + id() + " was taken on " + Thread.currentThread().getName());
    }

    /** Where this was taken, if that is recorded. */
    @Nullable Throwable taker() {
        return taker;
    }

    /** {@return the id and the filled part, for a person who debugs} */
    @Override
    public String toString() {
        return "BufferLease[id=" + id() + ", offset=" + offset + ", length=" + length + "]";
    }
}
