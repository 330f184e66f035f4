package io.uring4j.bench.file;

/**
 * Which block to read next: Marsaglia's xorshift over the blocks of a file, as in file_read.c. For one
 * thread.
 */
final class RandomBlocks {
    /** Bytes in a block: the size of each read, and what O_DIRECT's alignment divides. */
    static final int BLOCK = 4096;

    private static final long FIRST_STATE = 0x9E3779B97F4A7C15L;

    private final long mask;
    private long state;

    /**
     * @param fileSize in bytes; a number of blocks that is a power of two
     * @param seed tells sequences of several threads apart
     */
    RandomBlocks(long fileSize, int seed) {
        long blocks = fileSize / BLOCK;
        if (Long.bitCount(blocks) != 1 || fileSize % BLOCK != 0) {
            throw new IllegalArgumentException(fileSize + " bytes: the number of blocks must be a power of two");
        }
        this.mask = blocks - 1;
        this.state = FIRST_STATE + seed;
    }

    long nextOffset() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return (state >>> 20 & mask) * BLOCK;
    }
}
