package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Entries that one object stands for, one after the other. */
class FlyweightTest {
    private static final MemorySegment HEAP = MemorySegment.ofArray(new byte[8]);

    private static Completion nop(long userData) {
        return new Completion(userData, 0, 0);
    }

    @OverRingKinds
    void oneObjectFillsTheQueueAgainAndAgain(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            SubmissionQueue submissions = ring.submissions();
            Sqe entry = submissions.nextFlyweight();
            entry.nop().userData(0);
            for (int round = 0; round < 5; round++) {
                for (int i = round == 0 ? 1 : 0; i < 8; i++) {
                    assertThat(submissions.pending()).isEqualTo(i);
                    assertThat(submissions.nextFlyweight()).isSameAs(entry);
                    entry.nop().userData(10 * round + i);
                }
                assertThatIllegalStateException()
                        .isThrownBy(submissions::nextFlyweight)
                        .withMessageContaining("full");

                long first = 10 * round;
                List<Completion> expected = LongStream.range(first, first + 8)
                        .mapToObj(FlyweightTest::nop)
                        .toList();
                assertThat(Completion.submitAndTake(ring, 8)).containsExactlyElementsOf(expected);
            }
        }
    }

    @OverRingKinds
    void entriesOfBothKindsLieInTheOrderTheyWereTakenIn(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            SubmissionQueue submissions = ring.submissions();
            Sqe first = submissions.next();
            submissions.nextFlyweight().nop().userData(2);
            Sqe third = submissions.next();
            submissions.nextFlyweight().nop().userData(4);
            third.nop().userData(3);
            first.nop().userData(1);

            assertThat(Completion.submitAndTake(ring, 4)).containsExactly(nop(1), nop(2), nop(3), nop(4));
        }
    }

    @Test
    void nothingOfAnEarlierEntryIsLeft() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(1)) {
            SubmissionQueue submissions = ring.submissions();
            submissions
                    .nextFlyweight()
                    .read(77, MemorySegment.NULL, 78, 79)
                    .selectBuffer(0xffff)
                    .userData(80)
                    .link();
            submissions.discardPending();

            Sqe entry = submissions.nextFlyweight().prepare(Opcode.NOP.code(), 0, 0, 0, 0);
            assertThat(entry.fields().mismatch(MemorySegment.ofArray(new byte[(int) RingMemory.SQE_BYTES])))
                    .isEqualTo(-1);
        }
    }

    @Test
    void refusedArgumentTakesTheEntryBack() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            SubmissionQueue submissions = ring.submissions();
            // More than once around the queue.
            for (int round = 0; round < 5; round++) {
                submissions.next().nop().userData(1);
                assertThat(catchThrowable(() -> submissions.nextFlyweight().read(0, HEAP, 8, 0)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(submissions.pending()).isEqualTo(1);
                submissions.nextFlyweight().nop().userData(2);

                assertThat(Completion.submitAndTake(ring, 2)).containsExactly(nop(1), nop(2));
            }
        }
    }

    @Test
    void refusalAfterTheSubmissionTakesNothingBack() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            SubmissionQueue submissions = ring.submissions();
            Sqe entry = submissions.nextFlyweight().nop().userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(nop(1));
            assertThat(catchThrowable(() -> entry.read(0, HEAP, 8, 0))).isNotNull();
            assertThat(submissions.pending()).isZero();
            submissions.nextFlyweight().nop().userData(2);

            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(nop(2));
        }
    }

    @Test
    void entryThatIsNotTheNewestBecomesANopWhenItIsRefused() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            SubmissionQueue submissions = ring.submissions();
            Sqe flyweight = submissions.nextFlyweight();
            Sqe other = submissions.next();
            assertThat(catchThrowable(() -> flyweight.read(0, HEAP, 8, 0))).isNotNull();
            submissions.nextFlyweight().nop().userData(3);
            assertThat(catchThrowable(() -> other.read(0, HEAP, 8, 0))).isNotNull();

            assertThat(Completion.submitAndTake(ring, 3)).containsExactly(nop(0), nop(0), nop(3));
        }
    }

    @OverRingKinds
    void closedRingHandsOutNoneAndTakesNothing(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        SubmissionQueue submissions = ring.submissions();
        Sqe entry = submissions.nextFlyweight();
        ring.close();

        assertThatIllegalStateException().isThrownBy(submissions::nextFlyweight);
        assertThatIllegalStateException().isThrownBy(entry::nop);
        assertThatIllegalStateException().isThrownBy(() -> entry.userData(1));
    }
}
