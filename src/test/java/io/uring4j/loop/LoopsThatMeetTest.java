package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.buffer.BufferCache;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop's thread waits for no loop: not for itself, and not for another one, which might wait for it. */
@Timeout(30)
class LoopsThatMeetTest {
    private static CompletableFuture<Throwable> thrownBy(EventLoop loop, Callable<?> action) {
        return loop.<Throwable>withRing(ring -> {
            try {
                action.call();
                return null;
            } catch (Exception e) {
                return e;
            }
        });
    }

    private static Throwable soon(CompletableFuture<Throwable> future) throws Exception {
        return future.get(5, TimeUnit.SECONDS);
    }

    @Test
    void operationOfAnotherLoopIsNotWaitedFor() throws Exception {
        try (EventLoop one = EventLoop.start();
                EventLoop other = EventLoop.start()) {
            CyclicBarrier both = new CyclicBarrier(2);
            CompletableFuture<Throwable> here = thrownBy(one, () -> both.await() + other.nop().await());
            CompletableFuture<Throwable> there = thrownBy(other, () -> both.await() + one.nop().await());
            assertThat(soon(here)).isInstanceOf(IllegalStateException.class).hasMessageContaining("can't wait");
            assertThat(soon(there)).isInstanceOf(IllegalStateException.class).hasMessageContaining("can't wait");
            assertThat(one.nop().await() + other.nop().await()).isZero();
        }
    }

    @Test
    void operationRunsOnItsOwnLoopWhicheverStartsIt() throws Exception {
        try (EventLoop one = EventLoop.start();
                EventLoop other = EventLoop.start()) {
            CompletableFuture<EventLoop> toldOn = new CompletableFuture<>();
            ResultHandler<Object> tells = (result, flags, none) -> toldOn.complete(EventLoop.current());
            assertThat(soon(thrownBy(one, () -> other.nop().start(tells)))).isNull();
            assertThat(toldOn.get(5, TimeUnit.SECONDS)).isSameAs(other);
        }
    }

    @Test
    void buffersOfAnotherLoopAreNotWaitedFor() throws Exception {
        try (EventLoop one = EventLoop.start();
                EventLoop other = EventLoop.start()) {
            BufferCache.Settings settings = BufferCache.Settings.of(64, 4);
            CyclicBarrier both = new CyclicBarrier(2);
            CompletableFuture<Throwable> here = thrownBy(one, () -> {
                both.await();
                return ReceiveBuffers.open(other, settings, 4);
            });
            CompletableFuture<Throwable> there = thrownBy(other, () -> {
                both.await();
                return ReceiveBuffers.open(one, settings, 4);
            });
            assertThat(soon(here)).isInstanceOf(IllegalStateException.class).hasMessageContaining("can't wait");
            assertThat(soon(there)).isInstanceOf(IllegalStateException.class).hasMessageContaining("can't wait");
            assertThat(soon(thrownBy(one, () -> ReceiveBuffers.open(one, settings, 4)))).isNull();
        }
    }

    @Test
    void loopsThatCloseEachOtherEndBoth() throws Exception {
        try (EventLoop one = EventLoop.start();
                EventLoop other = EventLoop.start()) {
            CyclicBarrier both = new CyclicBarrier(2);
            one.execute(() -> close(both, other));
            other.execute(() -> close(both, one));
            Eventually.holds(() -> one.isEnded() && other.isEnded());
        }
    }

    private static void close(CyclicBarrier both, EventLoop loop) {
        try {
            both.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        loop.close();
    }

    @Test
    void groupThatIsClosedOnAThreadOfItsOwnEnds() throws Exception {
        try (EventLoopGroup group = EventLoopGroup.start(LoopConfig.standard().submissionEntries(8), 3)) {
            group.next().execute(group::close);
            Eventually.holds(() -> group.loops().stream().allMatch(EventLoop::isEnded));
        }
    }
}
