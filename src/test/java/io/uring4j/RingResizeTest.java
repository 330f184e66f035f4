package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Queues that change their size while entries wait in them. */
class RingResizeTest {
    /** What else the ring is set up with. */
    enum Layout {
        PLAIN,
        LARGE_SUBMISSIONS(SetupFlag.SQE128),
        LARGE_COMPLETIONS(SetupFlag.CQE32),
        MIXED_COMPLETIONS(SetupFlag.CQE_MIXED);

        private final SetupFlag[] flags;

        Layout(SetupFlag... flags) {
            this.flags = flags;
        }

        /** Skips the test where the kernel mixes up what waits in such a ring. */
        Ring open(int submissionEntries, int completionEntries) throws IOException {
            requireFlags();
            assumeTrue(
                    flags.length == 0 || ResizeTrial.keepsLargeEntries(),
                    "this kernel mixes up large entries that wait while a ring is resized (before 7.0)");
            return openAnyway(submissionEntries, completionEntries);
        }

        private void requireFlags() {
            for (SetupFlag flag : flags) {
                Needs.kernelWith(flag);
            }
        }

        private Ring openAnyway(int submissionEntries, int completionEntries) throws IOException {
            return Ring.open(RingKind.DEFERRED
                    .config(submissionEntries)
                    .completionEntries(completionEntries)
                    .with(SetupFlag.NO_SQARRAY)
                    .with(flags));
        }
    }

    @BeforeEach
    void needsResizing() {
        Needs.kernelWith(RegisterOpcode.REGISTER_RESIZE_RINGS);
    }

    private static void prepare(Ring ring, long from, long to) {
        for (long i = from; i < to; i++) {
            SubmissionQueue submissions = ring.submissions();
            Sqe entry = i % 2 == 0 ? submissions.next() : submissions.nextFlyweight();
            // One field by the entry's address, one by its segment.
            entry.nop().userData(i).personality(0);
        }
    }

    private static void turn(Ring ring, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
        }
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @Covers(register = RegisterOpcode.REGISTER_RESIZE_RINGS)
    @ParameterizedTest
    @EnumSource
    void completionsThatWaitStayInOrder(Layout layout) throws IOException {
        try (Ring ring = layout.open(8, 16)) {
            turn(ring, 13); // so that what waits wraps in the old queue, or in the new
            prepare(ring, 0, 8);
            ring.submitAndWait(8);
            ring.resize(32, 64);
            assertThat(ring.submissions().capacity()).isEqualTo(32);
            assertThat(ring.completions().capacity()).isEqualTo(64);
            assertThat(ring.completions().ready()).isEqualTo(8);
            prepare(ring, 8, 40);
            ring.submitAndWait(40);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 40));

            prepare(ring, 0, 4);
            ring.submitAndWait(4);
            ring.resize(4, 4);
            assertThat(ring.completions().capacity()).isEqualTo(4);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 4));
            turn(ring, 20);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_RESIZE_RINGS)
    @ParameterizedTest
    @EnumSource
    void entriesThatWaitAreSubmittedFromTheNewQueue(Layout layout) throws IOException {
        try (Ring ring = layout.open(8, 16)) {
            turn(ring, 5);
            prepare(ring, 0, 8);
            ring.resize(16, 32);
            assertThat(ring.submissions().pending()).isEqualTo(8);
            assertThat(ring.submissions().spaceLeft()).isEqualTo(8);
            prepare(ring, 8, 16);

            assertThat(ring.submitAndWait(16)).isEqualTo(16);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 16));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_RESIZE_RINGS)
    @ParameterizedTest
    @EnumSource
    void tooSmallAQueueIsRefusedAndTheOldOneStays(Layout layout) throws IOException {
        try (Ring ring = layout.open(16, 32)) {
            prepare(ring, 0, 16);
            ring.submitAndWait(16);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ring.resize(4, 8))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EOVERFLOW));
            assertThat(ring.completions().capacity()).isEqualTo(32);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 16));

            prepare(ring, 0, 16);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ring.resize(8, 32))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EOVERFLOW));
            assertThat(ring.submissions().capacity()).isEqualTo(16);
            assertThat(ring.submitAndWait(16)).isEqualTo(16);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void largeEntriesThatTheKernelWouldMixUpHoldTheResizeUp(Layout layout) throws IOException {
        layout.requireFlags();
        assumeFalse(ResizeTrial.keepsLargeEntries(), "this kernel keeps large entries that wait while a ring is resized");
        try (Ring ring = layout.openAnyway(4, 8)) {
            prepare(ring, 0, 2);
            assertThatIllegalStateException().isThrownBy(() -> ring.resize(8, 16));
            ring.submitAndWait(2);
            assertThatIllegalStateException().isThrownBy(() -> ring.resize(8, 16));
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 2));

            ring.resize(8, 16);
            prepare(ring, 0, 8);
            assertThat(ring.submitAndWait(8)).isEqualTo(8);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 8));
        }
    }

    /** The kernel, up to 6.18 at least, doesn't tell where it has put the index array of the new queue. */
    @Test
    void ringWithIndexArrayIsResizedOrStaysAsItIs() throws IOException {
        try (Ring ring = RingKind.DEFERRED.open(4)) {
            prepare(ring, 0, 4);
            ring.submitAndWait(4);
            try {
                ring.resize(16, 32);
            } catch (IllegalStateException e) {
                assertThat(ring.submissions().capacity()).isEqualTo(4);
            }
            prepare(ring, 4, 8);
            assertThat(ring.submitAndWait(8)).isEqualTo(4);
            assertThat(Completion.takeReady(ring)).extracting(Completion::userData).isEqualTo(numbers(0, 8));
        }
    }

    @Test
    void bestRingIsResizedThroughItsRegisteredDescriptor() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            for (int size = 4; size <= 4096; size *= 4) {
                ring.resize(size, 2 * size);
                prepare(ring, 0, size);
                assertThat(ring.submitAndWait(size)).isEqualTo(size);
                assertThat(Completion.takeReady(ring)).hasSize(size);
            }
        }
    }

    @Test
    void otherRingsCannotBeResized() throws IOException {
        for (RingKind kind : new RingKind[] {RingKind.PLAIN, RingKind.SUBMISSION_THREAD, RingKind.OWN_MEMORY}) {
            try (Ring ring = kind.open(4)) {
                assertThatIllegalStateException().isThrownBy(() -> ring.resize(8, 16));
                turn(ring, 1);
            }
        }
    }

    @Test
    void smallerQueueIsFullInTimeAlsoAfterAnEntryWasWithdrawn() throws IOException {
        try (Ring ring = Layout.PLAIN.open(64, 128)) {
            SubmissionQueue submissions = ring.submissions();
            submissions.withdraw(submissions.next());
            ring.resize(4, 8);
            prepare(ring, 0, 4);
            assertThatIllegalStateException().isThrownBy(submissions::next).withMessageContaining("full");
        }
    }
}
