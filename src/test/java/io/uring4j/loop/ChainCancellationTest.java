package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.Errno;
import io.uring4j.UringException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains are cancelled by the future of their last operation, and operation by operation; started on any thread. */
@Timeout(30)
class ChainCancellationTest {
    private static final int CANCELLED = -Errno.ECANCELED.number();
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final EventLoop loop = EventLoop.start(LoopConfig.standard().submissionEntries(16));

    @AutoClose
    private final Pipes pipe = new Pipes();

    private final List<Integer> results = new CopyOnWriteArrayList<>();
    private final ResultHandler<Object> note = (result, flags, none) -> results.add(result);

    ChainCancellationTest() throws UringException {}

    @AfterEach
    void nothingIsLeftAndNoneTakenForAnother() throws Exception {
        Eventually.holds(() -> loop.stats().get().live() == 0);
        assertThat(loop.stats().get().staleCompletions()).isZero();
    }

    private <T> T start(boolean onLoop, Supplier<T> starter) throws Exception {
        T started = onLoop ? loop.withRing(ring -> starter.get()).get() : starter.get();
        loop.nop().await();
        return started;
    }

    private Operation blockedRead() {
        return loop.read(pipe.readEnd(), Memory.room(8), -1);
    }

    private static void requireCancelled(CompletableFuture<Integer> future) {
        assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void futureCancelsWhatRunsAndWhatWaits(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last = start(
                onLoop,
                () -> new Chain(loop)
                        .then(loop.nop(), note, "")
                        .then(blockedRead(), note, "")
                        .then(loop.nop(), note, "")
                        .finish(blockedRead()));
        assertThat(last.cancel(true)).isTrue();
        requireCancelled(last);
        assertThat(results).containsExactly(0, CANCELLED, CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void futureCancelsTheLastWhenThatRuns(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last =
                start(onLoop, () -> new Chain(loop).then(loop.nop(), note, "").finish(blockedRead()));
        last.cancel(true);
        requireCancelled(last);
        assertThat(results).containsExactly(0);
    }

    /** Each starts when the one before was cancelled: too late for a cancellation that came for all at once. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void futureCancelsWhatStartsAnyway(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last = start(
                onLoop,
                () -> new Chain(loop)
                        .thenAnyway(blockedRead(), note, "")
                        .thenAnyway(blockedRead(), note, "")
                        .thenAnyway(loop.sleep(LONG), note, "")
                        .finish(blockedRead()));
        last.cancel(true);
        requireCancelled(last);
        assertThat(results).containsExactly(CANCELLED, CANCELLED, CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void futureCancelsWhatHasATimeLimit(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last = start(
                onLoop,
                () -> new Chain(loop)
                        .then(blockedRead().within(LONG), note, "")
                        .finish(blockedRead().within(LONG)));
        last.cancel(true);
        requireCancelled(last);
        assertThat(results).containsExactly(CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void timeLimitInTheMiddleCancelsWhatFollows(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last = start(
                onLoop,
                () -> new Chain(loop)
                        .then(loop.nop(), note, "")
                        .then(blockedRead().within(Duration.ofMillis(20)), note, "")
                        .finish(loop.nop()));
        requireCancelled(last);
        assertThat(results).containsExactly(0, -Errno.ETIME.number());
        assertThat(last.cancel(true)).as("it was cancelled").isTrue();
    }

    /** Before the loop has even taken the chain from its queue. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void futureCancelsAChainThatWaitsInTheQueue(boolean anyway) throws Exception {
        CompletableFuture<CompletableFuture<Integer>> last = new CompletableFuture<>();
        HeldLoop.meanwhile(loop, () -> {
            Chain chain = new Chain(loop);
            CompletableFuture<Integer> future = anyway
                    ? chain.thenAnyway(blockedRead(), note, "").finish(blockedRead())
                    : chain.then(blockedRead(), note, "").finish(blockedRead());
            future.cancel(true);
            last.complete(future);
        });
        requireCancelled(last.get());
        assertThat(results).containsExactly(CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void operationInTheMiddleIsCancelledByItsToken(boolean onLoop) throws Exception {
        Chain chain = new Chain(loop);
        assertThatIllegalStateException().isThrownBy(() -> chain.token(0)).withMessageContaining("wasn't started");
        CompletableFuture<Integer> last = start(
                onLoop,
                () -> chain.then(loop.nop(), note, "")
                        .then(blockedRead(), note, "")
                        .finish(loop.nop()));
        assertThatThrownBy(() -> loop.cancel(chain.token(0)).await()).as("has ended").satisfies(
                ChainCancellationTest::isNotFound);
        assertThatThrownBy(() -> loop.cancel(chain.token(2)).await()).as("waits").satisfies(
                ChainCancellationTest::isNotFound);
        assertThat(last).isNotDone();
        assertThat(loop.cancel(chain.token(1)).await()).isZero();
        requireCancelled(last);
        assertThat(results).containsExactly(0, CANCELLED);
        assertThatThrownBy(() -> chain.token(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static void isNotFound(Throwable thrown) {
        assertThat(thrown).isInstanceOfSatisfying(
                UringException.class, e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lastIsCancelledByTheTokenThatItsStartReturns(boolean onLoop) throws Exception {
        Chain chain = new Chain(loop);
        long token = start(
                onLoop, () -> chain.thenAnyway(loop.nop(), note, "").finish(blockedRead(), note, ""));
        assertThat(token).isEqualTo(chain.token(1)).isNotEqualTo(chain.token(0));
        assertThat(loop.cancel(token).await()).isZero();
        Eventually.holds(() -> results.size() == 2);
        assertThat(results).containsExactly(0, CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancellationThatComesLateHitsNothingElse(boolean onLoop) throws Exception {
        CompletableFuture<Integer> last =
                start(onLoop, () -> new Chain(loop).then(loop.nop(), note, "").finish(loop.nop()));
        assertThat(last.get()).isZero();
        // They get the objects of those.
        CompletableFuture<Integer> other = start(
                onLoop, () -> new Chain(loop).then(blockedRead(), note, "").finish(loop.nop()));
        assertThat(last.cancel(true)).isFalse();
        loop.nop().await();
        assertThat(other).isNotDone();
        other.cancel(true);
        requireCancelled(other);
        assertThatThrownBy(() -> loop.cancel(1).future().get()).isInstanceOf(ExecutionException.class);
    }
}
