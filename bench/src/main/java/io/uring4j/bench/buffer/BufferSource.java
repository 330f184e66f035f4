package io.uring4j.bench.buffer;

import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where a benchmark gets buffers one by one: from a cache, or newly allocated each. Used on one thread. */
public final class BufferSource implements AutoCloseable {
    static final int BUFFER_SIZE = 4096;

    private final Kind kind;
    private final int most;
    private final BufferCache cache;

    /** Where the buffers come from. */
    public enum Kind {
        /** The library's cache. */
        CACHE,

        /** An arena for each buffer, that only the same thread can close. */
        CONFINED_ARENA,

        /** An arena for each buffer, that any thread can close. */
        SHARED_ARENA
    }

    BufferSource(Kind kind, int most) {
        this.kind = kind;
        this.most = most;
        this.cache = new BufferCache(BufferCache.Settings.of(BUFFER_SIZE, most));
    }

    /** Has all buffers of the cache from now on, as after a burst. */
    void fill() throws IOException {
        cache.reserve(most);
    }

    /** Returns a lease or an arena; null when all are out. */
    AutoCloseable acquire() throws IOException {
        return switch (kind) {
            case CACHE -> cache.acquire();
            case CONFINED_ARENA -> Arena.ofConfined();
            case SHARED_ARENA -> Arena.ofShared();
        };
    }

    /** As {@link #acquire}, with a buffer allocated in an arena. */
    AutoCloseable acquireWhole() throws IOException {
        AutoCloseable owner = acquire();
        if (kind != Kind.CACHE) {
            memory(owner);
        }
        return owner;
    }

    /** Returns the memory of what was acquired; allocates it if it is an arena. */
    static MemorySegment memory(AutoCloseable owner) {
        return owner instanceof BufferLease lease ? lease.memory() : ((Arena) owner).allocate(BUFFER_SIZE);
    }

    /** Gives back what was acquired. */
    static void release(AutoCloseable owner) {
        if (owner instanceof BufferLease lease) {
            lease.release();
        } else {
            ((Arena) owner).close();
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
