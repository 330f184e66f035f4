package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;
import java.lang.foreign.MemorySegment;

/** The operations on the content of files: read, write, make durable, allocate, move between files and pipes. */
sealed interface FileRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Reads into a buffer. The result is the number of bytes, 0 at the end of the file. From Linux 5.6.
     *
     * @param fd the file
     * @param buffer native memory to fill, which must stay until the completion
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_read.3.html">io_uring_prep_read(3)</a>
     */
    default Sqe read(int fd, MemorySegment buffer, int nbytes, long offset) {
        return sqe().prepare(Abi.IORING_OP_READ(), fd, sqe().writable(buffer, nbytes), nbytes, offset);
    }

    /**
     * Writes from a buffer. The result is the number of bytes. From Linux 5.6.
     *
     * @param fd the file
     * @param buffer native memory to write, which must stay until the completion
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_write.3.html">io_uring_prep_write(3)</a>
     */
    default Sqe write(int fd, MemorySegment buffer, int nbytes, long offset) {
        return sqe().prepare(Abi.IORING_OP_WRITE(), fd, sqe().readable(buffer, nbytes), nbytes, offset);
    }

    /**
     * Reads into several buffers. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param iovecs an array of struct iovec, see {@link Iovec}; it and the buffers must stay
     *     until the completion
     * @param count how many of them to use, at most 1024
     * @param offset where in the file, in bytes; -1 for its current position
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_readv.3.html">io_uring_prep_readv(3)</a>
     */
    default Sqe readv(int fd, MemorySegment iovecs, int count, long offset) {
        return sqe().prepare(Abi.IORING_OP_READV(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, offset);
    }

    /**
     * Writes from several buffers. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param iovecs an array of struct iovec, see {@link Iovec}; it and the buffers must stay
     *     until the completion
     * @param count how many of them to use, at most 1024
     * @param offset where in the file, in bytes; -1 for its current position
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_writev.3.html">io_uring_prep_writev(3)</a>
     */
    default Sqe writev(int fd, MemorySegment iovecs, int count, long offset) {
        return sqe().prepare(Abi.IORING_OP_WRITEV(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, offset);
    }

    /**
     * Reads into a part of a registered buffer. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param buffer a part of the registered buffer, which must stay until the completion
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @throws IllegalArgumentException if the buffer is on the heap or read-only
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_read_fixed.3.html">io_uring_prep_read_fixed(3)</a>
     */
    default Sqe readFixed(int fd, MemorySegment buffer, int nbytes, long offset, int index) {
        return sqe().prepare(Abi.IORING_OP_READ_FIXED(), fd, sqe().writable(buffer, nbytes), nbytes, offset)
                .bufferIndex(index);
    }

    /**
     * Writes from a part of a registered buffer. The result is the number of bytes. From Linux 5.1.
     *
     * @param fd the file
     * @param buffer a part of the registered buffer, which must stay until the completion
     * @param nbytes how many bytes at most, 0 to the buffer's size
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_write_fixed.3.html">io_uring_prep_write_fixed(3)</a>
     */
    default Sqe writeFixed(int fd, MemorySegment buffer, int nbytes, long offset, int index) {
        return sqe().prepare(Abi.IORING_OP_WRITE_FIXED(), fd, sqe().readable(buffer, nbytes), nbytes, offset)
                .bufferIndex(index);
    }

    /**
     * Reads into several parts of a registered buffer. The result is the number of bytes. From Linux 6.15.
     *
     * @param fd the file
     * @param iovecs an array of struct iovec whose parts lie within the registered buffer; it must
     *     stay until the submission, the buffer until the completion
     * @param count how many of them to use, at most 1024
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_readv_fixed.3.html">io_uring_prep_readv_fixed(3)</a>
     */
    default Sqe readvFixed(int fd, MemorySegment iovecs, int count, long offset, int index) {
        return sqe().prepare(Abi.IORING_OP_READV_FIXED(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, offset)
                .bufferIndex(index);
    }

    /**
     * Writes from several parts of a registered buffer. The result is the number of bytes. From Linux 6.15.
     *
     * @param fd the file
     * @param iovecs an array of struct iovec whose parts lie within the registered buffer; it must
     *     stay until the submission, the buffer until the completion
     * @param count how many of them to use, at most 1024
     * @param offset where in the file, in bytes; -1 for its current position
     * @param index the registered buffer's index, 0 to 65535
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is shorter than {@code count}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_writev_fixed.3.html">io_uring_prep_writev_fixed(3)</a>
     */
    default Sqe writevFixed(int fd, MemorySegment iovecs, int count, long offset, int index) {
        return sqe().prepare(Abi.IORING_OP_WRITEV_FIXED(), fd, sqe().readable(iovecs, count * Iovec.BYTES), count, offset)
                .bufferIndex(index);
    }

    /**
     * Reads again and again, each time into a provided buffer, from a file that can be polled, such as a pipe.
     * Each result is a number of bytes; it goes on while completions carry {@link Cqe#MORE}. From Linux 6.7.
     *
     * @param fd the file
     * @param nbytes how many bytes at a time at most; 0 for the size of the buffer
     * @param offset where in the file, in bytes; -1 for its current position
     * @param group the group of provided buffers, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_read_multishot.3.html">io_uring_prep_read_multishot(3)</a>
     */
    default Sqe readMultishot(int fd, int nbytes, long offset, int group) {
        return sqe().prepare(Abi.IORING_OP_READ_MULTISHOT(), fd, 0, nbytes, offset).selectBuffer(group);
    }

    /**
     * Modifies a read or write by the flags of preadv2(2). From Linux 5.1.
     *
     * @param flags {@code RWF_} bits, see {@link FileFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man2/preadv2.2.html">preadv2(2)</a>
     */
    default Sqe rwFlags(int flags) {
        return sqe().operationFlags(flags);
    }

    /**
     * Sets the I/O priority of a read or write. From Linux 5.1.
     *
     * @param priority a priority class and level, as for ioprio_set(2), 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man2/ioprio_set.2.html">ioprio_set(2)</a>
     */
    default Sqe ioPriority(int priority) {
        return sqe().priority(priority);
    }

    /**
     * Adds protection information to a read or write (IORING_RW_ATTR_FLAG_PI). From Linux 6.14.
     *
     * @param attribute a struct io_uring_attr_pi, which must stay until the completion
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
     */
    default Sqe protectionInformation(MemorySegment attribute) {
        sqe().require(Modifier.PROTECTION_INFORMATION);
        io_uring_sqe.attr_ptr(sqe().memory(), sqe().whole(attribute));
        io_uring_sqe.attr_type_mask(sqe().memory(), Abi.IORING_RW_ATTR_FLAG_PI());
        return sqe();
    }

    /**
     * Names the write stream of a write, by which a device keeps data of like lifetime together. From Linux 6.16.
     *
     * @param stream 1 to 255, 0 for none
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
     */
    default Sqe writeStream(int stream) {
        if (stream < 0 || stream > 0xff) {
            throw sqe().refuse(new IllegalArgumentException("write stream " + stream + " not in 0..255"));
        }
        sqe().require(Modifier.WRITE_STREAM);
        io_uring_sqe.write_stream(sqe().memory(), (byte) stream);
        return sqe();
    }

    /**
     * Makes a file's content durable. From Linux 5.1.
     *
     * @param fd the file
     * @param flags 0, or {@link FileFlags#FSYNC_DATASYNC} to leave metadata out that isn't needed
     *     to read the content
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fsync.3.html">io_uring_prep_fsync(3)</a>
     */
    default Sqe fsync(int fd, int flags) {
        return sqe().prepare(Abi.IORING_OP_FSYNC(), fd, 0, 0, 0).operationFlags(flags);
    }

    /**
     * Starts, or waits for, the writeback of a part of a file. From Linux 5.2.
     *
     * @param fd the file
     * @param nbytes the length of the part in bytes, 0 for up to the end
     * @param offset where the part starts, in bytes
     * @param flags {@code SYNC_FILE_RANGE_} bits, see {@link FileFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_sync_file_range.3.html">io_uring_prep_sync_file_range(3)</a>
     */
    default Sqe syncFileRange(int fd, int nbytes, long offset, int flags) {
        return sqe().prepare(Abi.IORING_OP_SYNC_FILE_RANGE(), fd, 0, nbytes, offset).operationFlags(flags);
    }

    /**
     * Allocates or frees space of a file. From Linux 5.6.
     *
     * @param fd the file
     * @param mode 0 to allocate, or {@code FALLOC_} bits, see {@link FileFlags}
     * @param offset where the space starts, in bytes
     * @param nbytes its length in bytes
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fallocate.3.html">io_uring_prep_fallocate(3)</a>
     */
    default Sqe fallocate(int fd, int mode, long offset, long nbytes) {
        return sqe().prepare(Abi.IORING_OP_FALLOCATE(), fd, nbytes, mode, offset);
    }

    /**
     * Sets a file's size. From Linux 6.9.
     *
     * @param fd the file
     * @param length the new size in bytes
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_ftruncate.3.html">io_uring_prep_ftruncate(3)</a>
     */
    default Sqe ftruncate(int fd, long length) {
        return sqe().prepare(Abi.IORING_OP_FTRUNCATE(), fd, 0, 0, length);
    }

    /**
     * Announces how a part of a file will be read. From Linux 5.6; of lengths from 4 GiB on from 6.11.
     *
     * @param fd the file
     * @param offset where the part starts, in bytes
     * @param nbytes its length in bytes, 0 for up to the end, not negative
     * @param advice {@code FADVISE_} number, see {@link FileFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_fadvise.3.html">io_uring_prep_fadvise(3)</a>
     */
    default Sqe fadvise(int fd, long offset, long nbytes, int advice) {
        boolean isLong = isLong(nbytes);
        return sqe().prepare(Abi.IORING_OP_FADVISE(), fd, isLong ? nbytes : 0, isLong ? 0 : (int) nbytes, offset)
                .operationFlags(advice);
    }

    /** Whether a length exceeds the 32 bits that lengths of advice have had from the beginning. */
    private boolean isLong(long nbytes) {
        if (nbytes < 0) {
            throw sqe().refuse(new IllegalArgumentException("length of " + nbytes + " bytes is negative"));
        }
        if (nbytes >>> Integer.SIZE == 0) {
            return false;
        }
        sqe().require(Modifier.LONG_ADVICE);
        return true;
    }

    /**
     * Announces how memory will be used. From Linux 5.6; of lengths from 4 GiB on from 6.11.
     *
     * @param memory native memory that starts on a page, which must stay until the completion
     * @param nbytes how much of it, in bytes
     * @param advice {@code MADVISE_} number, see {@link FileFlags}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @throws IndexOutOfBoundsException if the buffer is smaller than {@code nbytes}
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_madvise.3.html">io_uring_prep_madvise(3)</a>
     */
    default Sqe madvise(MemorySegment memory, long nbytes, int advice) {
        long address = sqe().readable(memory, nbytes);
        boolean isLong = isLong(nbytes);
        return sqe().prepare(Abi.IORING_OP_MADVISE(), -1, address, isLong ? 0 : (int) nbytes, isLong ? nbytes : 0)
                .operationFlags(advice);
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
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_splice.3.html">io_uring_prep_splice(3)</a>
     */
    default Sqe splice(int fdIn, long offsetIn, int fdOut, long offsetOut, int nbytes, int flags) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_SPLICE(), fdOut, offsetIn, nbytes, offsetOut).operationFlags(flags);
        io_uring_sqe.splice_fd_in(entry.memory(), fdIn);
        return entry;
    }

    /**
     * Duplicates data from one pipe to another without consuming it. The result is the number of bytes. From Linux 5.8.
     *
     * @param fdIn the pipe to copy from
     * @param fdOut the pipe to copy to
     * @param nbytes how many bytes at most
     * @param flags {@code SPLICE_} bits, see {@link FileFlags}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_tee.3.html">io_uring_prep_tee(3)</a>
     */
    default Sqe tee(int fdIn, int fdOut, int nbytes, int flags) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_TEE(), fdOut, 0, nbytes, 0).operationFlags(flags);
        io_uring_sqe.splice_fd_in(entry.memory(), fdIn);
        return entry;
    }

    /**
     * Makes a pipe. From Linux 6.16.
     *
     * @param descriptors room for two ints, which receive the reading and the writing end; must
     *     stay until the completion
     * @param flags such as {@code O_CLOEXEC}, see {@link OpenFlags}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_pipe.3.html">io_uring_prep_pipe(3)</a>
     */
    default Sqe pipe(MemorySegment descriptors, int flags) {
        return sqe().prepare(Abi.IORING_OP_PIPE(), 0, sqe().writable(descriptors, 2L * Integer.BYTES), 0, 0)
                .operationFlags(flags);
    }

    /**
     * Makes a pipe of two direct descriptors. From Linux 6.16.
     *
     * @param descriptors room for two ints, which receive the slots; must stay until the
     *     completion
     * @param flags such as {@code O_NONBLOCK}
     * @param slot the slot of the reading end, the writing end goes to the next; or {@link
     *     DirectSlot#ALLOCATE}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_pipe_direct.3.html">io_uring_prep_pipe_direct(3)</a>
     */
    default Sqe pipeDirect(MemorySegment descriptors, int flags, int slot) {
        return pipe(descriptors, flags).directSlot(slot);
    }
}
