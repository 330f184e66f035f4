package io.uring4j.loop;

import io.uring4j.UringException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program of many virtual threads that wait for operations at once, to be run with one carrier thread: one that was
 * pinned while it waits would keep the others from ever starting. Tells on its output how many got through.
 */
final class ManyWaiters {
    private static final int THREADS = 500;

    private ManyWaiters() {}

    /** What a thread waits for. */
    private interface Wait {
        int await() throws UringException, InterruptedException;
    }

    public static void main(String[] arguments) throws Exception {
        // So small a queue that threads wait for room in it, too.
        try (EventLoop loop = EventLoop.start(LoopConfig.standard().queueCapacity(4));
                Pipes pipe = new Pipes()) {
            AtomicInteger bytes = new AtomicInteger();
            List<Thread> readers = start(
                    () -> bytes.addAndGet(loop.read(pipe.readEnd(), Memory.room(1), -1).await()));
            awaitLive(loop);
            System.out.println("read at once by " + THREADS);
            loop.write(pipe.writeEnd(), Memory.room(THREADS), -1).fully().await();
            join(readers);
            System.out.println("bytes " + bytes);

            AtomicInteger interrupted = new AtomicInteger();
            List<Thread> sleepers = start(() -> {
                try {
                    return loop.sleep(Duration.ofHours(1)).await();
                } catch (InterruptedException e) {
                    return interrupted.incrementAndGet();
                }
            });
            awaitLive(loop);
            sleepers.forEach(Thread::interrupt);
            join(sleepers);
            System.out.println("interrupted " + interrupted);
        }
    }

    private static List<Thread> start(Wait wait) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    wait.await();
                } catch (UringException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        return threads;
    }

    private static void awaitLive(EventLoop loop) throws Exception {
        Eventually.holds(() -> loop.stats().get().live() == THREADS);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
