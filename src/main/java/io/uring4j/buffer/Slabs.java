package io.uring4j.buffer;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.sys.Libc;
import io.uring4j.sys.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Memory in large pieces, each from mmap, that is freed all at once. */
final class Slabs {
    private final boolean hugePages;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> slabs = new ArrayList<>();
    private final List<MemorySegment> view = Collections.unmodifiableList(slabs);

    Slabs(boolean hugePages) {
        this.hugePages = hugePages;
    }

    /** Adds a slab of at least so many zeroed bytes: whole pages. */
    MemorySegment add(long bytes) throws UringException {
        Mapping mapping = hugePages
                ? Mapping.hugePages(roundUp(bytes, HugePages.SIZE), arena)
                : Mapping.anonymous(roundUp(bytes, Libc.PAGE_SIZE), arena);
        if (mapping.failed()) {
            boolean tooFew = hugePages && mapping.errno() == Errno.ENOMEM.number();
            throw new UringException("mmap", mapping.errno(), tooFew ? HugePages.HINT : "");
        }
        slabs.add(mapping.segment());
        return mapping.segment();
    }

    static long roundUp(long value, long multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    MemorySegment get(int index) {
        return slabs.get(index);
    }

    int count() {
        return slabs.size();
    }

    /** The slabs so far and to come. */
    List<MemorySegment> view() {
        return view;
    }

    /** Unmaps all; every use of the segments is an exception from then on. */
    void free() {
        arena.close();
    }
}
