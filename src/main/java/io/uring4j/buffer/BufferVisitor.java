package io.uring4j.buffer;

import java.lang.foreign.MemorySegment;

/** Looks at received bytes while they lie in the buffer that they came in. */
@FunctionalInterface
public interface BufferVisitor {
    /**
     * Uses the bytes, and is done with them when it returns: then the buffer goes back.
     *
     * @param memory the whole buffer
     * @param offset where the bytes start in it
     * @param length how many there are, from 0
     */
    void visit(MemorySegment memory, long offset, int length);
}
