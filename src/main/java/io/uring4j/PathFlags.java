package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The flags of operations on names of files.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/renameat2.2.html">renameat2(2)</a>
 */
public final class PathFlags {
    /** Unlink: removes a directory. */
    public static final int REMOVE_DIRECTORY = Abi.AT_REMOVEDIR();

    /** Status: of the symbolic link itself. */
    public static final int NO_FOLLOW_SYMLINK = Abi.AT_SYMLINK_NOFOLLOW();

    /** Link: follows a symbolic link. */
    public static final int FOLLOW_SYMLINK = Abi.AT_SYMLINK_FOLLOW();

    /** Status: an empty path means the directory descriptor itself, which may be any file. */
    public static final int EMPTY_PATH = Abi.AT_EMPTY_PATH();

    /** Rename: fails if the new name is there. */
    public static final int RENAME_NO_REPLACE = Abi.RENAME_NOREPLACE();

    /** Rename: swaps two names. */
    public static final int RENAME_EXCHANGE = Abi.RENAME_EXCHANGE();

    /** Extended attributes: fails if the attribute is there. */
    public static final int XATTR_CREATE = Abi.XATTR_CREATE();

    /** Extended attributes: fails if the attribute isn't there. */
    public static final int XATTR_REPLACE = Abi.XATTR_REPLACE();

    private PathFlags() {}
}
