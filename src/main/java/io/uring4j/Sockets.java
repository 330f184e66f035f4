package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The numbers that socket operations take.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</a>
 */
public final class Sockets {
    /** Internet protocol, version 4. */
    public static final int AF_INET = Abi.AF_INET();

    /** Internet protocol, version 6. */
    public static final int AF_INET6 = Abi.AF_INET6();

    /** Sockets within one machine. */
    public static final int AF_UNIX = Abi.AF_UNIX();

    /** A stream of bytes. */
    public static final int SOCK_STREAM = Abi.SOCK_STREAM();

    /** Single messages. */
    public static final int SOCK_DGRAM = Abi.SOCK_DGRAM();

    /** Programs that are executed don't get the descriptor. */
    public static final int SOCK_CLOEXEC = Abi.SOCK_CLOEXEC();

    /** Operations outside the ring don't block. */
    public static final int SOCK_NONBLOCK = Abi.SOCK_NONBLOCK();

    /** No more receiving. */
    public static final int SHUT_RD = Abi.SHUT_RD();

    /** No more sending. */
    public static final int SHUT_WR = Abi.SHUT_WR();

    /** Neither. */
    public static final int SHUT_RDWR = Abi.SHUT_RDWR();

    /** The level of options of sockets in general. */
    public static final int SOL_SOCKET = Abi.SOL_SOCKET();

    /** Option: the local address may be used again at once. */
    public static final int SO_REUSEADDR = Abi.SO_REUSEADDR();

    /** Option: several sockets may listen on one address. */
    public static final int SO_REUSEPORT = Abi.SO_REUSEPORT();

    /** Option: the size of the receive buffer. */
    public static final int SO_RCVBUF = Abi.SO_RCVBUF();

    /** Option: the size of the send buffer. */
    public static final int SO_SNDBUF = Abi.SO_SNDBUF();

    /** Option: the pending error. */
    public static final int SO_ERROR = Abi.SO_ERROR();

    /** Option: keeps idle connections alive. */
    public static final int SO_KEEPALIVE = Abi.SO_KEEPALIVE();

    /** Option: zero-copy sends outside io_uring. */
    public static final int SO_ZEROCOPY = Abi.SO_ZEROCOPY();

    /** The protocol, and the level of options, of TCP. */
    public static final int IPPROTO_TCP = Abi.IPPROTO_TCP();

    /** Option of TCP: small segments aren't held back. */
    public static final int TCP_NODELAY = Abi.TCP_NODELAY();

    /** Send and receive: EAGAIN in place of waiting. */
    public static final int MSG_DONTWAIT = Abi.MSG_DONTWAIT();

    /** Receive: leaves the data where it is. */
    public static final int MSG_PEEK = Abi.MSG_PEEK();

    /** Send and receive: all of it, not as much as goes at once. From Linux 5.19 within io_uring. */
    public static final int MSG_WAITALL = Abi.MSG_WAITALL();

    /** Send: EPIPE without the signal. */
    public static final int MSG_NOSIGNAL = Abi.MSG_NOSIGNAL();

    /** Send: more follows at once. */
    public static final int MSG_MORE = Abi.MSG_MORE();

    /** Received: the datagram was longer than the room. */
    public static final int MSG_TRUNC = Abi.MSG_TRUNC();

    /** Received: the control data was longer than the room. */
    public static final int MSG_CTRUNC = Abi.MSG_CTRUNC();

    private Sockets() {}
}
