package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that the program holds: memory, and which part of it is filled. It is released once, on any
 * thread; from then on the memory belongs to the cache or the kernel again, and the lease, which is
 * recycled with it, to the next taker.
 */
public final class BufferLease extends Recyclable implements AutoCloseable {
    private final Recycler<BufferLease> home;
    private final int id;
    private MemorySegment memory;
    private long offset;
    private int length;

    /** The buffer that this is a piece of, for one that is consumed incrementally. */
    private @Nullable BufferLease whole;

    /** Pieces in the program's hands, and who has given the buffer to the kernel. The owner's. */
    private int pieces;

    private @Nullable BufferGroup holder;

    /** Where in the holder's queue it stands, and how far the kernel has filled it. The owner's. */
    private int position;

    private int filled;
    private @Nullable Throwable taken;

    BufferLease(Recycler<BufferLease> home, int id, MemorySegment memory) {
        this.home = home;
        this.id = id;
        this.memory = memory;
    }

    /** {@return the whole buffer; {@link #offset} and {@link #length} say which part is filled} */
    public MemorySegment memory() {
        return memory;
    }

    /** {@return where the filled part starts in {@link #memory}, in bytes} */
    public long offset() {
        return offset;
    }

    /** {@return the length of the filled part in bytes; 0 for a buffer that was acquired to be filled} */
    public int length() {
        return length;
    }

    /** {@return the filled part; a new view each time, which must not be used after the release} */
    public MemorySegment bytes() {
        return memory.asSlice(offset, length);
    }

    /** {@return the buffer's number within its cache, 0 to 65535, which is its id in groups of provided buffers} */
    public int id() {
        return whole == null ? id : whole.id;
    }

    /**
     * Gives the buffer back. From any thread, once.
     *
     * @throws IllegalStateException if it has been released already
     */
    public void release() {
        home.give(this);
    }

    /** As {@link #release}, for use with try. */
    @Override
    public void close() {
        release();
    }

    BufferLease fill(long start, int bytes) {
        offset = start;
        length = bytes;
        return this;
    }

    /** Makes this a view of a part of a buffer that the kernel may go on filling. */
    BufferLease fillPiece(BufferLease buffer, long start, int bytes) {
        whole = buffer;
        memory = buffer.memory;
        buffer.pieces++;
        return fill(start, bytes);
    }

    /** The buffer of a piece that was released, once nobody uses any of it; else null. */
    @Nullable BufferLease endPiece() {
        BufferLease buffer = whole;
        whole = null;
        if (buffer == null) {
            return null;
        }
        buffer.pieces--;
        return buffer.pieces == 0 && buffer.holder == null ? buffer : null;
    }

    /** The group that has given it to the kernel, or null. */
    @Nullable BufferGroup holder() {
        return holder;
    }

    void heldBy(@Nullable BufferGroup group, int queuePosition) {
        holder = group;
        position = queuePosition;
        filled = 0;
    }

    int position() {
        return position;
    }

    int filled() {
        return filled;
    }

    void addFilled(int bytes) {
        filled += bytes;
    }

    boolean hasPieces() {
        return pieces > 0;
    }

    void recordTaker() {
        taken = new Throwable("taken on " + Thread.currentThread().getName());
    }

    @Nullable Throwable taker() {
        return taken;
    }

    /** {@return the id and the filled part, for a person who debugs} */
    @Override
    public String toString() {
        return "BufferLease[id=" + id() + ", offset=" + offset + ", length=" + length + "]";
    }
}
