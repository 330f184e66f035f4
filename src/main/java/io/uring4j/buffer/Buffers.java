package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The buffers of a cache by their ids, and who has each: nobody, a group's kernel side, or leases. Only the cache's
 * thread changes anything; others ask for memory only.
 *
 * <p>What changes stands side by side in one array: a buffer's share is a quarter of a cache line, where an object would
 * take a whole one. And nothing of it is a reference: to store one costs more, under most collectors, than all the
 * rest of a release.
 */
final class Buffers {
    /** In place of an id. */
    static final int NONE = -1;

    /** In place of a group's key: the kernel hasn't got the buffer. */
    static final int NO_GROUP = 0;

    private static final int FIELDS_SHIFT = 2;

    /** The key of the group that has given it to the kernel. */
    private static final int GROUP = 0;

    /** How many leases are out; more than one only while the kernel fills the buffer piece by piece. */
    private static final int OUT = 1;

    /** How many bytes the kernel has filled, when it goes on filling the rest. */
    private static final int FILLED = 2;

    /** Where it stands in the group's ring. */
    private static final int PLACE = 3;

    private int[] fields = {};

    /** Volatile: threads that hold a lease read it, perhaps while the owner replaces it by a longer one. */
    private volatile MemorySegment[] memory = {};

    /** Of the memory, which are asked for too often to look into the segments. */
    private long[] addresses = {};

    private int count;

    private static int at(int id, int field) {
        return (id << FIELDS_SHIFT) + field;
    }

    int count() {
        return count;
    }

    /** Makes room for so many. */
    void reserve(int capacity) {
        fields = Arrays.copyOf(fields, capacity << FIELDS_SHIFT);
        memory = Arrays.copyOf(memory, capacity);
        addresses = Arrays.copyOf(addresses, capacity);
    }

    int capacity() {
        return addresses.length;
    }

    /** Adds one that nobody has, for which there must be room; its id is the number of those before. */
    void add(MemorySegment segment) {
        memory[count] = segment;
        addresses[count] = segment.address();
        count++;
    }

    /** Forgets all; leases that somebody still holds find the memory. */
    void clear() {
        count = 0;
    }

    MemorySegment memory(int id) {
        return memory[id];
    }

    long address(int id) {
        return addresses[id];
    }

    void leaseTaken(int id) {
        fields[at(id, OUT)]++;
    }

    void leaseReturned(int id) {
        fields[at(id, OUT)]--;
    }

    /** Whether neither the program nor the kernel has it. */
    boolean isIdle(int id) {
        return fields[at(id, OUT)] == 0 && group(id) == NO_GROUP;
    }

    /** Whether the group of a key has given it to the kernel; not if there is no such buffer. */
    boolean isWith(int id, int groupKey) {
        int field = at(id, GROUP);
        // As a comparison of unsigned numbers it serves as the array's own check.
        return Integer.compareUnsigned(field, fields.length) < 0 && fields[field] == groupKey;
    }

    /** The key of the group that has given it to the kernel, or {@link #NO_GROUP}. */
    int group(int id) {
        return fields[at(id, GROUP)];
    }

    /** How many the group of a key has given to the kernel. Counted when asked for, which is seldom. */
    int countWith(int groupKey) {
        int found = 0;
        for (int id = 0; id < count; id++) {
            found += group(id) == groupKey ? 1 : 0;
        }
        return found;
    }

    /** How many any group has given to the kernel. */
    int countHeld() {
        return count - countWith(NO_GROUP);
    }

    void giveTo(int id, int groupKey) {
        fields[at(id, GROUP)] = groupKey;
    }

    void takeBack(int id) {
        fields[at(id, GROUP)] = NO_GROUP;
    }

    void setEmpty(int id) {
        fields[at(id, FILLED)] = 0;
    }

    int filled(int id) {
        return fields[at(id, FILLED)];
    }

    void addFilled(int id, int bytes) {
        fields[at(id, FILLED)] += bytes;
    }

    int place(int id) {
        return fields[at(id, PLACE)];
    }

    /** Notes that the group of a key has given it to the kernel, and where it stands in the group's ring. */
    void giveTo(int id, int groupKey, int place) {
        int[] all = fields;
        // The last one first: then the array needs no other check.
        all[at(id, PLACE)] = place;
        all[at(id, GROUP)] = groupKey;
    }
}
