package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Waiting on futexes, and waking. */
class FutexTest {
    private static final int KIND = FutexFlags.SIZE_U32 | FutexFlags.PRIVATE;
    private static final long SHORT_NANOS = 2_000_000;
    private static final int VALUE = 0x8000_0001;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment futex = arena.allocateFrom(ValueLayout.JAVA_INT, VALUE);
    private final MemorySegment another = arena.allocateFrom(ValueLayout.JAVA_INT, 0);

    @BeforeEach
    void kernelHasThem() {
        Needs.kernelWith(Opcode.FUTEX_WAIT);
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    private Sqe waiting(Ring ring) {
        return ring.submissions().next().futexWait(futex, unsigned(VALUE), FutexFlags.MATCH_ANY, KIND);
    }

    private static int wake(Ring ring, MemorySegment futex, int count, long mask) throws UringException {
        ring.submissions().next().futexWake(futex, count, mask, KIND).userData(-1);
        return Completion.submitAndTakeOne(ring).result();
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAIT, Opcode.FUTEX_WAKE})
    void waitEndsWhenAnotherRingWakes(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            waiting(ring).userData(3);
            ring.submit();
            Waiting.until("the entry is taken", () -> ring.submissions().pending() == 0);
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            int woken = OtherThread.call(() -> {
                try (Ring other = kind.open(4)) {
                    return wake(other, futex, 1, FutexFlags.MATCH_ANY);
                }
            });
            assertThat(woken).isEqualTo(1);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(3, 0, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.FUTEX_WAIT)
    void anotherValueEndsTheWaitAtOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().futexWait(futex, 5, FutexFlags.MATCH_ANY, KIND);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
        }
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAIT, Opcode.FUTEX_WAKE})
    void noMoreAreWokenThanAskedForAndThere(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Ring waker = RingKind.PLAIN.open(4)) {
            for (int i = 0; i < 3; i++) {
                waiting(ring).userData(i);
            }
            ring.submit();
            Waiting.until("the entries are taken", () -> ring.submissions().pending() == 0);
            assertThat(wake(waker, another, 10, FutexFlags.MATCH_ANY)).as("of another futex").isZero();
            assertThat(wake(waker, futex, 2, FutexFlags.MATCH_ANY)).isEqualTo(2);
            assertThat(Completion.take(ring, 2)).extracting(Completion::result).containsOnly(0);
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            assertThat(wake(waker, futex, 10, FutexFlags.MATCH_ANY)).isEqualTo(1);
            assertThat(Completion.takeOne(ring).result()).isZero();
            assertThat(wake(waker, futex, 10, FutexFlags.MATCH_ANY)).isZero();
        }
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAIT, Opcode.FUTEX_WAKE})
    void maskChoosesWhoIsWoken(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Ring waker = RingKind.PLAIN.open(4)) {
            ring.submissions().next().futexWait(futex, unsigned(VALUE), 1, KIND).userData(1);
            ring.submissions().next().futexWait(futex, unsigned(VALUE), 2, KIND).userData(2);
            ring.submit();
            Waiting.until("the entries are taken", () -> ring.submissions().pending() == 0);
            assertThat(wake(waker, futex, 10, 4)).isZero();
            assertThat(wake(waker, futex, 10, 2)).isEqualTo(1);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(2, 0, 0));
            assertThat(wake(waker, futex, 10, 3)).isEqualTo(1);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, 0, 0));
        }
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAIT, Opcode.ASYNC_CANCEL})
    void waitMayBeCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            waiting(ring).userData(1);
            ring.submissions().next().cancel(1, 0).userData(2);
            assertCancelled(Completion.submitAndTake(ring, 2));
            assertThat(wake(ring, futex, 1, FutexFlags.MATCH_ANY)).isZero();
        }
    }

    private MemorySegment both() {
        MemorySegment waiters = arena.allocate(2 * FutexFlags.WAITER_BYTES, Long.BYTES);
        FutexFlags.waiter(waiters, 0, futex, unsigned(VALUE), KIND);
        FutexFlags.waiter(waiters, 1, another, 0, KIND);
        return waiters;
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAITV, Opcode.FUTEX_WAKE})
    void waitOnSeveralTellsWhichWasWoken(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Ring waker = RingKind.PLAIN.open(4)) {
            for (int index : new int[] {1, 0}) {
                ring.submissions().next().futexWaitv(both(), 2).userData(7);
                ring.submit();
                Waiting.until("the entry is taken", () -> ring.submissions().pending() == 0);
                assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
                assertThat(wake(waker, index == 0 ? futex : another, 1, FutexFlags.MATCH_ANY)).isEqualTo(1);
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(7, index, 0));
            }
        }
    }

    @OverRingKinds
    @Covers({Opcode.FUTEX_WAITV, Opcode.ASYNC_CANCEL})
    void waitOnSeveralEndsByAnotherValueOrCancellation(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().futexWaitv(both(), 2).userData(1);
            ring.submissions().next().cancel(1, 0).userData(2);
            assertCancelled(Completion.submitAndTake(ring, 2));
            another.set(ValueLayout.JAVA_INT, 0, 5);
            ring.submissions().next().futexWaitv(both(), 2);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
            another.set(ValueLayout.JAVA_INT, 0, 0);
        }
    }

    /** Of these waits the kernel tells how many it has cancelled, where other cancellations end with 0. */
    private static void assertCancelled(List<Completion> completions) {
        assertThat(completions).extracting(Completion::userData).containsExactlyInAnyOrder(1L, 2L);
        for (Completion completion : completions) {
            if (completion.userData() == 1) {
                assertThat(completion.error()).isEqualTo(Errno.ECANCELED);
            } else {
                assertThat(completion.result()).isIn(0, 1);
            }
        }
    }
}
