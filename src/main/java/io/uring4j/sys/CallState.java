package io.uring4j.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Where a downcall leaves errno. The JVM may run code of its own between the call and the next line
 * of Java, so errno must be captured by the call itself.
 */
public final class CallState {
    static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = LAYOUT.byteOffset(PathElement.groupElement("errno"));

    /** Automatic arenas, because a thread doesn't announce its end. */
    private static final ThreadLocal<MemorySegment> OF_THREAD =
            ThreadLocal.withInitial(() -> allocate(Arena.ofAuto()));

    private CallState() {}

    /**
     * A capture segment of its own, for calls that are made often from one place.
     *
     * @param allocator decides how long it lives
     */
    public static MemorySegment allocate(SegmentAllocator allocator) {
        return allocator.allocate(LAYOUT);
    }

    /** The current thread's capture segment. */
    static MemorySegment ofThread() {
        return OF_THREAD.get();
    }

    /** Turns a libc result (-1 and errno) into the kernel's form: the value, or minus the errno. */
    static long result(long returned, MemorySegment callState) {
        return returned == -1 ? -callState.get(ValueLayout.JAVA_INT, ERRNO_OFFSET) : returned;
    }
}
