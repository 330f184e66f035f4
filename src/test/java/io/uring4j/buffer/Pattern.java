package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes that tell where in a sequence they stand. */
final class Pattern {
    private Pattern() {}

    static byte at(long position) {
        return (byte) (position * 31 + (position >> 8) * 17 + (position >> 16));
    }

    static byte[] of(long position, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
        return bytes;
    }

    static void write(MemorySegment to, long position) {
        for (long i = 0; i < to.byteSize(); i++) {
            to.set(ValueLayout.JAVA_BYTE, i, at(position + i));
        }
    }
}
