package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.uring4j.abi.io_uring_sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Entries of 64 and 128 bytes in one queue (SQE_MIXED), and queues that start again at each submission (SQ_REWIND).
 * Where the kernel lacks them, the queue lies in plain memory.
 */
class MixedSubmissionTest {
    @AutoClose
    private final Arena arena = Arena.ofShared();

    private static int skipped(PlainQueue plain, int index) {
        return Byte.toUnsignedInt(io_uring_sqe.flags(plain.slot(index))) & SqeFlag.CQE_SKIP_SUCCESS.bit();
    }

    @Test
    void largeEntryTakesTwoSlots() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE_MIXED);
        plain.queue.next().nop().userData(1);
        plain.queue.nextLarge().nop128().userData(2);
        plain.queue.next().nop().userData(3);

        assertThat(plain.queue.spaceLeft()).isEqualTo(4);
        assertThat(plain.queue.publish()).isEqualTo(4);
        assertThat(plain.tail()).isEqualTo(4);
        assertThat(plain.opcodeAt(1)).isEqualTo(Opcode.NOP128);
        assertThat(new long[] {plain.userDataAt(0), plain.userDataAt(1), plain.userDataAt(3)}).containsExactly(1, 2, 3);
    }

    @Test
    void payloadFillsTheSecondSlotToo() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQE_MIXED);
        MemorySegment payload = arena.allocate(80).fill((byte) 7);
        plain.queue.nextLarge().uringCmd128(1, 2, payload);
        assertThat(plain.slot(1).get(ValueLayout.JAVA_BYTE, 63)).isEqualTo((byte) 7);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> plain.queue.nextLarge().uringCmd128(1, 2, arena.allocate(81)));
        assertThat(plain.queue.pending()).isEqualTo(2);
        plain.queue.nextLarge().nop128();
        assertThat(plain.slot(3).mismatch(MemorySegment.ofArray(new byte[64]))).as("cleared").isEqualTo(-1);
    }

    @Test
    void slotBeforeTheEdgeIsFilledWhenALargeEntryWouldWrap() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQE_MIXED);
        for (int i = 0; i < 3; i++) {
            plain.queue.next().nop();
        }
        plain.queue.publish();
        plain.take(3);
        plain.queue.nextLarge().nop128().userData(9);

        assertThat(plain.queue.publish()).isEqualTo(3);
        assertThat(plain.opcodeAt(3)).isEqualTo(Opcode.NOP);
        assertThat(skipped(plain, 3)).as("without completion").isNotZero();
        assertThat(plain.opcodeAt(0)).isEqualTo(Opcode.NOP128);
        assertThat(plain.userDataAt(0)).isEqualTo(9);
        assertThat(plain.queue.spaceLeft()).isEqualTo(1);
    }

    @Test
    void largeEntryNeedsItsSlots() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQE_MIXED);
        for (int i = 0; i < 3; i++) {
            plain.queue.next().nop();
        }
        assertThatIllegalStateException().isThrownBy(plain.queue::nextLarge).withMessageContaining("no room");
        plain.queue.publish();
        plain.take(1);
        assertThatIllegalStateException().as("two are free, but wrap").isThrownBy(plain.queue::nextLarge);
        plain.take(1);
        plain.queue.nextLarge().nop128();
        assertThat(plain.queue.spaceLeft()).isZero();
    }

    @Test
    void largeEntryThatIsRefusedLeavesTheQueue() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQE_MIXED);
        for (int i = 0; i < 10; i++) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> plain.queue.nextLarge().uringCmd128(1, 2, arena.allocate(81)));
        }
        assertThat(plain.queue.pending()).isZero();
        plain.queue.next().nop().userData(5);
        plain.queue.publish();
        assertThat(plain.userDataAt(0)).isEqualTo(5);
    }

    @Test
    void refusalTakesTheNewestEntryBackWhateverItsSize() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE_MIXED);
        SubmissionQueue queue = plain.queue;
        Sqe large = queue.nextLarge();
        Sqe small = queue.nextFlyweight();
        assertThat(catchThrowable(() -> small.uringCmd(1, 2, arena.allocate(17)))).isNotNull();
        assertThat(queue.pending()).isEqualTo(2);
        assertThat(catchThrowable(() -> large.uringCmd128(1, 2, arena.allocate(81)))).isNotNull();
        assertThat(queue.pending()).isZero();
    }

    @Test
    void refusalLeavesAnOlderEntryThatDoesNothingWhateverItsSize() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE_MIXED);
        SubmissionQueue queue = plain.queue;
        Sqe small = queue.nextFlyweight();
        Sqe large = queue.nextLarge();
        queue.next().nop().userData(7);
        assertThat(catchThrowable(() -> small.uringCmd(1, 2, arena.allocate(17)))).isNotNull();
        assertThat(catchThrowable(() -> large.uringCmd128(1, 2, arena.allocate(81)))).isNotNull();

        assertThat(queue.pending()).isEqualTo(4);
        assertThat(new Opcode[] {plain.opcodeAt(0), plain.opcodeAt(1), plain.opcodeAt(3)})
                .containsExactly(Opcode.NOP, Opcode.NOP128, Opcode.NOP);
        assertThat(plain.userDataAt(3)).isEqualTo(7);
    }

    @Test
    void operationsAreHeldByEntriesOfTheirSizeOnly() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE_MIXED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.queue.next().nop128())
                .withMessageContainingAll("IORING_OP_NOP128", "128 bytes", "nextLarge()");
        assertThatIllegalArgumentException().isThrownBy(() -> plain.queue.next().uringCmd128(1, 2, arena.allocate(16)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.queue.nextLarge().nop())
                .withMessageContainingAll("IORING_OP_NOP", "64 bytes", "next()");
        assertThat(plain.queue.pending()).isZero();
    }

    @Test
    void largeEntryAcrossTheRoomThatWasKnownBeforeLeavesTheEndInSight() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE_MIXED, SetupFlag.SQPOLL);
        SubmissionQueue queue = plain.queue;
        for (int i = 0; i < 3; i++) {
            queue.next().nop();
        }
        queue.publish();
        for (int i = 0; i < 4; i++) {
            queue.next().nop();
        }
        // The submission thread has read what was published; the program knows of one more slot until it looks.
        plain.take(3);
        // Takes that one for a filler, since it would wrap, and two more.
        queue.nextLarge().nop128();
        queue.next().nop();

        assertThatIllegalStateException().isThrownBy(queue::next).withMessageContaining("full");
    }

    @Test
    void queueOfLargeEntriesHoldsAllOperations() {
        PlainQueue plain = new PlainQueue(arena, 8, SetupFlag.SQE128);
        plain.queue.next().nop128();
        plain.queue.next().nop();
        assertThat(plain.queue.pending()).isEqualTo(2);
    }

    @Test
    void queueOfSmallEntriesHoldsNoLargeOperation() {
        PlainQueue plain = new PlainQueue(arena, 8);
        assertThatIllegalArgumentException().isThrownBy(() -> plain.queue.next().nop128());
        assertThat(plain.queue.pending()).isZero();
    }

    @Covers({Opcode.NOP128, Opcode.URING_CMD128})
    @Test
    void kernelRunsLargeEntriesOrTheyAreRefusedByName() throws IOException {
        if (Capabilities.ofKernel().has(SetupFlag.SQE_MIXED)) {
            try (Ring ring = Ring.open(RingConfig.plain(4).with(SetupFlag.SQE_MIXED));
                    Pipe pipe = new Pipe()) {
                for (int i = 0; i < 10; i++) {
                    ring.submissions().next().nop().userData(1);
                    ring.submissions().nextLarge().nop128().userData(2);
                    assertThat(Completion.submitAndTake(ring, 2))
                            .containsExactly(new Completion(1, 0, 0), new Completion(2, 0, 0));
                }
                ring.submissions().nextLarge().uringCmd128(pipe.readEnd(), 0, arena.allocate(80));
                assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EOPNOTSUPP);
            }
            return;
        }
        try (Ring ring = RingKind.LARGE_ENTRIES.open(4)) {
            SubmissionQueue queue = ring.submissions();
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> queue.next().nop128())
                    .withMessageContainingAll("IORING_OP_NOP128", "Linux 6.19");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> queue.next().uringCmd128(0, 0, arena.allocate(80)))
                    .withMessageContainingAll("IORING_OP_URING_CMD128", "Linux 6.19");
            assertThat(queue.pending()).isZero();
        }
    }

    @Test
    void ringWithoutMixedEntriesHasNoLargeOnes() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(ring.submissions()::nextLarge)
                    .withMessageContaining("SQE_MIXED");
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    @Test
    void rewindingQueueStartsAtItsFirstEntryEachTime() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQ_REWIND, SetupFlag.NO_SQARRAY);
        for (int round = 0; round < 5; round++) {
            plain.queue.next().nop().userData(round * 10);
            plain.queue.next().nop().userData(round * 10 + 1);
            assertThat(plain.queue.publish()).isEqualTo(2);
            assertThat(plain.tail()).as("the kernel doesn't look at it").isZero();
            assertThat(plain.userDataAt(0)).isEqualTo(round * 10);
            assertThat(plain.userDataAt(1)).isEqualTo(round * 10 + 1);
            plain.queue.taken(2);
            assertThat(plain.queue.pending()).isZero();
            assertThat(plain.queue.spaceLeft()).isEqualTo(4);
        }
    }

    @Test
    void whatTheKernelLeavesMovesToTheFrontOfARewindingQueue() {
        PlainQueue plain = new PlainQueue(arena, 4, SetupFlag.SQ_REWIND, SetupFlag.NO_SQARRAY);
        for (int i = 0; i < 4; i++) {
            plain.queue.next().nop().userData(i);
        }
        assertThatIllegalStateException().isThrownBy(plain.queue::next).withMessageContaining("full");
        plain.queue.publish();
        plain.queue.taken(3);

        assertThat(plain.queue.pending()).isEqualTo(1);
        assertThat(plain.userDataAt(0)).isEqualTo(3);
        plain.queue.next().nop().userData(4);
        assertThat(plain.queue.publish()).isEqualTo(2);
        assertThat(plain.userDataAt(1)).isEqualTo(4);
        plain.queue.taken(0);
        assertThat(plain.queue.pending()).isEqualTo(2);
    }

    @Test
    void flagsThatTheKernelLacksAreRefusedWithTheFirstThatHasThem() throws IOException {
        Needs.kernelWith(SetupFlag.NO_SQARRAY);
        for (SetupFlag flag : new SetupFlag[] {SetupFlag.SQE_MIXED, SetupFlag.SQ_REWIND}) {
            RingConfig config = RingConfig.plain(4).with(SetupFlag.NO_SQARRAY, flag);
            if (Capabilities.ofKernel().has(flag)) {
                try (Ring ring = Ring.open(config)) {
                    ring.submissions().next().nop().userData(1);
                    assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
                }
            } else {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> Ring.open(config))
                        .withMessageContainingAll("IORING_SETUP_" + flag, "Linux " + flag.since());
            }
        }
    }
}
