package io.uring4j;

import org.jspecify.annotations.Nullable;

/** The one thread that may use a ring and its queues, if there is one: others are refused. */
final class RingOwner {
    private @Nullable Thread thread;
    private boolean ending;

    /** The thread; null when the ring belongs to nobody. */
    @Nullable Thread thread() {
        return thread;
    }

    /** From now on the ring belongs to the current thread. */
    void take() {
        thread = Thread.currentThread();
    }

    /** The ring is about to be closed: whoever does that isn't refused. */
    void end() {
        ending = true;
    }

    /** Whether the ring belongs to another thread. */
    boolean isAnother() {
        return thread != null && thread != Thread.currentThread();
    }

    /** Refuses other threads. */
    void require() {
        if (isAnother() && !ending) {
            throw refusal();
        }
    }

    private IllegalStateException refusal() {
        return new IllegalStateException(
                "ring belongs to " + thread + " (SINGLE_ISSUER or REGISTERED_FD_ONLY), not to " + Thread.currentThread());
    }
}
