package io.uring4j.loop;

import java.util.concurrent.CountDownLatch;

/** A loop whose thread is kept busy: what is started meanwhile waits in its queue. */
final class HeldLoop {
    private HeldLoop() {}

    /** What is done meanwhile. */
    interface Action {
        void run() throws Exception;
    }

    /** Does something while the loop is held up. */
    static void meanwhile(EventLoop loop, Action action) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        held.await();
        try {
            action.run();
        } finally {
            go.countDown();
        }
    }
}
