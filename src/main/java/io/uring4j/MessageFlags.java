package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * How a message to another ring is passed; bits of a mask.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_msg_ring.3.html">io_uring_prep_msg_ring(3)</a>
 */
public final class MessageFlags {
    /** A file is sent without a completion in the other ring. From Linux 6.0. */
    public static final int SKIP_COMPLETION = Abi.IORING_MSG_RING_CQE_SKIP();

    private MessageFlags() {}
}
