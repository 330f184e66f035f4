package io.uring4j;

import java.lang.foreign.MemorySegment;

/**
 * The credentials of a thread at one moment, registered so that requests can run with them:
 * {@link Sqe#personality}. From Linux 5.6.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_personality.3.html">io_uring_register_personality(3)</a>
 */
public final class Personality implements AutoCloseable {
    private final Ring ring;
    private final int id;
    private boolean closed;

    private Personality(Ring ring, int id) {
        this.ring = ring;
        this.id = id;
    }

    /**
     * Registers the credentials of the current thread.
     *
     * @param ring the ring whose requests may use them
     * @return the registration
     * @throws UringException if the kernel refuses
     */
    public static Personality ofCurrentThread(Ring ring) throws UringException {
        return new Personality(ring, ring.register(RegisterOpcode.REGISTER_PERSONALITY, MemorySegment.NULL, 0));
    }

    /** {@return the number to pass to {@link Sqe#personality}, 1 to 65535} */
    public int id() {
        return id;
    }

    /**
     * Lets go of the credentials. Requests that were submitted keep them. Closing twice does nothing.
     *
     * @throws UringException if the kernel refuses
     */
    @Override
    public void close() throws UringException {
        if (!closed && !ring.isClosed()) {
            ring.register(RegisterOpcode.UNREGISTER_PERSONALITY, MemorySegment.NULL, id);
        }
        closed = true;
    }
}
