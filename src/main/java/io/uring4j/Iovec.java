package io.uring4j;

import io.uring4j.abi.iovec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Arrays of struct iovec in native memory, for vectored operations.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/iovec.3type.html">iovec(3type)</a>
 */
public final class Iovec {
    /** The size of one iovec in bytes. */
    public static final long BYTES = iovec.layout().byteSize();

    private Iovec() {}

    /**
     * Makes an array that describes buffers.
     *
     * @param allocator decides how long the array lives; it must outlive the operation
     * @param buffers native segments, in order
     * @return the array
     * @throws IllegalArgumentException if a buffer is on the heap
     * @throws IllegalStateException if a buffer's arena is closed
     */
    public static MemorySegment of(SegmentAllocator allocator, MemorySegment... buffers) {
        MemorySegment array = allocator.allocate(iovec.layout(), buffers.length);
        for (int i = 0; i < buffers.length; i++) {
            set(array, i, buffers[i]);
        }
        return array;
    }

    /**
     * Describes one buffer.
     *
     * @param array an array of iovecs
     * @param index which of them
     * @param buffer a native segment, of which the array holds the address only: the operation says how long it must stay
     * @throws IllegalArgumentException if the buffer is on the heap
     * @throws IllegalStateException if the buffer's arena is closed
     * @throws IndexOutOfBoundsException if the array is too short
     */
    public static void set(MemorySegment array, int index, MemorySegment buffer) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
        }
        if (!buffer.scope().isAlive()) {
            throw new IllegalStateException("segment's arena is closed");
        }
        MemorySegment entry = array.asSlice(index * BYTES, BYTES);
        iovec.iov_base(entry, buffer);
        iovec.iov_len(entry, buffer.byteSize());
    }
}
