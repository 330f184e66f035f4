package io.uring4j;

/**
 * Two connected sockets, the ring's and the peer's.
 *
 * @param ours the end that the ring uses
 * @param peer the end that the test uses without a ring
 */
record Connection(PeerSocket ours, PeerSocket peer) implements AutoCloseable {
    /** A TCP connection over the loopback device. */
    static Connection tcp() {
        try (PeerSocket listener = PeerSocket.listening()) {
            PeerSocket peer = listener.connectTo();
            return new Connection(listener.accept(), peer);
        }
    }

    /** A stream within the machine, in which what one side has sent is at once there for the other. */
    static Connection local() {
        return local(Sockets.SOCK_STREAM);
    }

    /** A local connection that keeps messages apart. */
    static Connection ofMessages() {
        return local(Sockets.SOCK_DGRAM);
    }

    private static Connection local(int type) {
        PeerSocket[] ends = PeerSocket.pair(type);
        return new Connection(ends[0], ends[1]);
    }

    int fd() {
        return ours.fd();
    }

    @Override
    public void close() {
        ours.close();
        peer.close();
    }
}
