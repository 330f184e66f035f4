package io.uring4j.sys;

import io.uring4j.abi.Abi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * mmap(2) memory as a segment that its arena unmaps. {@link #failed} tells a refusal, whose errno
 * {@link #errno} holds, from a mapping.
 */
public record Mapping(MemorySegment segment, int errno) {
    private static final MethodHandle MMAP = Libc.function(Abi.mmap$address(), Abi.mmap$descriptor());
    private static final MethodHandle MUNMAP = Libc.function(Abi.munmap$address(), Abi.munmap$descriptor());
    private static final MethodHandle MADVISE = Libc.function(Abi.madvise$address(), Abi.madvise$descriptor());
    private static final int READ_WRITE = Abi.PROT_READ() | Abi.PROT_WRITE();

    public boolean failed() {
        return errno != 0;
    }

    /** Shared memory of a descriptor, faulted in at once. */
    public static Mapping ofDescriptor(int fd, long offset, long size, Arena arena) {
        return map(size, Abi.MAP_SHARED() | Abi.MAP_POPULATE(), fd, offset, arena);
    }

    /** Zeroed memory that starts on a page. */
    public static Mapping anonymous(long size, Arena arena) {
        return map(size, Abi.MAP_SHARED() | Abi.MAP_ANONYMOUS() | Abi.MAP_POPULATE(), -1, 0, arena);
    }

    /** Zeroed memory in huge pages; the size is a multiple of theirs. */
    public static Mapping hugePages(long size, Arena arena) {
        return map(size, Abi.MAP_SHARED() | Abi.MAP_ANONYMOUS() | Abi.MAP_HUGETLB(), -1, 0, arena);
    }

    @SuppressWarnings("restricted") // the segment has the size that was mapped
    private static Mapping map(long size, int flags, int fd, long offset, Arena arena) {
        MemorySegment state = CallState.ofThread();
        long address;
        try {
            MemorySegment returned =
                    (MemorySegment) MMAP.invokeExact(state, MemorySegment.NULL, size, READ_WRITE, flags, fd, offset);
            address = returned.address();
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
        if (address == -1) {
            return new Mapping(MemorySegment.NULL, (int) -CallState.result(-1, state));
        }
        return new Mapping(MemorySegment.ofAddress(address).reinterpret(size, arena, Mapping::unmap), 0);
    }

    /**
     * Puts plain memory of the process in the place of a mapping, in one step: an access finds either
     * the old or the new, never a hole. What was mapped is let go.
     *
     * @return 0, or a negative errno
     */
    public static int replaceByPlainMemory(MemorySegment mapped) {
        MemorySegment state = CallState.ofThread();
        int flags = Abi.MAP_PRIVATE() | Abi.MAP_ANONYMOUS() | Abi.MAP_NORESERVE() | Abi.MAP_FIXED();
        try {
            MemorySegment returned = (MemorySegment)
                    MMAP.invokeExact(state, mapped, mapped.byteSize(), READ_WRITE, flags, -1, 0L);
            return returned.address() == -1 ? (int) CallState.result(-1, state) : 0;
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /**
     * Takes the pages of private memory away from whoever shares them, such as the kernel: the next access finds fresh
     * ones, of zeros. With shared memory nothing happens.
     *
     * @return 0, or a negative errno
     */
    public static int renewPages(long address, long size) {
        MemorySegment state = CallState.ofThread();
        try {
            return (int) CallState.result(
                    (int) MADVISE.invokeExact(state, MemorySegment.ofAddress(address), size, Abi.MADV_DONTNEED()), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /** Runs when the arena closes. munmap fails only for arguments that mmap didn't return. */
    private static void unmap(MemorySegment segment) {
        MemorySegment state = CallState.ofThread();
        try {
            int ignored = (int) MUNMAP.invokeExact(state, segment, segment.byteSize());
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }
}
