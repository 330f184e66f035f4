package io.uring4j.buffer;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Receives from a stream in all the ways that a group has, as chance decides: single buffers, which are taken or visited,
 * and bundles, with a limit and without. One receive after the other, so that the bytes come in order.
 */
final class MixedReceiver {
    private final Ring ring;
    private final BufferGroup group;
    private final int fd;
    private final long userData;
    private final Listener listener;
    private final boolean hasBundles;
    private final boolean limitedBundles;
    private final SplittableRandom random;
    private boolean armed;
    private boolean ended;
    private boolean bundle;

    /** How many buffers the group had been given when the receive was armed; -1 if it needs no new one. */
    private long seenByGroup = -1;

    /** Gets what comes. */
    interface Listener extends BufferedReceiver.Listener {
        /** Data has come that stays in its buffer until this returns. */
        void visited(MemorySegment memory, long offset, int length);
    }

    MixedReceiver(Ring ring, BufferGroup group, boolean limitedBundles, int fd, long userData, Listener listener) {
        this.limitedBundles = limitedBundles;
        this.ring = ring;
        this.group = group;
        this.fd = fd;
        this.userData = userData;
        this.listener = listener;
        this.hasBundles = group instanceof BufferRing && ring.capabilities().has(Modifier.BUNDLE);
        this.random = new SplittableRandom(userData);
    }

    boolean isEnded() {
        return ended;
    }

    /** Goes on if there is hope that the group has a buffer. */
    void resume() throws UringException {
        if (armed || ended) {
            return;
        }
        group.replenish();
        if (group.replenished() != seenByGroup && ring.submissions().spaceLeft() > 0) {
            arm();
        }
    }

    private void arm() {
        bundle = hasBundles && random.nextBoolean();
        int size = group.bufferSize();
        boolean unlimited = random.nextInt(3) > 0 || bundle && !limitedBundles;
        int most = unlimited ? 0 : 1 + random.nextInt((bundle ? 4 : 1) * size);
        if (!(group instanceof BufferRing)) {
            most = size;
        }
        Sqe entry = ring.submissions().next().recv(fd, MemorySegment.NULL, most, 0);
        entry.selectBuffer(group.id()).userData(userData);
        if (bundle) {
            entry.bundle();
        }
        seenByGroup = group.replenished();
        armed = true;
    }

    void onCompletion(int result, int flags) {
        armed = false;
        if (result > 0) {
            seenByGroup = -1;
            if (bundle) {
                group.takeBundle(result, flags, listener::received);
            } else if (random.nextBoolean()) {
                group.visit(result, flags, listener::visited);
            } else {
                listener.received(group.take(result, flags));
            }
            return;
        }
        if (Cqe.hasBuffer(flags)) {
            group.take(result, flags).release();
        }
        if (Errno.ENOBUFS.is(result)) {
            group.noteExhausted();
        } else {
            ended = true;
            listener.ended(result);
        }
    }
}
