package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;

/**
 * One buffer of a cache, and who has it: nobody, a group's kernel side, or leases. Only the cache's thread changes it.
 *
 * <p>No field that changes is a reference: storing one costs more, under most collectors, than all the rest
 * of a release.
 */
final class Buffer {
    /** In place of a group's key: the kernel hasn't got the buffer. */
    static final int NO_GROUP = 0;

    private final int id;
    private final MemorySegment memory;

    /** That of the memory, which is asked for too often to look into the segment. */
    private final long address;

    /** How many leases are out; more than one only while the kernel fills the buffer piece by piece. */
    private int out;

    private int group = NO_GROUP;
    private int filled;
    private int successor;

    Buffer(int id, MemorySegment memory) {
        this.id = id;
        this.memory = memory;
        this.address = memory.address();
    }

    int id() {
        return id;
    }

    MemorySegment memory() {
        return memory;
    }

    long address() {
        return address;
    }

    /** A lease of it goes out. */
    void leaseTaken() {
        out++;
    }

    /** One of its leases is back. */
    void leaseReturned() {
        out--;
    }

    /** Whether neither the program nor the kernel has it. */
    boolean isIdle() {
        return out == 0 && group == NO_GROUP;
    }

    /** The key of the group that has given it to the kernel, or {@link #NO_GROUP}. */
    int group() {
        return group;
    }

    void giveTo(int groupKey) {
        group = groupKey;
        filled = 0;
    }

    void takeBack() {
        group = NO_GROUP;
    }

    /** How many bytes the kernel has filled, when it goes on filling the rest. */
    int filled() {
        return filled;
    }

    void addFilled(int bytes) {
        filled += bytes;
    }

    /** The id of the buffer that stands behind this one in the group's ring. */
    int successor() {
        return successor;
    }

    void followedBy(int bufferId) {
        successor = bufferId;
    }
}
