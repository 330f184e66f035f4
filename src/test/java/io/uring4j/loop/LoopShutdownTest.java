package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.notify.Descriptors;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a loop: no new work, finish or cancel, drain, free; and an outcome that says what happened. */
@Timeout(60)
class LoopShutdownTest {
    @AutoClose
    private final Pipes pipe = new Pipes();

    private static EventLoop start() throws UringException {
        return EventLoop.start(LoopConfig.standard().submissionEntries(16));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsUnderWayIsCancelledAndCounted(boolean atOnce) throws Exception {
        LoopConfig config = LoopConfig.standard().submissionEntries(16);
        EventLoop loop = EventLoop.start(atOnce ? config : config.without(LoopFeature.CANCEL_ALL));
        List<CompletableFuture<Integer>> reads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            reads.add(loop.read(pipe.readEnd(), Memory.room(8), -1).future());
        }
        loop.nop().await();
        LoopOutcome outcome = loop.shutdown(Duration.ZERO).get();
        assertThat(outcome.isClean()).as(outcome.toString()).isTrue();
        assertThat(outcome.cancelled()).isEqualTo(100);
        for (CompletableFuture<Integer> read : reads) {
            assertThatThrownBy(read::get).isInstanceOf(CancellationException.class);
        }
        assertThat(loop.isEnded()).isTrue();
    }

    @Test
    void operationsGetTimeToFinish() throws Exception {
        EventLoop loop = start();
        CompletableFuture<Integer> read =
                loop.read(pipe.readEnd(), Memory.room(8), -1).future();
        CompletableFuture<LoopOutcome> outcome = loop.shutdown(Duration.ofSeconds(20));
        Thread.sleep(20);
        assertThat(outcome).isNotDone();
        try (EventLoop other = start()) {
            other.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        }
        assertThat(read.get()).isEqualTo(1);
        assertThat(outcome.get()).isEqualTo(new LoopOutcome(1, 0, List.of(), List.of(), null));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void timersAndWhatGoesOnAreNotWaitedFor(boolean withFeatures) throws Exception {
        LoopConfig config = LoopConfig.standard().submissionEntries(16);
        EventLoop loop = EventLoop.start(withFeatures ? config : config.without(LoopFeature.values()));
        CompletableFuture<Integer> sleep = loop.sleep(Duration.ofHours(1)).future();
        Ticker.start(loop, Duration.ofMillis(1), () -> {});
        try (LocalSocket listener = LocalSocket.listen(new InetSocketAddress("127.0.0.1", 0), 1)) {
            CompletableFuture<Integer> ended = new CompletableFuture<>();
            Acceptor.start(loop, listener.fd(), new Acceptor.Listener() {
                @Override
                public void accepted(int fd) {}

                @Override
                public void ended(int result) {
                    ended.complete(result);
                }
            });
            CompletableFuture<LoopOutcome> outcome = loop.shutdown(Duration.ofSeconds(30));
            assertThat(outcome.get(10, TimeUnit.SECONDS).isClean()).isTrue();
            assertThat(ended.get()).isEqualTo(-Errno.ECANCELED.number());
        }
        assertThat(sleep).isCompletedExceptionally();
    }

    /** No time at all to wait for cancelled operations: the outcome says so, and waiters aren't left alone. */
    @Test
    void whatHasNotEndedInTimeIsReported() throws Exception {
        EventLoop loop = EventLoop.start(LoopConfig.standard().closeTimeout(Duration.ZERO));
        CompletableFuture<Integer> read =
                loop.read(pipe.readEnd(), Memory.room(8), -1).future();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                loop.read(pipe.readEnd(), Memory.room(8), -1).await();
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        Eventually.holds(() -> loop.stats().get().live() == 2);
        LoopOutcome outcome = loop.shutdown(Duration.ZERO).get();
        if (outcome.isClean()) {
            // The kernel was quick: then they were cancelled, as in time.
            assertThat(thrown.get()).isInstanceOf(UringException.class);
            assertThat(read).isCancelled();
            return;
        }
        assertThat(outcome.unfinished()).hasSize(2).allMatch(text -> text.contains("read"));
        // This thread may still be about to return from waking the loop: then that is told too.
        assertThat(outcome.leaks()).anySatisfy(leak -> assertThat(leak).contains("ETIMEDOUT"));
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("not the operation");
        assertThat(read).isCompletedExceptionally();
    }

    @Test
    void newWorkIsRefused() throws Exception {
        EventLoop loop = start();
        loop.close();
        assertThatThrownBy(() -> loop.nop().future()).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.nop().await()).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        loop.close();
    }

