package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.sys.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;

/** Epoll sets that are changed and waited for through a ring. */
class EpollTest {
    private static final MethodHandle EPOLL_CREATE1 = Posix.function(
            "epoll_create1", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final long SHORT_NANOS = 2_000_000;
    private static final long DATA = 0x1234_5678_9abc_def0L;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    private final int epoll = create();

    private static int create() {
        try {
            int fd = (int) EPOLL_CREATE1.invokeExact(OpenFlags.CLOSE_ON_EXEC);
            assertThat(fd).isNotNegative();
            return fd;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    @AfterEach
    void closeSet() {
        Posix.close(epoll);
    }

    private int change(Ring ring, int fd, int operation, int events) throws UringException {
        ring.submissions().next().epollCtl(epoll, fd, operation, EpollEvent.of(arena, events, DATA));
        return Completion.submitAndTakeOne(ring).result();
    }

    /** The set is ready when one of its members is. */
    private boolean isReady() {
        return Libc.poll(epoll, PollEvents.IN, 0) == PollEvents.IN;
    }

    @OverRingKinds
    @Covers(Opcode.EPOLL_CTL)
    void setWatchesWhatIsAddedUntilItIsRemoved(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            pipe.write("x");
            assertThat(isReady()).isFalse();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.ADD, PollEvents.IN)).isZero();
            assertThat(isReady()).isTrue();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.MODIFY, PollEvents.PRI)).isZero();
            assertThat(isReady()).isFalse();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.MODIFY, PollEvents.IN)).isZero();
            assertThat(isReady()).isTrue();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.DELETE, 0)).isZero();
            assertThat(isReady()).isFalse();
        }
    }

    @OverRingKinds
    @Covers(Opcode.EPOLL_CTL)
    void changeThatMakesNoSenseIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            int missing = -Errno.ENOENT.number();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.MODIFY, PollEvents.IN)).isEqualTo(missing);
            assertThat(change(ring, pipe.readEnd(), EpollEvent.DELETE, 0)).isEqualTo(missing);
            assertThat(change(ring, pipe.readEnd(), EpollEvent.ADD, PollEvents.IN)).isZero();
            assertThat(change(ring, pipe.readEnd(), EpollEvent.ADD, PollEvents.IN)).isEqualTo(-Errno.EEXIST.number());
            assertThat(change(ring, -1, EpollEvent.ADD, PollEvents.IN)).isEqualTo(-Errno.EBADF.number());
        }
    }

    @OverRingKinds
    @Covers({Opcode.EPOLL_WAIT, Opcode.EPOLL_CTL})
    void waitEndsWithTheEventsOfTheSet(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.EPOLL_WAIT);
        try (Ring ring = kind.open(4);
                EventCounter counter = new EventCounter()) {
            change(ring, pipe.readEnd(), EpollEvent.ADD, PollEvents.IN);
            ring.submissions()
                    .next()
                    .epollCtl(epoll, counter.fd(), EpollEvent.ADD, EpollEvent.of(arena, PollEvents.IN, -1));
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
            MemorySegment events = EpollEvent.array(arena, 4);
            ring.submissions().next().epollWait(epoll, events, 4).userData(3);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();

            pipe.write("x");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(3, 1, 0));
            assertThat(EpollEvent.events(events, 0)).isEqualTo(PollEvents.IN);
            assertThat(EpollEvent.data(events, 0)).isEqualTo(DATA);

            counter.add(1);
            ring.submissions().next().epollWait(epoll, events, 4);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(2);
            assertThat(new long[] {EpollEvent.data(events, 0), EpollEvent.data(events, 1)})
                    .containsExactlyInAnyOrder(DATA, -1);
            ring.submissions().next().epollWait(epoll, events, 1);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("as many as there is room for").isEqualTo(1);
        }
    }

    @OverRingKinds
    @Covers({Opcode.EPOLL_WAIT, Opcode.ASYNC_CANCEL})
    void waitMayBeCancelled(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.EPOLL_WAIT);
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().epollWait(epoll, EpollEvent.array(arena, 1), 1).userData(1);
            ring.submissions().next().cancel(1, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(1, -Errno.ECANCELED.number(), 0), new Completion(2, 0, 0));
        }
    }
}
