package io.uring4j.buffer;

/**
 * What a {@link BufferCache} has done and holds. Counted in plain fields by the owner's thread.
 *
 * @param hits buffers that the cache list had at hand
 * @param splices times that the list of other threads' releases was taken over
 * @param slabs slabs allocated
 * @param buffers buffers in them
 * @param leased buffers in the program's hands
 * @param heldByKernel buffers given to groups
 * @param highWater the most buffers that were leased or held at once
 * @param exhausted times that all buffers of the maximum were out
 * @param doubleReleases releases that came twice at once and were sorted out
 */
public record BufferCacheStats(
        long hits,
        long splices,
        int slabs,
        int buffers,
        int leased,
        int heldByKernel,
        int highWater,
        long exhausted,
        long doubleReleases) {}