    @Test
    void handlerThatIsToldOfTheEndMayStartOnlyWhatCleansUp() throws Exception {
        EventLoop loop = start();
        CompletableFuture<Throwable> refusal = new CompletableFuture<>();
        CompletableFuture<Integer> cleanedUp = new CompletableFuture<>();
        loop.read(pipe.readEnd(), Memory.room(8), -1).start((result, flags, none) -> {
            try {
                loop.nop().start((nopResult, nopFlags, nothing) -> {});
                refusal.complete(null);
            } catch (RejectedExecutionException e) {
                refusal.complete(e);
            }
            loop.close(-1).start((closeResult, closeFlags, nothing) -> cleanedUp.complete(closeResult));
        });
        loop.nop().await();
        assertThat(loop.shutdown(Duration.ZERO).get().isClean()).isTrue();
        assertThat(refusal.get(10, TimeUnit.SECONDS)).isInstanceOf(RejectedExecutionException.class);
        assertThat(cleanedUp.get(10, TimeUnit.SECONDS)).isEqualTo(-Errno.EBADF.number());
    }

    @Test
    void endCanBeAskedForOnTheLoopsThread() throws Exception {
        EventLoop loop = start();
        CompletableFuture<CompletableFuture<LoopOutcome>> asked = new CompletableFuture<>();
        loop.execute(() -> {
            loop.close();
            asked.complete(loop.shutdown(Duration.ZERO));
        });
        assertThat(asked.get().get().isClean()).isTrue();
    }

