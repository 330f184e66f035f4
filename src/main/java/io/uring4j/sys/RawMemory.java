package io.uring4j.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Memory by its address, without the checks of bounds and liveness that a segment makes at each
 * access: for the rings, where they cost a fifth of the throughput. An offset is that of a field, from
 * 0 to a few hundred bytes.
 *
 * <p>Who uses this sees to it that the address stays mapped: a ring, and a ring of buffers, is
 * never unmapped while anything can name it.
 */
public final class RawMemory {
    /**
     * No address of a program has more bits. The mask shows the compiler that an access lies within the
     * segment, so that the bounds check disappears; and as the offset is added behind it, one mask serves
     * all fields of an entry.
     */
    private static final long ADDRESS_BITS = (1L << 56) - 1;

    private static final MemorySegment ALL = everything();

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    private RawMemory() {}

    @SuppressWarnings("restricted") // as the class says
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    public static long getLong(long address, long offset) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, (address & ADDRESS_BITS) + offset);
    }

    public static int getInt(long address, long offset) {
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, (address & ADDRESS_BITS) + offset);
    }

    public static byte getByte(long address, long offset) {
        return ALL.get(ValueLayout.JAVA_BYTE, (address & ADDRESS_BITS) + offset);
    }

    public static int getIntOpaque(long address) {
        return (int) INT.getOpaque(ALL, address & ADDRESS_BITS);
    }

    public static int getIntAcquire(long address) {
        return (int) INT.getAcquire(ALL, address & ADDRESS_BITS);
    }

    public static void putIntOpaque(long address, int value) {
        INT.setOpaque(ALL, address & ADDRESS_BITS, value);
    }

    public static void putIntRelease(long address, int value) {
        INT.setRelease(ALL, address & ADDRESS_BITS, value);
    }

    public static void putLong(long address, long offset, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, (address & ADDRESS_BITS) + offset, value);
    }

    public static void putInt(long address, long offset, int value) {
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, (address & ADDRESS_BITS) + offset, value);
    }

    public static void putByte(long address, long offset, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, (address & ADDRESS_BITS) + offset, value);
    }

    /** Stores the lower 16 bits. */
    public static void putShort(long address, long offset, int value) {
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, (address & ADDRESS_BITS) + offset, (short) value);
    }

    /** Stores the lower 16 bits, at an address that is a multiple of two. */
    public static void putShortRelease(long address, int value) {
        SHORT.setRelease(ALL, address & ADDRESS_BITS, (short) value);
    }
}
