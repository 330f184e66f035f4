package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that park, to be woken. */
class WaitersTest {
    private static final long MOMENT_MILLIS = 50;
    private static final long PATIENCE_MILLIS = 10_000;

    private final Waiters waiters = new Waiters();
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
            thread.join();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 31, Waiters.MOST})
    void virtualThreadsAreWokenWhenTheTurnIsOver(int count) throws Exception {
        List<Thread> parked = parked(Thread.ofVirtual(), count);
        waiters.gather();
        parked.forEach(waiters::wake);
        Thread.sleep(MOMENT_MILLIS);
        assertThat(parked).allMatch(WaitersTest::isParked, "is parked until the turn is over");
        waiters.wakeAll();
        assertEnd(parked);
    }

    @Test
    void someDontWaitForTheEndOfATurnThatBringsMany() throws Exception {
        List<Thread> parked = parked(Thread.ofVirtual(), Waiters.MOST + 1);
        waiters.gather();
        parked.forEach(waiters::wake);
        assertEnd(parked.subList(0, Waiters.MOST));
        assertThat(parked.getLast()).matches(WaitersTest::isParked, "is parked");
        waiters.wakeAll();
        assertEnd(parked);
    }

    @Test
    void nobodyIsWokenTwice() throws Exception {
        Semaphore times = new Semaphore(0);
        Runnable parksTwice = () -> {
            LockSupport.park();
            times.release();
            LockSupport.park();
        };
        List<Thread> parked = parked(Thread.ofVirtual(), 2, parksTwice);
        waiters.gather();
        parked.forEach(waiters::wake);
        waiters.wakeAll();
        times.acquire(2);
        waiters.wakeAll();
        waiters.stop();
        Thread.sleep(MOMENT_MILLIS);
        assertThat(parked).allMatch(WaitersTest::isParked, "is parked for the second time");
    }

    @Test
    void platformThreadIsWokenAtOnce() throws Exception {
        List<Thread> parked = parked(Thread.ofPlatform(), 1);
        waiters.gather();
        waiters.wake(parked.getFirst());
        assertEnd(parked);
    }

    @Test
    void virtualThreadIsWokenAtOnceWhenThereAreNoTurns() throws Exception {
        List<Thread> parked = parked(Thread.ofVirtual(), 1);
        waiters.wake(parked.getFirst());
        assertEnd(parked);
    }

    @Test
    void lastTurnLeavesNobodyBehind() throws Exception {
        List<Thread> parked = parked(Thread.ofVirtual(), 3);
        waiters.gather();
        waiters.wake(parked.get(0));
        waiters.wake(parked.get(1));
        waiters.stop();
        assertEnd(parked.subList(0, 2));
        waiters.wake(parked.get(2));
        assertEnd(parked);
    }

    private List<Thread> parked(Thread.Builder builder, int count) throws Exception {
        return parked(builder, count, LockSupport::park);
    }

    private List<Thread> parked(Thread.Builder builder, int count, Runnable parks) throws Exception {
        List<Thread> started =
                IntStream.range(0, count).mapToObj(i -> builder.start(parks)).toList();
        threads.addAll(started);
        Eventually.holds(() -> started.stream().allMatch(WaitersTest::isParked));
        return started;
    }

    private static boolean isParked(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private static void assertEnd(List<Thread> woken) throws Exception {
        for (Thread thread : woken) {
            thread.join(PATIENCE_MILLIS);
            assertThat(thread.isAlive()).as("%s wasn't woken", thread).isFalse();
        }
    }
}
