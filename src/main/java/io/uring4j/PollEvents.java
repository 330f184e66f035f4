package io.uring4j;

import io.uring4j.abi.Abi;
import java.nio.ByteOrder;

/**
 * What a descriptor can be ready for; bits of a mask.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a>
 */
public final class PollEvents {
    /** There is data to read. */
    public static final int IN = Abi.POLLIN();

    /** There is room to write. */
    public static final int OUT = Abi.POLLOUT();

    /** There is urgent data. */
    public static final int PRI = Abi.POLLPRI();

    /** An error is pending; always reported. */
    public static final int ERR = Abi.POLLERR();

    /** The peer has hung up; always reported. */
    public static final int HUP = Abi.POLLHUP();

    /** The peer has shut down its writing side. */
    public static final int RDHUP = Abi.POLLRDHUP();

    /** Not an event: keeps a poll reporting when {@link Sqe#pollUpdateEvents} changes it. */
    public static final int MULTISHOT = 1 << 31;

    private PollEvents() {}

    /** The kernel swaps the halves of the mask on big-endian machines, for the sake of old programs. */
    static int toKernel(int events) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? Integer.rotateLeft(events, 16) : events;
    }
}
