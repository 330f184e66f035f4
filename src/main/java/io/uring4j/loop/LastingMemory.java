package io.uring4j.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses memory that could be freed while the kernel uses it. A segment doesn't tell what kind of arena it is from, but
 * the class of its scope does: what isn't one of the kinds that nobody can close is refused.
 */
final class LastingMemory {
    private static final Class<?> AUTOMATIC = Arena.ofAuto().scope().getClass();
    private static final Class<?> GLOBAL = Arena.global().scope().getClass();
    private static final Class<?> DIRECT_BUFFER =
            MemorySegment.ofBuffer(ByteBuffer.allocateDirect(1)).scope().getClass();

    private LastingMemory() {}

    /** Checks memory that the operation only reads; the arena that must be held open meanwhile, or null. */
    static @Nullable OperationArena readable(MemorySegment segment, long bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
        }
        if (bytes < 0 || bytes > segment.byteSize()) {
            throw new IndexOutOfBoundsException(bytes + " bytes of a segment of " + segment.byteSize());
        }
        Class<?> kind = segment.scope().getClass();
        if (kind == AUTOMATIC || kind == GLOBAL || kind == DIRECT_BUFFER) {
            return null;
        }
        OperationArena arena = OperationArena.of(segment.scope());
        if (arena == null) {
            throw new IllegalArgumentException("segment of a confined or shared arena, which could be closed while the "
                    + "kernel still uses the memory: take it from Arena.ofAuto(), Arena.global(), an OperationArena, "
                    + "whose close waits, or a lease of a BufferCache");
        }
        return arena;
    }

    /** Checks memory that the operation writes to; the arena that must be held open meanwhile, or null. */
    static @Nullable OperationArena writable(MemorySegment segment, long bytes) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException("read-only segment: the kernel would write to it");
        }
        return readable(segment, bytes);
    }

    /** Checks memory that an operation uses beside its buffer, or in several parts: no arena is held open for it. */
    static void requireWithoutArena(MemorySegment segment, boolean written) {
        OperationArena arena =
                written ? writable(segment, segment.byteSize()) : readable(segment, segment.byteSize());
        if (arena != null) {
            throw new IllegalArgumentException("memory of an OperationArena serves as the one buffer of an operation; "
                    + "here it takes memory of Arena.ofAuto() or Arena.global()");
        }
    }
}
