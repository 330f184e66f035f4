package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One buffer of a cache, and who has it: nobody, a group's kernel side, or leases. Only the cache's thread uses it.
 *
 * <p>It has a few leases and hands them out in turn, so that a late second release meets a lease at
 * rest, and is refused, although somebody else has the buffer by then. No field of a buffer that changes
 * is a reference: storing one costs more, under most collectors, than all the rest of a release.
 */
final class Buffer {
    /** In place of a group's key: the kernel hasn't got the buffer. */
    static final int NO_GROUP = 0;

    private static final int LEASES = 4;

    private final Recycler<BufferLease> home;
    private final int id;
    private final MemorySegment memory;

    /** That of the memory, which is asked for too often to look into the segment. */
    private final long address;

    private BufferLease[] leases = {};
    private int turn;

    /** How many leases are out; more than one only while the kernel fills the buffer piece by piece. */
    private int out;

    private int group = NO_GROUP;
    private int filled;
    private int successor;

    Buffer(Recycler<BufferLease> home, int id, MemorySegment memory) {
        this.home = home;
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

    /** A lease of a part; one that nobody has had before, if it may not be reused. */
    BufferLease lend(long offset, int length, boolean reuse) {
        BufferLease lease = reuse ? restingLease() : freshLease();
        out++;
        return lease.fill(offset, length);
    }

    private BufferLease restingLease() {
        if (out * 2 >= leases.length) {
            addLeases();
        }
        for (int i = 0; i < leases.length; i++) {
            BufferLease lease = leases[turn++ & leases.length - 1];
            if (lease.takeOut()) {
                return lease;
            }
        }
        // All that rest were released twice at once, and still stand in the comp list.
        return freshLease();
    }

    /** At least half of them rest then, so that one is soon found. */
    private void addLeases() {
        int had = leases.length;
        leases = Arrays.copyOf(leases, Math.max(LEASES, had * 2));
        for (int i = had; i < leases.length; i++) {
            leases[i] = new BufferLease(home, this);
        }
    }

    private BufferLease freshLease() {
        BufferLease lease = new BufferLease(home, this);
        lease.takeOut();
        return lease;
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
