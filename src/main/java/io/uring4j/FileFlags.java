package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The flags of operations on the content of files.
 */
public final class FileFlags {
    /** Fsync: leaves metadata out that isn't needed to read the content. */
    public static final int FSYNC_DATASYNC = Abi.IORING_FSYNC_DATASYNC();

    /** Read and write: poll for the completion. */
    public static final int RWF_HIPRI = Abi.RWF_HIPRI();

    /** Write: durable when it completes. */
    public static final int RWF_DSYNC = Abi.RWF_DSYNC();

    /** Read and write: EAGAIN in place of waiting. */
    public static final int RWF_NOWAIT = Abi.RWF_NOWAIT();

    /** Write: at the end of the file. */
    public static final int RWF_APPEND = Abi.RWF_APPEND();

    /** Write: durable when it completes, the file's metadata too. */
    public static final int RWF_SYNC = Abi.RWF_SYNC();

    /** Write: at the offset, although the file was opened to append. From Linux 6.9. */
    public static final int RWF_NOAPPEND = Abi.RWF_NOAPPEND();

    /** Write: all or nothing, when power fails. From Linux 6.11. */
    public static final int RWF_ATOMIC = Abi.RWF_ATOMIC();

    /** Read and write: through the page cache, but not left there. From Linux 6.14. */
    public static final int RWF_DONTCACHE = Abi.RWF_DONTCACHE();

    /** Fallocate: the size stays. */
    public static final int FALLOC_KEEP_SIZE = Abi.FALLOC_FL_KEEP_SIZE();

    /** Fallocate: frees space; needs KEEP_SIZE. */
    public static final int FALLOC_PUNCH_HOLE = Abi.FALLOC_FL_PUNCH_HOLE();

    /** Fallocate: zeroes space. */
    public static final int FALLOC_ZERO_RANGE = Abi.FALLOC_FL_ZERO_RANGE();

    /** Sync range: waits for writeback under way. */
    public static final int SYNC_WAIT_BEFORE = Abi.SYNC_FILE_RANGE_WAIT_BEFORE();

    /** Sync range: starts writeback. */
    public static final int SYNC_WRITE = Abi.SYNC_FILE_RANGE_WRITE();

    /** Sync range: waits for the writeback that was started. */
    public static final int SYNC_WAIT_AFTER = Abi.SYNC_FILE_RANGE_WAIT_AFTER();

    /** Fadvise: no special pattern. */
    public static final int FADVISE_NORMAL = Abi.POSIX_FADV_NORMAL();

    /** Fadvise: from front to back. */
    public static final int FADVISE_SEQUENTIAL = Abi.POSIX_FADV_SEQUENTIAL();

    /** Fadvise: in random order. */
    public static final int FADVISE_RANDOM = Abi.POSIX_FADV_RANDOM();

    /** Fadvise: soon. */
    public static final int FADVISE_WILL_NEED = Abi.POSIX_FADV_WILLNEED();

    /** Fadvise: not soon. */
    public static final int FADVISE_DONT_NEED = Abi.POSIX_FADV_DONTNEED();

    /** Madvise: soon. */
    public static final int MADVISE_WILL_NEED = Abi.MADV_WILLNEED();

    /** Madvise: the content can go. */
    public static final int MADVISE_DONT_NEED = Abi.MADV_DONTNEED();

    /** Madvise: huge pages are welcome. */
    public static final int MADVISE_HUGE_PAGE = Abi.MADV_HUGEPAGE();

    /** Splice: move pages rather than copy. */
    public static final int SPLICE_MOVE = Abi.SPLICE_F_MOVE();

    /** Splice: more data will follow. */
    public static final int SPLICE_MORE = Abi.SPLICE_F_MORE();

    /** Splice and tee: the input is a slot of the registered files. */
    public static final int SPLICE_FIXED_INPUT = Abi.SPLICE_F_FD_IN_FIXED();

    private FileFlags() {}
}
