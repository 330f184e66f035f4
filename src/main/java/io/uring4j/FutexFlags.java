package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.futex_waitv;
import java.lang.foreign.MemorySegment;

/**
 * The size, kind and masks of futexes.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/futex.2.html">futex(2)</a>
 */
public final class FutexFlags {
    /** The futex is a word of 32 bits, the only size that kernels serve. */
    public static final int SIZE_U32 = Abi.FUTEX2_SIZE_U32();

    /** The futex is used by threads of one process only. */
    public static final int PRIVATE = Abi.FUTEX2_PRIVATE();

    private FutexFlags() {}

    /** The mask that every waiter and every wake-up matches. */
    public static final long MATCH_ANY = Integer.toUnsignedLong(Abi.FUTEX_BITSET_MATCH_ANY());

    /** The size of a struct futex_waitv in bytes. */
    public static final long WAITER_BYTES = futex_waitv.layout().byteSize();

    /**
     * Describes one futex of an array for {@link Sqe#futexWaitv}.
     *
     * @param array native memory for an array of struct futex_waitv
     * @param index which of them
     * @param futex an aligned word of native memory, which must stay until the wait's completion
     * @param value the value that it must have to wait
     * @param flags {@link #SIZE_U32} and more
     * @throws IllegalArgumentException if the futex is on the heap
     * @throws IllegalStateException if the futex's arena is closed
     * @throws IndexOutOfBoundsException if the array is too short
     */
    public static void waiter(MemorySegment array, int index, MemorySegment futex, long value, int flags) {
        if (!futex.isNative()) {
            throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
        }
        if (!futex.scope().isAlive()) {
            throw new IllegalStateException("segment's arena is closed");
        }
        MemorySegment entry = array.asSlice(index * WAITER_BYTES, WAITER_BYTES);
        futex_waitv.val(entry, value);
        futex_waitv.uaddr(entry, futex.address());
        futex_waitv.flags(entry, flags);
        futex_waitv.__reserved(entry, 0);
    }
}
