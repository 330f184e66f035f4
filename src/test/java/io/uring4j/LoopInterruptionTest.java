package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LoopConfig;
import io.uring4j.loop.LoopFeature;
import io.uring4j.loop.LoopStats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to a loop's thread, as profilers send them, and interruptions of it, which nobody should send. */
@Timeout(120)
class LoopInterruptionTest {
    private static final int STORM_THREADS = 4;

    @BeforeAll
    static void handleTheSignal() {
        Posix.handleByDoingNothing(Posix.SIGUSR1);
    }

    private static EventLoop start(boolean withFeatures) throws UringException {
        LoopConfig config = LoopConfig.standard();
        return EventLoop.start(withFeatures ? config : config.without(LoopFeature.values()));
    }

    private static int kernelId(EventLoop loop) {
        CompletableFuture<Integer> id = new CompletableFuture<>();
        loop.execute(() -> id.complete(Posix.gettid()));
        return id.join();
    }

    private static long interruptions(EventLoop loop) throws Exception {
        return loop.stats().get().ring().interruptions();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stormOfSignalsLosesNothing(boolean withFeatures) throws Exception {
        int rounds = Rounds.of(2_000);
        try (EventLoop loop = start(withFeatures);
                Connection socket = Connection.local()) {
            int thread = kernelId(loop);
            AtomicInteger callbacks = new AtomicInteger();
            int done = 0;
            CompletableFuture<Void> storm = new CompletableFuture<>();
            Thread sender = Thread.ofPlatform().start(() -> {
                while (!storm.isDone()) {
                    Posix.signalThread(thread, Posix.SIGUSR1);
                    // Without a pause the loop would do little else, on few processors, than being interrupted.
                    LockSupport.parkNanos(10_000);
                }
            });
            try {
                MemorySegment room = Arena.ofAuto().allocate(1);
                long patience = System.nanoTime() + 30_000_000_000L;
                for (; done < rounds || interruptions(loop) == 0 && System.nanoTime() < patience; done++) {
                    CompletableFuture<Integer> receive = loop.receive(socket.fd(), room).future();
                    loop.nop().start((result, flags, count) -> count.addAndGet(1 + result), callbacks);
                    CompletableFuture<Integer> pause = loop.sleep(Duration.ofNanos(100_000)).future();
                    if (done % 10 == 0) {
                        pause.get();
                    }
                    socket.peer().send("x");
                    assertThat(receive.get()).isEqualTo(1);
                    assertThat(pause.get()).isZero();
                }
            } finally {
                storm.complete(null);
                sender.join();
            }
            LoopStats stats = loop.stats().get();
            assertThat(callbacks.get()).isEqualTo(done);
            assertThat(stats.staleCompletions()).isZero();
            assertThat(stats.failures()).isZero();
            assertThat(interruptions(loop)).as("met the loop in the kernel").isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptionOfTheLoopsOwnThreadDoesNotEndIt(boolean withFeatures) throws Exception {
        try (EventLoop loop = start(withFeatures)) {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            loop.execute(() -> thread.complete(Thread.currentThread()));
            for (int i = 0; i < 100; i++) {
                thread.get().interrupt();
                assertThat(loop.nop().await()).isZero();
                assertThat(loop.sleep(Duration.ofNanos(1000)).await()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interruptionsOfManyWaitersEndEachWithItsOwnOutcome(boolean withFeatures) throws Exception {
        int rounds = Rounds.of(200);
        try (EventLoop loop = start(withFeatures);
                Connection socket = Connection.local()) {
            AtomicInteger interrupted = new AtomicInteger();
            AtomicInteger received = new AtomicInteger();
            MemorySegment[] rooms = new MemorySegment[STORM_THREADS];
            for (int round = 0; round < rounds; round++) {
                Thread[] waiters = new Thread[STORM_THREADS];
                for (int i = 0; i < waiters.length; i++) {
                    rooms[i] = Arena.ofAuto().allocate(1);
                    MemorySegment room = rooms[i];
                    waiters[i] = Thread.ofVirtual().start(() -> {
                        try {
                            received.addAndGet(loop.receive(socket.fd(), room).await());
                        } catch (InterruptedException e) {
                            interrupted.incrementAndGet();
                        } catch (UringException e) {
                            throw new AssertionError(e);
                        }
                    });
                }
                int sent = round % 2;
                if (sent == 1) {
                    socket.peer().send("x");
                }
                for (Thread waiter : waiters) {
                    waiter.interrupt();
                }
                for (Thread waiter : waiters) {
                    waiter.join();
                }
            }
            // A byte that came too late for its round was taken in a later one, or is still there.
            assertThat(interrupted.get() + received.get()).isEqualTo(rounds * STORM_THREADS);
            assertThat(received.get()).isBetween(0, rounds / 2);
            LoopStats stats = loop.stats().get();
            assertThat(stats.staleCompletions()).isZero();
            // The one that tells of the counters is running.
            assertThat(stats.live()).isLessThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threadThatIsInterruptedAlreadyDoesNotWait(boolean withFeatures) throws Exception {
        try (EventLoop loop = start(withFeatures)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> loop.sleep(Duration.ofHours(1)).await()).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        }
    }
}
