package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * How a file is opened; bits of a mask. Some of them differ between architectures, so use these, never
 * numbers.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/openat.2.html">openat(2)</a>
 */
public final class OpenFlags {
    /** In place of a directory: relative paths start at the current one. */
    public static final int CURRENT_DIRECTORY = Abi.AT_FDCWD();

    /** To read. */
    public static final int READ_ONLY = Abi.O_RDONLY();

    /** To write. */
    public static final int WRITE_ONLY = Abi.O_WRONLY();

    /** To read and write. */
    public static final int READ_WRITE = Abi.O_RDWR();

    /** Makes the file if it isn't there. */
    public static final int CREATE = Abi.O_CREAT();

    /** With CREATE: fails if the file is there. */
    public static final int EXCLUSIVE = Abi.O_EXCL();

    /** Empties the file. */
    public static final int TRUNCATE = Abi.O_TRUNC();

    /** Writes go to the end. */
    public static final int APPEND = Abi.O_APPEND();

    /** Programs that are executed don't get the descriptor. */
    public static final int CLOSE_ON_EXEC = Abi.O_CLOEXEC();

    /** Writes are durable when they complete, with the metadata that is needed to read them. */
    public static final int DATA_SYNC = Abi.O_DSYNC();

    /** Bypasses the page cache; buffers and offsets must be aligned to the device's blocks. */
    public static final int DIRECT = Architecture.current().openDirect();

    /** Fails if the path isn't a directory. */
    public static final int DIRECTORY = Architecture.current().openDirectory();

    /** Fails if the path is a symbolic link. */
    public static final int NO_FOLLOW = Architecture.current().openNoFollow();

    private OpenFlags() {}
}
