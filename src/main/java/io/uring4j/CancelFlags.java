package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * Which requests a cancellation means; bits of a mask.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_cancel.3.html">io_uring_prep_cancel(3)</a>
 */
public final class CancelFlags {
    /** Every request that matches, not only the first. From Linux 5.19. */
    public static final int ALL = Abi.IORING_ASYNC_CANCEL_ALL();

    /** Match by descriptor. From Linux 5.19. */
    public static final int FD = Abi.IORING_ASYNC_CANCEL_FD();

    /** The descriptor is a slot of the registered files. From Linux 6.0. */
    public static final int FIXED_FILE = Abi.IORING_ASYNC_CANCEL_FD_FIXED();

    /** Match every request. From Linux 5.19. */
    public static final int ANY = Abi.IORING_ASYNC_CANCEL_ANY();

    /** Match by user data too, beside another key. From Linux 6.6. */
    public static final int USER_DATA = Abi.IORING_ASYNC_CANCEL_USERDATA();

    /** Match by operation. From Linux 6.6. */
    public static final int OPCODE = Abi.IORING_ASYNC_CANCEL_OP();

    private CancelFlags() {}
}
