package io.uring4j.file;

import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_file_index_range;
import io.uring4j.abi.io_uring_rsrc_register;
import io.uring4j.abi.io_uring_rsrc_update2;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The table of files that a ring knows. An entry with {@link io.uring4j.Sqe#fixedFile} names a slot of
 * it in place of a descriptor, which saves the kernel the reference counting; direct descriptors live
 * in it alone. A ring has one table at most.
 *
 * <p>Requests in flight keep the file that they began with: a slot can be emptied or replaced at any
 * time. With tags, a completion tells when the last of them has let go of the file; before Linux 6.13
 * none does for files that leave with their table.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_files.3.html">io_uring_register_files(3)</a>
 */
public final class RegisteredFiles implements AutoCloseable {
    /** In place of a descriptor: the slot is empty. */
    public static final int EMPTY = -1;

    /** In place of a descriptor in an update: the slot stays as it is. From Linux 5.12. */
    public static final int SKIP = Abi.IORING_REGISTER_FILES_SKIP();

    private final Ring ring;
    private final int capacity;
    private boolean closed;

    private RegisteredFiles(Ring ring, int capacity) {
        this.ring = ring;
        this.capacity = capacity;
    }

    /**
     * Registers descriptors. From Linux 5.1.
     *
     * @param ring the ring
     * @param descriptors the files of the slots from 0 on; {@link #EMPTY} for none
     * @return the table
     * @throws UringException with EBUSY if the ring has a table, EBADF for a bad descriptor, EMFILE if there
     *     are more than RLIMIT_NOFILE allows
     */
    public static RegisteredFiles register(Ring ring, int... descriptors) throws UringException {
        requireSome(descriptors.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocateFrom(ValueLayout.JAVA_INT, descriptors);
            ring.register(RegisterOpcode.REGISTER_FILES, array, descriptors.length);
        }
        return new RegisteredFiles(ring, descriptors.length);
    }

    /**
     * Registers descriptors with tags. When the kernel lets go of a file whose tag isn't 0, it posts a
     * completion with the tag as user data. From Linux 5.13.
     *
     * @param ring the ring
     * @param descriptors the files of the slots from 0 on; {@link #EMPTY} for none
     * @param tags as many tags; 0 for no completion
     * @return the table
     * @throws UringException as {@link #register}
     */
    public static RegisteredFiles registerTagged(Ring ring, int[] descriptors, long[] tags) throws UringException {
        requireSome(descriptors.length);
        requireSameLength(descriptors.length, tags.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registration = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(registration, descriptors.length);
            io_uring_rsrc_register.data(
                    registration, arena.allocateFrom(ValueLayout.JAVA_INT, descriptors).address());
            io_uring_rsrc_register.tags(
                    registration, arena.allocateFrom(ValueLayout.JAVA_LONG, tags).address());
            ring.register(RegisterOpcode.REGISTER_FILES2, registration, (int) registration.byteSize());
        }
        return new RegisteredFiles(ring, descriptors.length);
    }

    /**
     * Registers a table of empty slots. From Linux 5.5.
     *
     * @param ring the ring
     * @param slots how many, from 1
     * @return the table
     * @throws UringException as {@link #register}
     */
    public static RegisteredFiles registerEmpty(Ring ring, int slots) throws UringException {
        requireSome(slots);
        // Sparse tables came with the same kernel as buffer rings, 5.19; before it the kernel gets an array.
        if (!ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING)) {
            int[] none = new int[slots];
            Arrays.fill(none, EMPTY);
            return register(ring, none);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registration = io_uring_rsrc_register.allocate(arena);
            io_uring_rsrc_register.nr(registration, slots);
            io_uring_rsrc_register.flags(registration, Abi.IORING_RSRC_REGISTER_SPARSE());
            ring.register(RegisterOpcode.REGISTER_FILES2, registration, (int) registration.byteSize());
        }
        return new RegisteredFiles(ring, slots);
    }

    private static void requireSome(int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("a table of " + slots + " files");
        }
    }

    private static void requireSameLength(int descriptors, int tags) {
        if (descriptors != tags) {
            throw new IllegalArgumentException(descriptors + " descriptors, but " + tags + " tags");
        }
    }

    /** {@return how many slots there are} */
    public int capacity() {
        return capacity;
    }

    /**
     * Replaces the files of some slots. From Linux 5.5.
     *
     * @param firstSlot the first slot, from 0
     * @param descriptors the new files; {@link #EMPTY} for none, {@link #SKIP} to leave a slot as it is
     * @return how many slots were updated
     * @throws UringException if the kernel refuses the first of them
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public int update(int firstSlot, int... descriptors) throws UringException {
        return updateTagged(firstSlot, descriptors, null);
    }

    /**
     * Replaces the files of some slots, and their tags. From Linux 5.13.
     *
     * @param firstSlot the first slot, from 0
     * @param descriptors the new files; {@link #EMPTY} for none, {@link #SKIP} to leave a slot as it is
     * @param tags as many tags, 0 for no completion; or null for none at all
     * @return how many slots were updated
     * @throws UringException if the kernel refuses the first of them
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public int updateTagged(int firstSlot, int[] descriptors, long @Nullable [] tags)
            throws UringException {
        requireOpen();
        Objects.checkFromIndexSize(firstSlot, descriptors.length, capacity);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = io_uring_rsrc_update2.allocate(arena);
            io_uring_rsrc_update2.offset(update, firstSlot);
            io_uring_rsrc_update2.data(
                    update, arena.allocateFrom(ValueLayout.JAVA_INT, descriptors).address());
            if (tags == null) {
                // The older struct is the beginning of the newer one.
                return ring.register(RegisterOpcode.REGISTER_FILES_UPDATE, update, descriptors.length);
            }
            requireSameLength(descriptors.length, tags.length);
            io_uring_rsrc_update2.nr(update, descriptors.length);
            io_uring_rsrc_update2.tags(
                    update, arena.allocateFrom(ValueLayout.JAVA_LONG, tags).address());
            return ring.register(RegisterOpcode.REGISTER_FILES_UPDATE2, update, (int) update.byteSize());
        }
    }

    /**
     * Sets from which slots the kernel chooses for direct descriptors
     * ({@link io.uring4j.DirectSlot#ALLOCATE}). From Linux 6.0.
     *
     * @param firstSlot the first of them, from 0
     * @param slots how many
     * @throws UringException if the kernel refuses
     * @throws IndexOutOfBoundsException if there are no such slots
     */
    public void allocateFrom(int firstSlot, int slots) throws UringException {
        requireOpen();
        Objects.checkFromIndexSize(firstSlot, slots, capacity);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = io_uring_file_index_range.allocate(arena);
            io_uring_file_index_range.off(range, firstSlot);
            io_uring_file_index_range.len(range, slots);
            ring.register(RegisterOpcode.REGISTER_FILE_ALLOC_RANGE, range, 0);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("registered files are closed");
        }
    }

    /**
     * Lets go of the table and its files; requests in flight keep theirs. Closing twice, or after the ring,
     * does nothing.
     *
     * @throws UringException if the kernel refuses
     */
    @Override
    public void close() throws UringException {
        if (!closed && !ring.isClosed()) {
            ring.register(RegisterOpcode.UNREGISTER_FILES, MemorySegment.NULL, 0);
        }
        closed = true;
    }
}
