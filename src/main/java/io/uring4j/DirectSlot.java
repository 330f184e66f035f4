package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * Slots of the registered files that receive direct descriptors.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_files.3.html">io_uring_register_files(3)</a>
 */
public final class DirectSlot {
    /** In place of a slot: the kernel chooses one. From Linux 5.19. */
    public static final int ALLOCATE = Abi.IORING_FILE_INDEX_ALLOC();

    private DirectSlot() {}
}
