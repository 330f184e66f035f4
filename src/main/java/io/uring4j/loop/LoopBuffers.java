package io.uring4j.loop;

import io.uring4j.UringException;
import java.util.ArrayList;
import java.util.List;

/** The buffers that a loop receives into: it gives them to the kernel again until it ends. On the loop's thread. */
final class LoopBuffers {
    private final EventLoop loop;
    private final List<ReceiveBuffers> all = new ArrayList<>();

    /** Another thread has released buffers that the kernel lacks. */
    private volatile boolean released;

    LoopBuffers(EventLoop loop) {
        this.loop = loop;
    }

    /** Takes care of buffers until the loop ends. */
    void serve(ReceiveBuffers added) {
        all.add(added);
        loop.shutdown().closeAtEnd(added::close);
    }

    /** Buffers that the kernel lacks were released, on any thread. */
    void wake() {
        released = true;
        loop.doorbell().ringIfAsleep();
    }

    /** Whether there may be something to give to the kernel. */
    boolean isNews() {
        return released;
    }

    /** A completion of entries that have given buffers to the kernel has come. */
    void received(long userData, int result) {
        for (ReceiveBuffers each : all) {
            if (each.onCompletion(userData, result)) {
                return;
            }
        }
    }

    /** The part of each turn. */
    void replenish() throws UringException {
        if (all.isEmpty()) {
            return;
        }
        // Before the look, so that what is released during it isn't overlooked.
        released = false;
        for (ReceiveBuffers each : all) {
            each.replenish();
        }
        loop.submitter().refreshRoom();
    }
}
