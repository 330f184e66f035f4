package io.uring4j;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A 32-bit word that the kernel and the program both use: a head, a tail, a set of flags. The name of
 * each method is its memory ordering; who uses which is said where it is used.
 */
final class SharedWord {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment word;

    SharedWord(MemorySegment ring, long offset) {
        this.word = ring.asSlice(offset, Integer.BYTES, Integer.BYTES);
    }

    int getPlain() {
        return (int) INT.get(word, 0L);
    }

    int getOpaque() {
        return (int) INT.getOpaque(word, 0L);
    }

    int getAcquire() {
        return (int) INT.getAcquire(word, 0L);
    }

    void setOpaque(int value) {
        INT.setOpaque(word, 0L, value);
    }

    void setRelease(int value) {
        INT.setRelease(word, 0L, value);
    }
}
