package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of the submission entries, slot by slot. It is mapped for as long as something refers to it, and an
 * entry does.
 */
final class SubmissionSlots {
    private final MemorySegment[] slots;

    /** Which operations an entry can hold, a bit each as in {@link OpcodeSet}. */
    final long lowOperations;

    final long highOperations;

    private final long origin;
    private final int strideShift;

    private SubmissionSlots(MemorySegment[] slots, long stride, OpcodeSet operations) {
        this.slots = slots;
        this.lowOperations = operations.low();
        this.highOperations = operations.high();
        this.origin = slots[0].address();
        this.strideShift = Long.numberOfTrailingZeros(stride);
    }

    /**
     * Entries that start at each slot.
     *
     * @param entries the memory of all
     * @param count how many slots there are
     * @param stride from one to the next, in bytes
     * @param operations what an entry can hold
     */
    static SubmissionSlots of(MemorySegment entries, int count, long stride, OpcodeSet operations) {
        return new SubmissionSlots(slices(entries, count, stride, stride), stride, operations);
    }

    /** The same memory as entries of two slots each, which start at every slot but the last. */
    SubmissionSlots inPairs(MemorySegment entries, OpcodeSet operations) {
        long stride = slots[0].byteSize();
        return new SubmissionSlots(slices(entries, slots.length - 1, stride, 2 * stride), stride, operations);
    }

    /** One slot that nobody reads, for an entry that can hold nothing. */
    static SubmissionSlots spare(long bytes) {
        return of(Arena.ofAuto().allocate(bytes, Long.BYTES), 1, bytes, OpcodeSet.NONE);
    }

    private static MemorySegment[] slices(MemorySegment entries, int count, long stride, long size) {
        MemorySegment[] slices = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            slices[i] = entries.asSlice(i * stride, size);
        }
        return slices;
    }

    /** Where the slot of a number starts. */
    long address(int slot) {
        return origin + ((long) slot << strideShift);
    }

    private int slot(long address) {
        return (int) ((address - origin) >> strideShift);
    }

    /** The entry whose slot starts at an address. */
    MemorySegment at(long address) {
        return slots[slot(address)];
    }

    void copy(int from, int to) {
        slots[to].copyFrom(slots[from]);
    }
}
