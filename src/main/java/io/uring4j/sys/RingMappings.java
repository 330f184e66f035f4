package io.uring4j.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * What is mapped from the descriptors of rings besides their queues. A mapping keeps the kernel from letting go of its
 * ring, so the ring's close, which may wait for that, must end it first.
 */
public final class RingMappings {
    private static final Map<Object, List<MemorySegment>> MAPPED = new WeakHashMap<>();

    private RingMappings() {}

    /** Notes a mapping of a ring. */
    public static synchronized void add(Object ring, MemorySegment mapped) {
        MAPPED.computeIfAbsent(ring, key -> new ArrayList<>()).add(mapped);
    }

    /** Lets go of one, and puts plain memory of the same content in its place. */
    public static synchronized void retire(Object ring, MemorySegment mapped) {
        replace(mapped);
        MAPPED.getOrDefault(ring, new ArrayList<>()).removeIf(each -> each.address() == mapped.address());
    }

    /** Lets go of all of a ring. */
    public static synchronized void retireAll(Object ring) {
        List<MemorySegment> mapped = MAPPED.remove(ring);
        if (mapped != null) {
            mapped.forEach(RingMappings::replace);
        }
    }

    /** What the kernel has written is asked for later still: a bundle may be taken when the ring is closed. */
    private static void replace(MemorySegment mapped) {
        byte[] content = mapped.toArray(ValueLayout.JAVA_BYTE);
        // A refusal leaves the pages, and so the content, until nothing names the segment any more.
        if (Mapping.replaceByPlainMemory(mapped) == 0) {
            MemorySegment.copy(content, 0, mapped, ValueLayout.JAVA_BYTE, 0, content.length);
        }
    }
}
