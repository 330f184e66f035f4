package io.uring4j.loop;

import io.uring4j.FileFlags;
import io.uring4j.Iovec;
import io.uring4j.Statx;
import io.uring4j.buffer.BufferLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The operations on the content of open files. */
sealed interface FileOperations permits EventLoop {
    private Operation make(Preparation preparation, int mode) {
        return ((EventLoop) this).make(preparation, mode);
    }

    /**
     * Reads into a buffer. The result is the number of bytes, 0 at the end of the file. From Linux 5.6.
     *
     * @param fd the file
     * @param buffer memory that can't vanish, to be filled
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that could be closed
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_read.3.html">io_uring_prep_read(3)</a>
     */
    default Operation read(int fd, MemorySegment buffer, int nbytes, long offset) {
        return make(Preparation.READ, Operation.TRANSFER)
                .on(fd)
                .writing(buffer, nbytes)
                .at(offset)
                .flags(0);
    }

    /**
     * Fills a buffer, as {@link #read(int, MemorySegment, int, long)}.
     *
     * @param fd the file
     * @param buffer memory that can't vanish, to be filled
     * @param offset where in the file, in bytes; -1 for its current position
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that could be closed
     */
    default Operation read(int fd, MemorySegment buffer, long offset) {
        return read(fd, buffer, Math.toIntExact(buffer.byteSize()), offset);
    }

    /**
     * Writes from a buffer. The result is the number of bytes. From Linux 5.6.
     *
     * @param fd the file
     * @param buffer memory that can't vanish
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_write.3.html">io_uring_prep_write(3)</a>
     */
    default Operation write(int fd, MemorySegment buffer, int nbytes, long offset) {
        return make(Preparation.WRITE, Operation.TRANSFER)
                .on(fd)
                .reading(buffer, nbytes)
                .at(offset)
                .flags(0);
    }

    /**
     * Writes a whole buffer, as {@link #write(int, MemorySegment, int, long)}.
     *
     * @param fd the file
     * @param buffer memory that can't vanish
     * @param offset where in the file, in bytes; -1 for its current position
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     */
    default Operation write(int fd, MemorySegment buffer, long offset) {
        return write(fd, buffer, Math.toIntExact(buffer.byteSize()), offset);
    }

    /**
     * Writes the filled part of a buffer of a cache, and releases it when the operation has ended. Not started, the lease
     * stays the caller's.
     *
     * @param fd the file
     * @param lease the buffer
     * @param offset where in the file, in bytes; -1 for its current position
     * @return the operation, to be started
     */
    default Operation write(int fd, BufferLease lease, long offset) {
        return make(Preparation.WRITE, Operation.TRANSFER)
                .on(fd)
                .reading(lease)
                .at(offset)
                .flags(0);
    }

    /**
     * Reads into several buffers, one after the other. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param offset where in the file, in bytes; -1 for its current position
     * @param buffers memory that can't vanish, at most 1024 segments
     * @return the operation, to be started
     * @throws IllegalArgumentException if a buffer is on the heap, read-only, or of an arena that can be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_readv.3.html">io_uring_prep_readv(3)</a>
     */
    default Operation readVectored(int fd, long offset, MemorySegment... buffers) {
        for (MemorySegment buffer : buffers) {
            LastingMemory.requireWithoutArena(buffer, true);
        }
        return vectored(Preparation.READV, fd, offset, buffers);
    }

    /**
     * Writes from several buffers, one after the other. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param offset where in the file, in bytes; -1 for its current position
     * @param buffers memory that can't vanish, at most 1024 segments
     * @return the operation, to be started
     * @throws IllegalArgumentException if a buffer is on the heap or of an arena that can be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_writev.3.html">io_uring_prep_writev(3)</a>
     */
    default Operation writeVectored(int fd, long offset, MemorySegment... buffers) {
        for (MemorySegment buffer : buffers) {
            LastingMemory.requireWithoutArena(buffer, false);
        }
        return vectored(Preparation.WRITEV, fd, offset, buffers);
    }

    private Operation vectored(Preparation preparation, int fd, long offset, MemorySegment... buffers) {
        MemorySegment iovecs = Iovec.of(Arena.ofAuto(), buffers);
        Operation operation = make(preparation, 0).on(fd).with(iovecs).at(offset);
        operation.number = buffers.length;
        operation.other = buffers.clone();
        return operation;
    }

