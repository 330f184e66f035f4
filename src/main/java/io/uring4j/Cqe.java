package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The flags of a completion, and what they say.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/io_uring.7.html">io_uring(7)</a>
 */
public final class Cqe {
    /** The upper 16 bits hold the id of the provided buffer that was used. */
    public static final int BUFFER = Abi.IORING_CQE_F_BUFFER();

    /** The operation goes on: more completions follow for the same user data. */
    public static final int MORE = Abi.IORING_CQE_F_MORE();

    /** The socket had more to read when this was posted. */
    public static final int SOCK_NONEMPTY = Abi.IORING_CQE_F_SOCK_NONEMPTY();

    /** The notification of a zero-copy send: the buffer may be used again. */
    public static final int NOTIFICATION = Abi.IORING_CQE_F_NOTIF();

    /** The provided buffer was consumed in part, and will be used again. */
    public static final int BUFFER_MORE = Abi.IORING_CQE_F_BUF_MORE();

    /** An entry of 32 bytes, on a ring with CQE_MIXED. */
    public static final int LARGE = Abi.IORING_CQE_F_32();

    private static final int COPIED = Abi.IORING_NOTIF_USAGE_ZC_COPIED();
    private static final int BUFFER_SHIFT = Abi.IORING_CQE_BUFFER_SHIFT();

    private Cqe() {}

    /**
     * Tells whether the operation goes on.
     *
     * @param flags a completion's flags
     * @return true when more completions follow for the same user data
     */
    public static boolean hasMore(int flags) {
        return (flags & MORE) != 0;
    }

    /**
     * Tells whether the kernel used a provided buffer.
     *
     * @param flags a completion's flags
     * @return true when {@link #bufferId} is meaningful
     */
    public static boolean hasBuffer(int flags) {
        return (flags & BUFFER) != 0;
    }

    /**
     * Tells from the notification of a zero-copy send with {@code reportUsage} whether the kernel copied.
     *
     * @param result the notification's result
     * @return true when data was copied, at least in part
     */
    public static boolean wasCopied(int result) {
        return (result & COPIED) != 0;
    }

    /**
     * What moment a timestamp of a sent packet is of ({@link Sqe#transmitTimestamps}).
     *
     * @param flags a completion's flags
     * @return the kernel's SCM_TSTAMP number: 0 when it went to the device, 1 when it was queued for it, 2 when the
     *     peer had confirmed it, 3 when the device had sent it
     */
    public static int timestampKind(int flags) {
        return flags >>> Abi.IORING_TIMESTAMP_TYPE_SHIFT();
    }

    /**
     * Tells whether the device's clock gave a timestamp of a sent packet ({@link Sqe#transmitTimestamps}).
     *
     * @param flags a completion's flags
     * @return true for the device's clock, false for the kernel's
     */
    public static boolean isHardwareTimestamp(int flags) {
        return (flags & Abi.IORING_CQE_F_TSTAMP_HW()) != 0;
    }

    /**
     * The id of the provided buffer that the kernel used.
     *
     * @param flags a completion's flags
     * @return the id, 0 to 65535
     * @throws IllegalArgumentException if the flags name no buffer
     */
    public static int bufferId(int flags) {
        if (!hasBuffer(flags)) {
            throw new IllegalArgumentException("completion carries no buffer id: flags 0x" + Integer.toHexString(flags));
        }
        // Unsigned: ids from 32768 on would come out negative.
        return flags >>> BUFFER_SHIFT;
    }
}
