package io.uring4j.loop;

import io.uring4j.Timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Room for the times of entries. The kernel reads them when it takes the entry, so there are as many as entries, used in
 * turn: the next round comes to a place only when its entry was taken.
 */
final class Timespecs {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final MemorySegment[] places;
    private int next;

    Timespecs(int entries) {
        MemorySegment all = Arena.ofAuto().allocate(entries * Timespec.BYTES, Long.BYTES);
        places = new MemorySegment[entries];
        for (int i = 0; i < entries; i++) {
            places[i] = all.asSlice(i * Timespec.BYTES, Timespec.BYTES);
        }
    }

    MemorySegment of(long nanos) {
        MemorySegment place = places[next];
        next = next + 1 == places.length ? 0 : next + 1;
        place.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
        place.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
        return place;
    }
}
