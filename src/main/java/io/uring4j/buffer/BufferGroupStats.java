package io.uring4j.buffer;

/**
 * What a {@link BufferGroup} has done and holds.
 *
 * @param heldByKernel buffers that the kernel can pick
 * @param taken buffers that completions have brought
 * @param replenished buffers that were given to the kernel, the first ones included
 * @param publications times that this was made known: tail stores of a buffer ring, entries of the older kind
 * @param exhausted requests that ended with ENOBUFS
 */
public record BufferGroupStats(int heldByKernel, long taken, long replenished, long publications, long exhausted) {}
