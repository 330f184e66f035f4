package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;

/** Requests whose end is asked for just when it comes by itself: each ends exactly once. */
class CompletionRaceTest {
    private static final long TARGET = 51;
    private static final long CANCEL = 52;
    private static final long CAUSE = 53;
    private static final int ROUNDS = Rounds.of(1000);

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    private final MemorySegment buffer = arena.allocate(64);
    private final MemorySegment byteToSend = arena.allocate(1);

    /** The number of final completions is that of the entries, and nothing else comes. */
    private static List<Completion> takeAllOf(Ring ring, int count) throws UringException {
        List<Completion> completions = Completion.submitAndTake(ring, count);
        assertThat(completions).extracting(Completion::userData).doesNotHaveDuplicates();
        assertThat(completions).allMatch(completion -> !Cqe.hasMore(completion.flags()));
        return completions;
    }

    private static Completion of(List<Completion> completions, long userData) {
        return completions.stream()
                .filter(completion -> completion.userData() == userData)
                .findFirst()
                .orElseThrow();
    }

    private static void spin(long nanos) {
        for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
            Thread.onSpinWait();
        }
    }

    private static void assertNothingLeft(Ring ring) throws UringException {
        ring.submissions().next().nop().userData(-1);
        assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(-1);
        assertThat(ring.completions().ready()).isZero();
    }

    @OverRingKinds
    @Covers({Opcode.ASYNC_CANCEL, Opcode.READ})
    void readThatIsCancelledWhileItsByteComesEndsOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            int cancelled = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Sqe read = ring.submissions().next().read(pipe.readEnd(), buffer, 1, -1).userData(TARGET);
                if (round % 3 == 0) {
                    read.async();
                }
                Sqe write = ring.submissions().next().write(pipe.writeEnd(), byteToSend, 1, -1).userData(CAUSE);
                if (round % 2 == 0) {
                    write.async();
                }
                if (round % 5 > 1) {
                    // Later than in one batch, by up to the time that such a read takes.
                    ring.submitAndWait(round % 5 == 2 ? 1 : 0);
                    spin(round % 20 * 1000L);
                }
                ring.submissions().next().cancel(TARGET, 0).userData(CANCEL);
                List<Completion> completions = takeAllOf(ring, 3);
                assertThat(of(completions, CAUSE).result()).isEqualTo(1);
                Completion target = of(completions, TARGET);
                if (target.result() == 1) {
                    assertThat(of(completions, CANCEL).result())
                            .isIn(0, -Errno.ENOENT.number(), -Errno.EALREADY.number());
                } else {
                    assertThat(target.error()).isIn(Errno.ECANCELED, Errno.EINTR);
                    assertThat(pipe.read()).as("the byte that the read has left").hasSize(1);
                    cancelled++;
                }
            }
            assertThat(cancelled).as("both outcomes occur").isBetween(1, ROUNDS - 1);
            assertNothingLeft(ring);
        }
    }

    @OverRingKinds
    @Covers({Opcode.TIMEOUT, Opcode.TIMEOUT_REMOVE})
    void timeoutThatIsRemovedWhileItRunsOutEndsOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            MemorySegment time = Timespec.of(arena, Duration.ZERO);
            for (int round = 0; round < ROUNDS; round++) {
                Timespec.set(time, Duration.ofNanos(round % 60 * 1000L));
                ring.submissions().next().timeout(time, 0, 0).userData(TARGET);
                ring.submit();
                spin(round % 50 * 1000L);
                ring.submissions().next().timeoutRemove(TARGET).userData(CANCEL);
                List<Completion> completions = takeAllOf(ring, 2);
                if (of(completions, CANCEL).result() == 0) {
                    assertThat(of(completions, TARGET).error()).isEqualTo(Errno.ECANCELED);
                } else {
                    assertThat(of(completions, CANCEL).error()).isIn(Errno.ENOENT, Errno.EALREADY, Errno.EBUSY);
                    assertThat(of(completions, TARGET).error()).isEqualTo(Errno.ETIME);
                }
            }
            assertNothingLeft(ring);
        }
    }

    @OverRingKinds
    @Covers({Opcode.LINK_TIMEOUT, Opcode.READ})
    void readWhoseTimeIsUpWhileItsByteComesEndsOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            MemorySegment time = Timespec.of(arena, Duration.ZERO);
            for (int round = 0; round < ROUNDS; round++) {
                Timespec.set(time, Duration.ofNanos(round % 60 * 1000L));
                ring.submissions().next().read(pipe.readEnd(), buffer, 1, -1).userData(TARGET).link();
                ring.submissions().next().linkTimeout(time, 0).userData(CANCEL);
                ring.submit();
                spin(round % 50 * 1000L);
                pipe.write("x");
                List<Completion> completions = takeAllOf(ring, 2);
                if (of(completions, TARGET).result() == 1) {
                    assertThat(of(completions, CANCEL).error())
                            .isIn(Errno.ECANCELED, Errno.ENOENT, Errno.EALREADY, Errno.ETIME);
                } else {
                    assertThat(of(completions, TARGET).error()).isIn(Errno.ECANCELED, Errno.EINTR);
                    assertThat(of(completions, CANCEL).error()).isIn(Errno.ETIME, Errno.EALREADY, Errno.ENOENT);
                    assertThat(pipe.read()).hasSize(1);
                }
            }
            assertNothingLeft(ring);
        }
    }

    @OverRingKinds
    @Covers({Opcode.POLL_ADD, Opcode.POLL_REMOVE})
    void repeatedPollThatIsRemovedWhileItReportsEndsOnce(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.POLL_MULTISHOT);
        try (Ring ring = kind.open(8);
                EventCounter counter = new EventCounter()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
            for (int round = 0; round < ROUNDS; round++) {
                ring.submissions().next().pollMultishot(counter.fd(), PollEvents.IN).userData(TARGET);
                Sqe write = ring.submissions().next().write(counter.fd(), one, 8, -1).userData(CAUSE);
                if (round % 2 == 0) {
                    write.async();
                }
                ring.submissions().next().pollRemove(TARGET).userData(CANCEL);
                ring.submit();
                boolean written = false;
                boolean removed = false;
                boolean ended = false;
                while (!written || !removed || !ended) {
                    Completion completion = Completion.takeOne(ring);
                    if (completion.userData() == CAUSE) {
                        written = true;
                    } else if (completion.userData() == CANCEL) {
                        removed = completion.error() != Errno.EALREADY;
                        if (!removed) {
                            // It was just reporting, and goes on after that.
                            ring.submissions().next().pollRemove(TARGET).userData(CANCEL);
                            ring.submit();
                        }
                    } else {
                        assertThat(ended).as("a report after the end").isFalse();
                        ended = !Cqe.hasMore(completion.flags());
                    }
                }
                assertThat(counter.take()).isEqualTo(1);
            }
            assertNothingLeft(ring);
        }
    }
}
