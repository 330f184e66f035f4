package io.uring4j;

import io.uring4j.abi.Abi;
import java.lang.foreign.MemorySegment;

/** The operations on provided buffers of the older kind, and on registered files. */
sealed interface BufferRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Gives buffers to a group, each of the same size. From Linux 5.7.
     *
     * @param buffers native memory that holds them one after the other; it must stay until they
     *     have been used or removed
     * @param nbytes the size of one, in bytes
     * @param count how many, 1 to 65535
     * @param group the group, 0 to 65535
     * @param firstId the id of the first, 0 to 65535; the others count up from it
     * @return this entry
     * @throws IndexOutOfBoundsException if the memory is too small
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_provide_buffers.3.html">io_uring_prep_provide_buffers(3)</a>
     */
    default Sqe provideBuffers(MemorySegment buffers, int nbytes, int count, int group, int firstId) {
        return provideBuffers(buffers, 0, nbytes, count, group, firstId);
    }

    /**
     * As {@link #provideBuffers(MemorySegment, int, int, int, int)}, for buffers that don't start where the memory does.
     * From Linux 5.7.
     *
     * @param memory native memory that holds the buffers one after the other; it must stay until they
     *     have been used or removed
     * @param offset where the first starts in the memory, in bytes
     * @param nbytes the size of one, in bytes
     * @param count how many, 1 to 65535
     * @param group the group, 0 to 65535
     * @param firstId the id of the first, 0 to 65535; the others count up from it
     * @return this entry
     * @throws IndexOutOfBoundsException if the memory is too small, or the offset negative
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_provide_buffers.3.html">io_uring_prep_provide_buffers(3)</a>
     */
    default Sqe provideBuffers(MemorySegment memory, long offset, int nbytes, int count, int group, int firstId) {
        long bytes = Math.multiplyFull(nbytes, count);
        if (offset < 0 || bytes < 0) {
            throw sqe().refuse(new IndexOutOfBoundsException(bytes + " bytes from " + offset + " on"));
        }
        return sqe().prepare(
                        Abi.IORING_OP_PROVIDE_BUFFERS(),
                        count,
                        sqe().writable(memory, offset + bytes) + offset,
                        nbytes,
                        firstId)
                .bufferGroup(group);
    }

    /**
     * Takes buffers from a group. The result is how many were taken, or ENOENT when there is no such group. From Linux 5.7.
     *
     * @param count how many at most, 1 to 65535
     * @param group the group, 0 to 65535
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_remove_buffers.3.html">io_uring_prep_remove_buffers(3)</a>
     */
    default Sqe removeBuffers(int count, int group) {
        return sqe().prepare(Abi.IORING_OP_REMOVE_BUFFERS(), count, 0, 0, 0).bufferGroup(group);
    }

    /**
     * Replaces registered files. The result is how many were replaced. From Linux 5.6.
     *
     * @param descriptors an array of ints: descriptors, -1 to empty a slot; must stay until the
     *     completion
     * @param count how many of them
     * @param firstSlot the slot of the first, or {@link DirectSlot#ALLOCATE}: the kernel then
     *     chooses, and writes the slots to the array
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is too short
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_files_update.3.html">io_uring_prep_files_update(3)</a>
     */
    default Sqe filesUpdate(MemorySegment descriptors, int count, int firstSlot) {
        return sqe().prepare(
                Abi.IORING_OP_FILES_UPDATE(),
                -1,
                sqe().writable(descriptors, (long) count * Integer.BYTES),
                count,
                Integer.toUnsignedLong(firstSlot));
    }
}
