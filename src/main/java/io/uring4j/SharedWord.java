package io.uring4j;

import io.uring4j.sys.RawMemory;
import java.lang.foreign.MemorySegment;

/**
 * A 32-bit word that the kernel and the program both use: a head, a tail, a set of flags. The name of
 * each method is its memory ordering; who uses which is said where it is used.
 */
final class SharedWord {
    private final long address;

    SharedWord(MemorySegment ring, long offset) {
        this.address = ring.asSlice(offset, Integer.BYTES, Integer.BYTES).address();
    }

    int getPlain() {
        return RawMemory.getInt(address, 0);
    }

    int getOpaque() {
        return RawMemory.getIntOpaque(address);
    }

    int getAcquire() {
        return RawMemory.getIntAcquire(address);
    }

    void setOpaque(int value) {
        RawMemory.putIntOpaque(address, value);
    }

    void setRelease(int value) {
        RawMemory.putIntRelease(address, value);
    }
}
