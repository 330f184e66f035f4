package io.uring4j;

import io.uring4j.abi.Abi;

import io.uring4j.abi.io_uring_sqe;
import io.uring4j.abi.open_how;
import io.uring4j.abi.statx;
import java.lang.foreign.MemorySegment;

/** The operations on names of files: open, close, status, rename, remove, make, link, extended attributes. */
sealed interface PathRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Opens a file. The result is a descriptor. From Linux 5.6.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param flags see {@link OpenFlags}
     * @param mode the permissions of a file that is made
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat.3.html">io_uring_prep_openat(3)</a>
     */
    default Sqe openat(int directory, MemorySegment path, int flags, int mode) {
        return sqe().prepare(Abi.IORING_OP_OPENAT(), directory, sqe().string(path), mode, 0).operationFlags(flags);
    }

    /**
     * Opens a file as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.15.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param flags see {@link OpenFlags}; CLOSE_ON_EXEC is refused by the kernel
     * @param mode the permissions of a file that is made
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE} to let the kernel
     *     choose, which is then the result
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat_direct.3.html">io_uring_prep_openat_direct(3)</a>
     */
    default Sqe openatDirect(int directory, MemorySegment path, int flags, int mode, int slot) {
        return openat(directory, path, flags, mode).directSlot(slot);
    }

    /**
     * Opens a file with restrictions on how the path is resolved. The result is a descriptor. From Linux 5.6.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param how a struct open_how, see {@link OpenHow}; must stay until the submission
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat2.3.html">io_uring_prep_openat2(3)</a>
     */
    default Sqe openat2(int directory, MemorySegment path, MemorySegment how) {
        return sqe().prepare(
                Abi.IORING_OP_OPENAT2(),
                directory,
                sqe().string(path),
                (int) open_how.layout().byteSize(),
                sqe().readable(how, open_how.layout().byteSize()));
    }

    /**
     * Opens a file as a direct descriptor, with restrictions on how the path is resolved. From Linux 5.15.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param how a struct open_how, see {@link OpenHow}; must stay until the submission
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE} to let the kernel
     *     choose, which is then the result
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat2_direct.3.html">io_uring_prep_openat2_direct(3)</a>
     */
    default Sqe openat2Direct(int directory, MemorySegment path, MemorySegment how, int slot) {
        return openat2(directory, path, how).directSlot(slot);
    }

    /**
     * Closes a descriptor. From Linux 5.6.
     *
     * @param fd the descriptor
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_close.3.html">io_uring_prep_close(3)</a>
     */
    default Sqe close(int fd) {
        return sqe().prepare(Abi.IORING_OP_CLOSE(), fd, 0, 0, 0);
    }

    /**
     * Closes a direct descriptor. From Linux 5.15.
     *
     * @param slot its slot of the registered files
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_close_direct.3.html">io_uring_prep_close_direct(3)</a>
     */
    default Sqe closeDirect(int slot) {
        return close(0).explicitSlot(slot);
    }

    /**
     * Reads a file's status. From Linux 5.6.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param flags {@code AT_} bits, see {@link PathFlags}
     * @param mask which fields, see {@link Statx}
     * @param status room for a struct statx, see {@link Statx}; must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_statx.3.html">io_uring_prep_statx(3)</a>
     */
    default Sqe statx(int directory, MemorySegment path, int flags, int mask, MemorySegment status) {
        return sqe().prepare(
                        Abi.IORING_OP_STATX(),
                        directory,
                        sqe().string(path),
                        mask,
                        sqe().writable(status, statx.layout().byteSize()))
                .operationFlags(flags);
    }

    /**
     * Renames a file. From Linux 5.11.
     *
     * @param oldDirectory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param oldPath a C string, which must stay until the completion
     * @param newDirectory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param newPath a C string, which must stay until the completion
     * @param flags {@code RENAME_} bits, see {@link PathFlags}
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_renameat.3.html">io_uring_prep_renameat(3)</a>
     */
    default Sqe renameat(int oldDirectory, MemorySegment oldPath, int newDirectory, MemorySegment newPath, int flags) {
        return sqe().prepare(
                        Abi.IORING_OP_RENAMEAT(), oldDirectory, sqe().string(oldPath), newDirectory, sqe().string(newPath))
                .operationFlags(flags);
    }

    /**
     * Removes a file or an empty directory. From Linux 5.11.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param flags 0, or {@link PathFlags#REMOVE_DIRECTORY}
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_unlinkat.3.html">io_uring_prep_unlinkat(3)</a>
     */
    default Sqe unlinkat(int directory, MemorySegment path, int flags) {
        return sqe().prepare(Abi.IORING_OP_UNLINKAT(), directory, sqe().string(path), 0, 0).operationFlags(flags);
    }

    /**
     * Makes a directory. From Linux 5.15.
     *
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param path a C string, which must stay until the completion
     * @param mode its permissions
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_mkdirat.3.html">io_uring_prep_mkdirat(3)</a>
     */
    default Sqe mkdirat(int directory, MemorySegment path, int mode) {
        return sqe().prepare(Abi.IORING_OP_MKDIRAT(), directory, sqe().string(path), mode, 0);
    }

    /**
     * Makes a symbolic link. From Linux 5.15.
     *
     * @param target a C string, which must stay until the completion
     * @param directory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param linkPath a C string, which must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_symlinkat.3.html">io_uring_prep_symlinkat(3)</a>
     */
    default Sqe symlinkat(MemorySegment target, int directory, MemorySegment linkPath) {
        return sqe().prepare(Abi.IORING_OP_SYMLINKAT(), directory, sqe().string(target), 0, sqe().string(linkPath));
    }

    /**
     * Makes a hard link. From Linux 5.15.
     *
     * @param oldDirectory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param oldPath a C string, which must stay until the completion
     * @param newDirectory the directory that a relative path starts at, or {@link
     *     OpenFlags#CURRENT_DIRECTORY}
     * @param newPath a C string, which must stay until the completion
     * @param flags 0, or {@link PathFlags#FOLLOW_SYMLINK}
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_linkat.3.html">io_uring_prep_linkat(3)</a>
     */
    default Sqe linkat(int oldDirectory, MemorySegment oldPath, int newDirectory, MemorySegment newPath, int flags) {
        return sqe().prepare(
                        Abi.IORING_OP_LINKAT(), oldDirectory, sqe().string(oldPath), newDirectory, sqe().string(newPath))
                .operationFlags(flags);
    }

    /**
     * Sets an extended attribute of a path. From Linux 5.19.
     *
     * @param name a C string, which must stay until the completion
     * @param value the value, which must stay until the completion
     * @param path a C string, which must stay until the completion
     * @param flags {@code XATTR_} bits, see {@link PathFlags}
     * @param nbytes the value's length in bytes
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_setxattr.3.html">io_uring_prep_setxattr(3)</a>
     */
    default Sqe setxattr(MemorySegment name, MemorySegment value, MemorySegment path, int flags, int nbytes) {
        Sqe entry = sqe().prepare(
                        Abi.IORING_OP_SETXATTR(), 0, sqe().string(name), nbytes, sqe().readable(value, nbytes))
                .operationFlags(flags);
        io_uring_sqe.addr3(entry.memory(), sqe().string(path));
        return entry;
    }

    /**
     * Reads an extended attribute of a path. The result is the value's length in bytes. From Linux 5.19.
     *
     * @param name a C string, which must stay until the completion
     * @param value room for the value; must stay until the completion
     * @param path a C string, which must stay until the completion
     * @param nbytes how much room, in bytes; 0 only to ask for the length
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_getxattr.3.html">io_uring_prep_getxattr(3)</a>
     */
    default Sqe getxattr(MemorySegment name, MemorySegment value, MemorySegment path, int nbytes) {
        Sqe entry = sqe().prepare(
                Abi.IORING_OP_GETXATTR(), 0, sqe().string(name), nbytes, sqe().writable(value, nbytes));
        io_uring_sqe.addr3(entry.memory(), sqe().string(path));
        return entry;
    }

    /**
     * Sets an extended attribute of an open file. From Linux 5.19.
     *
     * @param fd the file
     * @param name a C string, which must stay until the completion
     * @param value the value, which must stay until the completion
     * @param flags {@code XATTR_} bits, see {@link PathFlags}
     * @param nbytes the value's length in bytes
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fsetxattr.3.html">io_uring_prep_fsetxattr(3)</a>
     */
    default Sqe fsetxattr(int fd, MemorySegment name, MemorySegment value, int flags, int nbytes) {
        return sqe().prepare(Abi.IORING_OP_FSETXATTR(), fd, sqe().string(name), nbytes, sqe().readable(value, nbytes))
                .operationFlags(flags);
    }

    /**
     * Reads an extended attribute of an open file. The result is the value's length in bytes. From Linux 5.19.
     *
     * @param fd the file
     * @param name a C string, which must stay until the completion
     * @param value room for the value; must stay until the completion
     * @param nbytes how much room, in bytes; 0 only to ask for the length
     * @return this entry
     * @throws IllegalArgumentException if a string is on the heap or has no terminating zero
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fgetxattr.3.html">io_uring_prep_fgetxattr(3)</a>
     */
    default Sqe fgetxattr(int fd, MemorySegment name, MemorySegment value, int nbytes) {
        return sqe().prepare(Abi.IORING_OP_FGETXATTR(), fd, sqe().string(name), nbytes, sqe().writable(value, nbytes));
    }
}
