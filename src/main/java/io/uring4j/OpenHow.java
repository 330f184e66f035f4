package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.open_how;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A struct open_how in native memory: how openat2 opens a file and resolves its path.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</a>
 */
public final class OpenHow {
    /** The path may not leave the directory that it starts at. */
    public static final long RESOLVE_BENEATH = Abi.RESOLVE_BENEATH();

    /** The directory that the path starts at is its root. */
    public static final long RESOLVE_IN_ROOT = Abi.RESOLVE_IN_ROOT();

    /** No component of the path may be a symbolic link. */
    public static final long RESOLVE_NO_SYMLINKS = Abi.RESOLVE_NO_SYMLINKS();

    /** No component of the path may be on another file system. */
    public static final long RESOLVE_NO_XDEV = Abi.RESOLVE_NO_XDEV();

    /** Only what is in memory already is looked up. */
    public static final long RESOLVE_CACHED = Abi.RESOLVE_CACHED();

    private OpenHow() {}

    /**
     * Makes an open_how.
     *
     * @param allocator decides how long it lives
     * @param flags see {@link OpenFlags}
     * @param mode the permissions of a file that is made; 0 unless CREATE is set
     * @param resolve {@code RESOLVE_} bits
     * @return the struct
     */
    public static MemorySegment of(SegmentAllocator allocator, int flags, int mode, long resolve) {
        MemorySegment how = allocator.allocate(open_how.layout());
        open_how.flags(how, Integer.toUnsignedLong(flags));
        open_how.mode(how, mode);
        open_how.resolve(how, resolve);
        return how;
    }
}
