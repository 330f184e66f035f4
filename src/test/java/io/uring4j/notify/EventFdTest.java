package io.uring4j.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.UringException;
import io.uring4j.notify.EventFd.Option;
import io.uring4j.sys.EventFdCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventFdTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long SHORT_NANOS = 1_000_000;

    @Test
    void readTakesAllThatWasWritten() throws IOException {
        try (EventFd eventFd = EventFd.create(3)) {
            eventFd.write(1);
            eventFd.write(1L << 40);
            assertThat(eventFd.read()).isEqualTo((1L << 40) + 4);
        }
    }

    @Test
    void semaphoreIsTakenOneByOne() throws IOException {
        try (EventFd eventFd = EventFd.create(2, Option.SEMAPHORE, Option.NON_BLOCKING)) {
            eventFd.write(1);
            assertThat(List.of(eventFd.read(), eventFd.read(), eventFd.read(), eventFd.read()))
                    .containsExactly(1L, 1L, 1L, 0L);
        }
    }

    @Test
    void nonBlockingReadOfAnEmptyCounterGivesZero() throws IOException {
        try (EventFd eventFd = EventFd.create(0, Option.NON_BLOCKING)) {
            assertThat(eventFd.read()).isZero();
        }
    }

    @Test
    void nonBlockingWriteThatWouldOverflowIsRefused() throws IOException {
        try (EventFd eventFd = full(Option.NON_BLOCKING)) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> eventFd.write(1))
                    .returns(Errno.EAGAIN, UringException::error);
            assertThat(eventFd.read()).isEqualTo(-2);
        }
    }

    private static EventFd full(Option... options) throws IOException {
        EventFd eventFd = EventFd.create(0, options);
        eventFd.write(Long.MAX_VALUE);
        eventFd.write(Long.MAX_VALUE);
        return eventFd;
    }

    @Test
    void blockingReadWaitsForAWrite() throws Exception {
        try (EventFd eventFd = EventFd.create(0)) {
            FutureTask<Long> reading = start(eventFd::read);
            Thread.sleep(5);
            assertThat(reading.isDone()).isFalse();
            eventFd.write(7);
            assertThat(result(reading)).isEqualTo(7);
        }
    }

    @Test
    void blockingWriteWaitsForARead() throws Exception {
        try (EventFd eventFd = full()) {
            FutureTask<Void> writing = start(() -> {
                eventFd.write(5);
                return null;
            });
            Thread.sleep(5);
            assertThat(writing.isDone()).isFalse();
            assertThat(eventFd.read()).isEqualTo(-2);
            result(writing);
            assertThat(eventFd.read()).isEqualTo(5);
        }
    }

    @Test
    void awaitTellsWhetherThereIsSomethingAndTakesNothing() throws IOException {
        try (EventFd eventFd = EventFd.create(0)) {
            assertThat(eventFd.await(0)).isFalse();
            assertThat(eventFd.await(1)).isFalse();
            eventFd.write(2);
            assertThat(eventFd.await(0)).isTrue();
            assertThat(eventFd.await(Long.MAX_VALUE)).isTrue();
            assertThat(eventFd.read()).isEqualTo(2);
        }
    }

    @Test
    void awaitEndsWithAWrite() throws Exception {
        try (EventFd eventFd = EventFd.create(0)) {
            FutureTask<Boolean> waiting = start(() -> eventFd.await(Long.MAX_VALUE));
            Thread.sleep(5);
            eventFd.write(1);
            assertThat(result(waiting)).isTrue();
        }
    }

    @Test
    void badArgumentsAreRefused() throws IOException {
        assertThatIllegalArgumentException().isThrownBy(() -> EventFd.create(-1));
        try (EventFd eventFd = EventFd.create(0)) {
            assertThatIllegalArgumentException().isThrownBy(() -> eventFd.write(0));
            assertThatIllegalArgumentException().isThrownBy(() -> eventFd.write(-1));
            assertThatIllegalArgumentException().isThrownBy(() -> eventFd.await(-1));
        }
    }

    @Test
    void closeWakesEveryReaderAndWaiter() throws Exception {
        long before = Descriptors.count();
        for (Option[] options : List.of(new Option[0], new Option[] {Option.SEMAPHORE})) {
            EventFd eventFd = EventFd.create(0, options);
            List<FutureTask<?>> waiting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                waiting.add(start(eventFd::read));
                waiting.add(start(() -> eventFd.await(Long.MAX_VALUE)));
            }
            Thread.sleep(10);
            eventFd.close();
            for (FutureTask<?> task : waiting) {
                assertThatIllegalStateException().isThrownBy(() -> result(task)).withMessageContaining("closed");
            }
            assertThat(Descriptors.count()).isEqualTo(before);
        }
    }

    @Test
    void closeWakesWritersThatWaitForRoom() throws Exception {
        EventFd eventFd = full();
        List<FutureTask<Void>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            FutureTask<Void> writing = new FutureTask<>(() -> {
                eventFd.write(Long.MAX_VALUE);
                return null;
            });
            waiting.add(writing);
            awaitCall(Thread.ofPlatform().daemon().start(writing), EventFdCalls.class);
        }
        eventFd.close();
        for (FutureTask<Void> task : waiting) {
            result(task);
        }
    }

    @Test
    void closedOneIsRefusedEverywhere() throws IOException {
        EventFd eventFd = EventFd.create(1);
        eventFd.close();
        eventFd.close();
        assertThat(eventFd.isClosed()).isTrue();
        assertThat(eventFd).hasToString("EventFd[closed]");
        assertThatIllegalStateException().isThrownBy(eventFd::fd);
        assertThatIllegalStateException().isThrownBy(eventFd::read);
        assertThatIllegalStateException().isThrownBy(() -> eventFd.write(1));
        assertThatIllegalStateException().isThrownBy(() -> eventFd.await(0));
    }

    @Test
    void writerNeverReachesTheFileThatGetsTheNumberNext() throws Exception {
        for (int i = 0; i < 500; i++) {
            EventFd first = EventFd.create(0);
            FutureTask<Void> writing = new FutureTask<>(() -> {
                try {
                    while (true) {
                        first.write(1);
                    }
                } catch (IllegalStateException e) {
                    return null;
                }
            });
            Thread writer = Thread.ofPlatform().daemon().start(writing);
            first.write(1);
            first.close();
            try (EventFd second = EventFd.create(0, Option.NON_BLOCKING)) {
                result(writing);
                assertThat(second.read()).isZero();
            }
            writer.join();
        }
    }

    @Test
    void descriptorThatWasClosedByOthersIsExplained() throws IOException {
        EventFd eventFd = EventFd.create(0);
        try (Ring ring = Ring.open(RingConfig.plain(4))) {
            ring.submissions().next().close(eventFd.fd());
            ring.submitAndWait(1);
            // It isn't closed here: the number isn't its own any more.
            for (Callable<?> use : List.<Callable<?>>of(eventFd::read, () -> eventFd.await(0))) {
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(use::call)
                        .withMessageContaining("behind the back")
                        .returns(Errno.EBADF, UringException::error);
            }
        }
    }

    @Test
    void ringPollsReadsAndWritesIt() throws IOException {
        for (RingConfig config : List.of(RingConfig.plain(4), RingConfig.best(4))) {
            try (Arena arena = Arena.ofShared();
                    Ring ring = Ring.open(config);
                    EventFd eventFd = EventFd.create(0)) {
                MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
                ring.submissions().next().pollAdd(eventFd.fd(), PollEvents.IN);
                ring.submit();
                assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
                eventFd.write(3);
                assertThat(completeOne(ring)).isEqualTo(PollEvents.IN);

                ring.submissions().next().read(eventFd.fd(), value, Long.BYTES, 0);
                assertThat(completeOne(ring)).isEqualTo(Long.BYTES);
                assertThat(value.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(3);

                ring.submissions().next().write(eventFd.fd(), value, Long.BYTES, 0);
                assertThat(completeOne(ring)).isEqualTo(Long.BYTES);
                assertThat(eventFd.read()).isEqualTo(3);
            }
        }
    }

    @Test
    void readOfARingWaitsUntilThereIsSomething() throws IOException {
        for (RingConfig config : List.of(RingConfig.plain(4), RingConfig.best(4))) {
            try (Arena arena = Arena.ofShared();
                    Ring ring = Ring.open(config);
                    EventFd eventFd = EventFd.create(0)) {
                MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
                ring.submissions().next().read(eventFd.fd(), value, Long.BYTES, 0);
                ring.submit();
                assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
                eventFd.write(9);
                assertThat(completeOne(ring)).isEqualTo(Long.BYTES);
                assertThat(value.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(9);
            }
        }
    }

    private static int completeOne(Ring ring) throws UringException {
        int[] outcome = new int[1];
        ring.submit();
        assertThat(ring.waitFor(1, PATIENCE_NANOS)).isTrue();
        assertThat(ring.completions().drain((userData, result, flags) -> outcome[0] = result)).isEqualTo(1);
        return outcome[0];
    }

    private static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Waits until a thread is in a call of a class: not just about to make it, however slow the machine. */
    private static void awaitCall(Thread thread, Class<?> calls) throws InterruptedException {
        long start = System.nanoTime();
        while (Arrays.stream(thread.getStackTrace()).noneMatch(frame -> frame.getClassName().equals(calls.getName()))) {
            assertThat(System.nanoTime() - start).isLessThan(PATIENCE_NANOS);
            Thread.sleep(1);
        }
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        try {
            return task.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