    @Test
    void bufferThatTheProgramHoldsIsReported() throws Exception {
        EventLoop loop = start();
        ReceiveBuffers buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(64, 4), 2);
        BufferLease lease = loop.withRing(ring -> buffers.cache().acquire()).get();
        LoopOutcome outcome = loop.shutdown(Duration.ZERO).get();
        assertThat(outcome.isClean()).isFalse();
        assertThat(outcome.leaks()).singleElement().asString().contains("1 leases are out");
        lease.release();
    }

    @Test
    void waitersAreReleasedWhenTheLoopEnds() throws Exception {
        EventLoop loop = start();
        List<CompletableFuture<Throwable>> thrown = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Throwable> each = new CompletableFuture<>();
            thrown.add(each);
            Thread.startVirtualThread(() -> {
                try {
                    loop.read(pipe.readEnd(), Memory.room(8), -1).await();
                    each.complete(null);
                } catch (Throwable t) {
                    each.complete(t);
                }
            });
        }
        Thread.sleep(20);
        loop.close();
        for (CompletableFuture<Throwable> each : thrown) {
            assertThat(each.get()).isInstanceOfAny(UringException.class, RejectedExecutionException.class);
        }
    }

    @Test
    void whatWasStartedBeforeTheEndWasAskedForGetsItsTime() throws Exception {
        EventLoop loop = start();
        CompletableFuture<CompletableFuture<Integer>> read = new CompletableFuture<>();
        CompletableFuture<CompletableFuture<LoopOutcome>> outcome = new CompletableFuture<>();
        afterTheQueueWasTaken(loop, () -> {
            elsewhere(() ->
                    read.complete(loop.read(pipe.readEnd(), Memory.room(8), -1).future()));
            outcome.complete(loop.shutdown(Duration.ofSeconds(20)));
        });
        outcome.get();
        Thread.sleep(20);
        try (EventLoop other = start()) {
            other.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        }
        assertThat(read.get().get()).isEqualTo(1);
        assertThat(outcome.get().get()).isEqualTo(new LoopOutcome(1, 0, List.of(), List.of(), null));
    }

    @Test
    void virtualThreadIsReleasedWhoseOperationHasMissedTheLastTurn() throws Exception {
        EventLoop loop = start();
        CompletableFuture<Integer> outcome = new CompletableFuture<>();
        Runnable waiting = () -> {
            try {
                outcome.complete(loop.nop().await());
            } catch (Exception e) {
                outcome.completeExceptionally(e);
            }
        };
        ResultHandler<Object> startsWaiting = (result, flags, none) -> {
            Thread waiter = Thread.startVirtualThread(waiting);
            while (waiter.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        };
        afterTheQueueWasTaken(loop, () -> {
            // The end begins in the next turn, for this is to be taken before; and when that has been, the handler runs.
            elsewhere(() -> loop.execute(() -> {}));
            loop.nop().start(startsWaiting);
            loop.shutdown(Duration.ZERO);
        });
        assertThatThrownBy(() -> outcome.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ECANCELED));
    }

    /** Producers race with the end: each start ends in a completion or an exception. */
    @Test
    void nothingIsLostWhenStartsRaceWithTheEnd() throws Exception {
        for (int round = 0; round < 50; round++) {
            EventLoop loop = EventLoop.start(LoopConfig.standard().queueCapacity(8));
            List<Thread> threads = new ArrayList<>();
            List<CompletableFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                List<CompletableFuture<Integer>> own = new ArrayList<>();
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        while (true) {
                            own.add(loop.nop().future());
                        }
                    } catch (RejectedExecutionException e) {
                        synchronized (futures) {
                            futures.addAll(own);
                        }
                    }
                }));
            }
            Thread.sleep(2);
            assertThat(loop.shutdown(Duration.ZERO).get().isClean()).isTrue();
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
            }
            for (CompletableFuture<Integer> future : futures) {
                Eventually.holds(future::isDone);
            }
        }
    }

    @Test
    void tasksThatWereAcceptedAreRun() throws Exception {
        for (int round = 0; round < 50; round++) {
            EventLoop loop = start();
            List<CompletableFuture<Boolean>> futures = new ArrayList<>();
            CompletableFuture<LoopOutcome> outcome = new CompletableFuture<>();
            Thread.startVirtualThread(() -> loop.shutdown(Duration.ZERO).thenAccept(outcome::complete));
            try {
                while (true) {
                    futures.add(loop.withRing(ring -> true));
                }
            } catch (RejectedExecutionException e) {
                // As it should be, sooner or later.
            }
            assertThat(outcome.get().isClean()).isTrue();
            for (CompletableFuture<Boolean> future : futures) {
                Eventually.holds(future::isDone);
            }
        }
    }

    @Test
    void leaseOfAWriteThatWasRefusedStaysTheCallers() throws Exception {
        EventLoop owner = start();
        EventLoop ended = start();
        ReceiveBuffers buffers = ReceiveBuffers.open(owner, BufferCache.Settings.of(64, 4), 2);
        BufferLease lease = owner.withRing(ring -> buffers.cache().acquire()).get();
        ended.close();
        Operation write = ended.write(pipe.writeEnd(), lease, -1);
        assertThatThrownBy(write::future).isInstanceOf(RejectedExecutionException.class);
        lease.release();
        assertThat(owner.shutdown(Duration.ZERO).get().isClean()).isTrue();
    }

    @Test
    void loopsComeAndGoWithoutALeak() throws Exception {
        long before = Descriptors.count();
        for (int i = 0; i < 100; i++) {
            LoopConfig config = LoopConfig.standard().submissionEntries(8);
            if (i % 2 == 0) {
                config = config.without(LoopFeature.MESSAGE_WAKE_UP);
            }
            try (EventLoop loop = EventLoop.start(config)) {
                loop.read(pipe.readEnd(), Memory.room(8), -1).future();
                loop.sleep(Duration.ofHours(1)).future();
                loop.nop().await();
            }
        }
        assertThat(Descriptors.count()).isEqualTo(before);
    }

    /** Runs something on the loop's thread, in a turn that has taken already what other threads had for the loop. */
    private static void afterTheQueueWasTaken(EventLoop loop, Runnable action) {
        loop.execute(() -> loop.execute(action));
    }

    private static void elsewhere(Runnable action) {
        Thread thread = Thread.ofPlatform().start(action);
        while (thread.isAlive()) {
            Thread.onSpinWait();
        }
    }
}
