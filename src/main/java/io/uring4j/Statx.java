package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.statx;
import io.uring4j.abi.statx_timestamp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Instant;

/**
 * A struct statx in native memory: the status of a file.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
public final class Statx {
    /** Its size in bytes. */
    public static final long BYTES = statx.layout().byteSize();

    /** The mask of the fields that stat(2) has too. */
    public static final int BASIC = Abi.STATX_BASIC_STATS();

    /** The mask of the size alone. */
    public static final int SIZE = Abi.STATX_SIZE();

    private static final int FILE_TYPE = Abi.S_IFMT();

    private Statx() {}

    /**
     * Allocates room for a status.
     *
     * @param allocator decides how long it lives; it must outlive the operation
     * @return the room
     */
    public static MemorySegment allocate(SegmentAllocator allocator) {
        return allocator.allocate(statx.layout());
    }

    /**
     * Which fields the kernel has filled.
     *
     * @param status a filled status
     * @return the mask
     */
    public static int mask(MemorySegment status) {
        return statx.stx_mask(status);
    }

    /**
     * The file's size.
     *
     * @param status a filled status
     * @return the size in bytes
     */
    public static long size(MemorySegment status) {
        return statx.stx_size(status);
    }

    /**
     * The file's type and permissions.
     *
     * @param status a filled status
     * @return the bits, as st_mode of stat(2)
     */
    public static int mode(MemorySegment status) {
        return Short.toUnsignedInt(statx.stx_mode(status));
    }

    /**
     * The number of the file's names.
     *
     * @param status a filled status
     * @return the number of hard links
     */
    public static int links(MemorySegment status) {
        return statx.stx_nlink(status);
    }

    /**
     * The file's number within its file system.
     *
     * @param status a filled status
     * @return the inode number
     */
    public static long inode(MemorySegment status) {
        return statx.stx_ino(status);
    }

    /**
     * Tells whether the file is a directory.
     *
     * @param status a filled status
     * @return true for a directory
     */
    public static boolean isDirectory(MemorySegment status) {
        return (mode(status) & FILE_TYPE) == Abi.S_IFDIR();
    }

    /**
     * Tells whether the file is a regular one.
     *
     * @param status a filled status
     * @return true for a regular file
     */
    public static boolean isRegularFile(MemorySegment status) {
        return (mode(status) & FILE_TYPE) == Abi.S_IFREG();
    }

    /**
     * When the file's content was last changed.
     *
     * @param status a filled status
     * @return the time
     */
    public static Instant modified(MemorySegment status) {
        MemorySegment time = statx.stx_mtime(status);
        return Instant.ofEpochSecond(statx_timestamp.tv_sec(time), statx_timestamp.tv_nsec(time));
    }
}