    /**
     * Reads into a part of a registered buffer ({@link io.uring4j.buffer.RegisteredBuffers}). The result is the number of
     * bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param buffer a part of the registered buffer
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap, read-only, or of an arena that could be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_read_fixed.3.html">io_uring_prep_read_fixed(3)</a>
     */
    default Operation readFixed(int fd, MemorySegment buffer, long offset, int index) {
        Operation operation = make(Preparation.READ_FIXED, Operation.TRANSFER)
                .on(fd)
                .writing(buffer, Math.toIntExact(buffer.byteSize()))
                .at(offset);
        operation.number = index;
        return operation;
    }

    /**
     * Writes from a part of a registered buffer. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param buffer a part of the registered buffer
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return the operation, to be started
     * @throws IllegalArgumentException if the buffer is on the heap or of an arena that could be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_write_fixed.3.html">io_uring_prep_write_fixed(3)</a>
     */
    default Operation writeFixed(int fd, MemorySegment buffer, long offset, int index) {
        Operation operation = make(Preparation.WRITE_FIXED, Operation.TRANSFER)
                .on(fd)
                .reading(buffer, Math.toIntExact(buffer.byteSize()))
                .at(offset);
        operation.number = index;
        return operation;
    }

    /**
     * Makes a file's content durable. From Linux 5.1.
     *
     * @param fd the file
     * @param flags 0, or {@link FileFlags#FSYNC_DATASYNC} to leave metadata out that isn't needed to read the content
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fsync.3.html">io_uring_prep_fsync(3)</a>
     */
    default Operation sync(int fd, int flags) {
        return make(Preparation.FSYNC, 0).on(fd).flags(flags);
    }

    /**
     * Allocates or frees space of a file. From Linux 5.6.
     *
     * @param fd the file
     * @param mode 0 to allocate, or {@code FALLOC_} bits, see {@link FileFlags}
     * @param offset where the space starts, in bytes
     * @param length its length in bytes
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fallocate.3.html">io_uring_prep_fallocate(3)</a>
     */
    default Operation allocate(int fd, int mode, long offset, long length) {
        Operation operation = make(Preparation.FALLOCATE, 0).on(fd).at(offset).flags(mode);
        operation.otherOffset = length;
        return operation;
    }

    /**
     * Sets a file's size. From Linux 6.9.
     *
     * @param fd the file
     * @param size the new size in bytes
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_ftruncate.3.html">io_uring_prep_ftruncate(3)</a>
     */
    default Operation truncate(int fd, long size) {
        return make(Preparation.FTRUNCATE, 0).on(fd).at(size);
    }

    /**
     * Moves data between two descriptors, one of which is a pipe. The result is the number of bytes. From Linux 5.7.
     *
     * @param fdIn where to take from
     * @param offsetIn where in it, in bytes; -1 for a pipe or the current position
     * @param fdOut where to put
     * @param offsetOut where in it, in bytes; -1 for a pipe or the current position
     * @param nbytes how many bytes at most
     * @param flags {@code SPLICE_} bits, see {@link FileFlags}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_splice.3.html">io_uring_prep_splice(3)</a>
     */
    default Operation splice(int fdIn, long offsetIn, int fdOut, long offsetOut, int nbytes, int flags) {
        Operation operation = make(Preparation.SPLICE, 0).on(fdOut).at(offsetOut).flags(flags);
        operation.otherFd = fdIn;
        operation.otherOffset = offsetIn;
        operation.length = nbytes;
        return operation;
    }

    /**
     * Asks for the status of an open file. From Linux 5.6.
     *
     * @param fd the file
     * @param mask which fields, such as {@link Statx#BASIC}
     * @param status where it goes, see {@link Statx#allocate}; memory that can't vanish
     * @return the operation, to be started
     * @throws IllegalArgumentException if the memory is on the heap, read-only, or of an arena that can be closed
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_statx.3.html">io_uring_prep_statx(3)</a>
     */
    default Operation status(int fd, int mask, MemorySegment status) {
        LastingMemory.requireWithoutArena(status, true);
        Operation operation = make(Preparation.STATX, 0)
                .on(fd)
                .with(PathOperations.EMPTY_STRING)
                .flags(io.uring4j.PathFlags.EMPTY_PATH);
        operation.number = mask;
        operation.otherMemory = status;
        return operation;
    }

    /**
     * Closes a descriptor. From Linux 5.6.
     *
     * @param fd the descriptor
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_close.3.html">io_uring_prep_close(3)</a>
     */
    default Operation close(int fd) {
        return make(Preparation.CLOSE, 0).on(fd);
    }

    /**
     * Closes a direct descriptor. From Linux 5.15.
     *
     * @param slot its slot
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_close_direct.3.html">io_uring_prep_close_direct(3)</a>
     */
    default Operation closeDirect(int slot) {
        return make(Preparation.CLOSE_DIRECT, 0).on(slot);
    }
}
