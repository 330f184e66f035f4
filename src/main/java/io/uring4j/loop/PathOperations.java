package io.uring4j.loop;

import io.uring4j.DirectSlot;
import io.uring4j.OpenFlags;
import io.uring4j.PathFlags;
import io.uring4j.Statx;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The operations on names of files. Relative paths start at the process's working directory. */
sealed interface PathOperations permits EventLoop {
    /** The path of an operation on a descriptor alone. */
    MemorySegment EMPTY_STRING = Arena.global().allocateFrom("").asReadOnly();

    private Operation make(Preparation preparation, Path path) {
        return ((EventLoop) this)
                .make(preparation, 0)
                .on(OpenFlags.CURRENT_DIRECTORY)
                .with(string(path));
    }

    private static MemorySegment string(Path path) {
        return Arena.ofAuto().allocateFrom(path.toString());
    }

    /**
     * Opens a file. The result is a descriptor. From Linux 5.6.
     *
     * @param path the file
     * @param flags see {@link OpenFlags}; programs that are executed don't get the descriptor in any case
     * @param mode the permissions of a file that is made
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat.3.html">io_uring_prep_openat(3)</a>
     */
    default Operation open(Path path, int flags, int mode) {
        Operation operation = make(Preparation.OPEN, path).flags(flags | OpenFlags.CLOSE_ON_EXEC);
        operation.number = mode;
        return operation;
    }

    /**
     * Opens a file as a direct descriptor. The result is 0, or the slot that the kernel chose. From Linux 5.15.
     *
     * @param path the file
     * @param flags see {@link OpenFlags}
     * @param mode the permissions of a file that is made
     * @param slot a slot of the registered files, or {@link DirectSlot#ALLOCATE}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_openat_direct.3.html">io_uring_prep_openat_direct(3)</a>
     */
    default Operation openDirect(Path path, int flags, int mode, int slot) {
        Operation operation = make(Preparation.OPEN_DIRECT, path).flags(flags);
        operation.number = mode;
        operation.otherFd = slot;
        return operation;
    }

    /**
     * Asks for the status of a file. From Linux 5.6.
     *
     * @param path the file
     * @param flags see {@link PathFlags}
     * @param mask which fields, such as {@link Statx#BASIC}
     * @param status where it goes, see {@link Statx#allocate}; memory that can't vanish
     * @return the operation, to be started
     * @throws IllegalArgumentException if the memory is on the heap, read-only, or of an arena that can be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_statx.3.html">io_uring_prep_statx(3)</a>
     */
    default Operation status(Path path, int flags, int mask, MemorySegment status) {
        LastingMemory.requireWithoutArena(status, true);
        Operation operation = make(Preparation.STATX, path).flags(flags);
        operation.number = mask;
        operation.otherMemory = status;
        return operation;
    }

    /**
     * Renames a file. From Linux 5.11.
     *
     * @param from its name
     * @param to its new name
     * @param flags 0, or see {@link PathFlags}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_renameat.3.html">io_uring_prep_renameat(3)</a>
     */
    default Operation rename(Path from, Path to, int flags) {
        Operation operation = make(Preparation.RENAME, from).flags(flags);
        operation.otherFd = OpenFlags.CURRENT_DIRECTORY;
        operation.otherMemory = string(to);
        return operation;
    }

    /**
     * Removes a name of a file, or a directory. From Linux 5.11.
     *
     * @param path the file
     * @param flags 0, or {@link PathFlags#REMOVE_DIRECTORY}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_unlinkat.3.html">io_uring_prep_unlinkat(3)</a>
     */
    default Operation unlink(Path path, int flags) {
        return make(Preparation.UNLINK, path).flags(flags);
    }

    /**
     * Makes a directory. From Linux 5.15.
     *
     * @param path the directory
     * @param mode its permissions
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_mkdirat.3.html">io_uring_prep_mkdirat(3)</a>
     */
    default Operation makeDirectory(Path path, int mode) {
        Operation operation = make(Preparation.MAKE_DIRECTORY, path);
        operation.number = mode;
        return operation;
    }
}
