package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.Modifier;
import io.uring4j.Needs;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each operation can be used by a handler, by a future, and by a call that waits. */
@Timeout(30)
class ThreeWaysTest {
    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard().submissionEntries(8));

    @AutoClose
    private final Pipes pipe = new Pipes();

    ThreeWaysTest() throws UringException {}

    @Test
    void handlerGetsResultAndAttachmentOnTheLoopsThread() throws Exception {
        CompletableFuture<List<Object>> seen = new CompletableFuture<>();
        loop.write(pipe.writeEnd(), Memory.of("hello"), -1)
                .start((result, flags, attached) -> seen.complete(List.of(result, attached, loop.isInLoop())), "mine");
        assertThat(seen.get()).containsExactly(5, "mine", true);
    }

    @Test
    void futureGetsResult() throws Exception {
        MemorySegment room = Memory.room(16);
        CompletableFuture<Integer> read = loop.read(pipe.readEnd(), room, -1).future();
        assertThat(loop.write(pipe.writeEnd(), Memory.of("hello"), -1).future().get()).isEqualTo(5);
        assertThat(read.get()).isEqualTo(5);
        assertThat(Memory.text(room, 5)).isEqualTo("hello");
    }

    @Test
    void waitingCallReturnsResultOnPlatformAndVirtualThreads() throws Exception {
        assertThat(loop.nop().await()).isZero();
        CompletableFuture<Integer> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                done.complete(loop.write(pipe.writeEnd(), Memory.of("abc"), -1).await());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        assertThat(done.get()).isEqualTo(3);
    }

    @Test
    void failureReachesEachOfThem() throws Exception {
        MemorySegment room = Memory.room(8);
        CompletableFuture<Integer> result = new CompletableFuture<>();
        loop.read(-1, room, 0).start((outcome, flags, none) -> result.complete(outcome));
        assertThat(result.get()).isEqualTo(-Errno.EBADF.number());

        assertThatThrownBy(() -> loop.read(-1, room, 0).future().get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(UringException.class, e -> {
                    assertThat(e.error()).isEqualTo(Errno.EBADF);
                    assertThat(e.call()).isEqualTo("read");
                });
        assertThatThrownBy(() -> loop.read(-1, room, 0).await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.EBADF));
    }

    @Test
    void handlersOnTheLoopsThreadStartMore() throws Exception {
        AtomicInteger count = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        ResultHandler<EventLoop> again = new ResultHandler<>() {
            @Override
            public void completed(int result, int flags, EventLoop own) {
                if (count.incrementAndGet() >= 100_000) {
                    over.countDown();
                } else {
                    own.nop().start(this, own);
                }
            }
        };
        loop.execute(() -> {
            // More than the submission queue holds.
            for (int i = 0; i < 50; i++) {
                loop.nop().start(again, loop);
            }
        });
        assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.stats().get().fullQueues()).isPositive();
    }

    @Test
    void loopsOwnThreadRefusesToWait() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                loop.nop().await();
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("can't wait");
    }

    @Test
    void interruptionCancelsAndWaitsForTheEnd() throws Exception {
        for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            CountDownLatch about = new CountDownLatch(1);
            Thread thread = builder.start(() -> {
                try {
                    about.countDown();
                    loop.read(pipe.readEnd(), Memory.room(8), -1).await();
                } catch (Throwable t) {
                    thrown.complete(t);
                }
            });
            about.await();
            Thread.sleep(20);
            thread.interrupt();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class).hasMessageContaining("read");
            assertThat(loop.stats().get().live()).isZero();
        }
    }

    @Test
    void cancellingTheFutureCancelsTheOperation() throws Exception {
        CompletableFuture<Integer> future =
                loop.read(pipe.readEnd(), Memory.room(8), -1).future();
        assertThat(future.cancel(true)).isTrue();
        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        assertThat(loop.stats().get().live()).isZero();
    }

    @Test
    void timeLimitEndsWithItsOwnError() throws Exception {
        assertThatThrownBy(() -> loop.read(pipe.readEnd(), Memory.room(8), -1)
                        .within(Duration.ofMillis(20))
                        .await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ETIME));
        loop.write(pipe.writeEnd(), Memory.of("x"), -1).await();
        assertThat(loop.read(pipe.readEnd(), Memory.room(8), -1)
                        .within(Duration.ofSeconds(20))
                        .await())
                .isEqualTo(1);
    }

    @Test
    void endOfFileIsZeroAndNoError() throws Exception {
        pipe.closeWriteEnd();
        assertThat(loop.read(pipe.readEnd(), Memory.room(8), -1).await()).isZero();
    }

    @Test
    void timerEndsWithZeroAndCanBeCancelled() throws Exception {
        long before = System.nanoTime();
        assertThat(loop.sleep(Duration.ofMillis(30)).await()).isZero();
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(30_000_000);

        CompletableFuture<Integer> result = new CompletableFuture<>();
        long token = loop.sleep(Duration.ofHours(1)).start((outcome, flags, none) -> result.complete(outcome));
        assertThat(loop.cancel(token).await()).isZero();
        assertThat(result.get()).isEqualTo(-Errno.ECANCELED.number());
        assertThatThrownBy(() -> loop.cancel(token).await())
                .isInstanceOfSatisfying(
                        UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void periodicTimerFiresUntilCancelled() throws Exception {
        Needs.kernelWith(Modifier.TIMEOUT_MULTISHOT);
        List<Integer> results = new ArrayList<>();
        CompletableFuture<Integer> last = new CompletableFuture<>();
        CountDownLatch three = new CountDownLatch(3);
        long token = loop.tick(Duration.ofMillis(5)).start((result, flags, none) -> {
            if (result == 0) {
                results.add(result);
                three.countDown();
            } else {
                last.complete(result);
            }
        });
        three.await();
        loop.cancel(token).await();
        assertThat(last.get()).isEqualTo(-Errno.ECANCELED.number());
        assertThat(results).hasSizeGreaterThanOrEqualTo(3).containsOnly(0);
    }

    @Test
    void wholeBufferIsTransferredWhenAskedFor() throws Exception {
        int size = 1 << 20;
        MemorySegment sent = Memory.room(size).fill((byte) 7);
        MemorySegment received = Memory.room(size);
        CompletableFuture<Integer> write =
                loop.write(pipe.writeEnd(), sent, -1).fully().future();
        assertThat(loop.read(pipe.readEnd(), received, -1).fully().await()).isEqualTo(size);
        assertThat(write.get()).isEqualTo(size);
        assertThat(received.mismatch(sent)).isEqualTo(-1);
    }

    @Test
    void fullReadEndsAtTheEndOfTheFile() throws Exception {
        loop.write(pipe.writeEnd(), Memory.of("abc"), -1).await();
        CompletableFuture<Integer> read =
                loop.read(pipe.readEnd(), Memory.room(100), -1).fully().future();
        loop.write(pipe.writeEnd(), Memory.of("de"), -1).await();
        pipe.closeWriteEnd();
        assertThat(read.get()).isEqualTo(5);
    }

    @Test
    void operationIsStartedOnce() {
        Operation operation = loop.nop();
        operation.start((result, flags, none) -> {});
        assertThatThrownBy(operation::future).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void handlerThatIsMissingIsRefusedAtTheStart() throws Exception {
        for (int round = 0; round < 3; round++) {
            loop.withRing(ring -> {
                        assertThatThrownBy(() -> loop.nop().start(null)).isInstanceOf(NullPointerException.class);
                        assertThatThrownBy(() -> new Chain(loop).then(loop.nop(), null, null))
                                .isInstanceOf(NullPointerException.class);
                        return null;
                    })
                    .get();
            assertThat(loop.nop().await()).as("the loop lives on").isZero();
        }
    }

    @Test
    void anotherThreadCannotWaitForWhatTheLoopsThreadHasMade() throws Exception {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        loop.withRing(ring -> {
                    Operation made = loop.nop();
                    CompletableFuture.runAsync(() -> assertThatThrownBy(made::await)
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("must be started there"))
                            .join();
                    return made.start((outcome, flags, none) -> result.complete(outcome));
                })
                .get();
        assertThat(result.get()).isZero();
    }

    @Test
    void operationThatWasNeverStartedIsTakenBack() throws Exception {
        CompletableFuture<Operation> kept = new CompletableFuture<>();
        loop.execute(() -> kept.complete(loop.nop()));
        Operation operation = kept.get();
        loop.nop().await();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                operation.start((result, flags, none) -> {});
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("taken back");
        loop.execute(() -> {
            for (int i = 0; i < 10_000; i++) {
                loop.nop();
            }
        });
        loop.nop().await();
        RequestCacheStats stats = loop.stats().get().requests();
        assertThat(stats.loop().available() + stats.loop().reclaimable()).isGreaterThanOrEqualTo(10_000);
    }
}
