package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.CallState;
import io.uring4j.sys.Libc;
import io.uring4j.sys.UringCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** How many entries fit, and when there is room again. */
class SubmissionQueueTest {
    @OverRingKinds
    void exactlySoManyEntriesFitAsItsCapacity(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            SubmissionQueue submissions = ring.submissions();
            assertThat(submissions.capacity()).isEqualTo(8);
            for (int i = 0; i < 8; i++) {
                assertThat(submissions.spaceLeft()).isEqualTo(8 - i);
                assertThat(submissions.pending()).isEqualTo(i);
                submissions.next().nop().userData(i);
            }

            assertThat(submissions.spaceLeft()).isZero();
            assertThatIllegalStateException().isThrownBy(submissions::next).withMessageContaining("full");
            assertThat(submissions.pending()).isEqualTo(8);
        }
    }

    @OverRingKinds
    void roomIsBackAfterSubmit(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            SubmissionQueue submissions = ring.submissions();
            for (int lap = 0; lap < 10; lap++) {
                for (int i = 0; i < 4; i++) {
                    submissions.next().nop().userData(lap * 4 + i);
                }
                assertThat(Completion.submitAndTake(ring, 4))
                        .extracting(Completion::userData)
                        .containsExactly(lap * 4L, lap * 4L + 1, lap * 4L + 2, lap * 4L + 3);
                assertThat(submissions.spaceLeft()).isEqualTo(4);
                assertThat(submissions.pending()).isZero();
            }
        }
    }

    @Test
    void sizeIsRoundedUpToAPowerOfTwo() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(5))) {
            assertThat(ring.submissions().capacity()).isEqualTo(8);
            assertThat(ring.completions().capacity()).isEqualTo(16);
        }
        try (Ring ring = Ring.open(RingConfig.plain(5).completionEntries(33))) {
            assertThat(ring.submissions().capacity()).isEqualTo(8);
            assertThat(ring.completions().capacity()).isEqualTo(64);
        }
    }

    @OverRingKinds
    void ringOfOneEntryWorks(RingKind kind) throws IOException {
        try (Ring ring = kind.open(1)) {
            for (int i = 0; i < 5; i++) {
                ring.submissions().next().nop().userData(i);
                assertThatIllegalStateException().isThrownBy(ring.submissions()::next);
                assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(i);
            }
        }
    }

    @OverRingKinds
    void largestRingWorks(RingKind kind) throws IOException {
        int entries = RingConfig.MAX_SUBMISSION_ENTRIES;
        try (Ring ring = Ring.open(kind.config(entries))) {
            assertThat(ring.submissions().capacity()).isEqualTo(entries);
            assertThat(ring.completions().capacity()).isEqualTo(2 * entries);
            for (int i = 0; i < entries; i++) {
                ring.submissions().next().nop().userData(i);
            }
            ring.submit();
            long[] next = {0};
            while (next[0] < entries) {
                ring.waitFor(1, Completion.PATIENCE_NANOS);
                int count = ring.completions().drain((userData, result, flags) -> {
                    if (userData != next[0]++) {
                        throw new AssertionError("completion " + userData + " in place of " + (next[0] - 1));
                    }
                });
                assertThat(count).isPositive();
            }
        }
    }

    /** With an index array the kernel drops an entry that isn't there; here the test plays a broken program. */
    @Test
    void badIndexInTheArrayIsCountedAsDropped() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(arena);
            int fd = UringCalls.setup(4, params);
            try {
                RingMemory memory = RingMemory.map(fd, params);
                SubmissionQueue queue = new SubmissionQueue(params, memory, Capabilities.ofKernel());
                queue.next().nop();
                queue.next().nop();
                int array = io_sqring_offsets.array(io_uring_params.sq_off(params));
                memory.submission().set(ValueLayout.JAVA_INT, array, queue.capacity());
                queue.publish();
                assertThat(queue.dropped()).isZero();

                MemorySegment state = CallState.allocate(arena);
                int taken = UringCalls.enter(state, fd, 2, 0, EnterFlag.GETEVENTS.bit(), 0, 0);
                assertThat(queue.dropped()).isOne();
                assertThat(taken).as("entries that were taken").isLessThan(2);
            } finally {
                Libc.close(fd);
            }
        }
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    void textShowsWhatIsPending(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop().userData(1234);
            ring.submissions().next().fsync(77, 0).userData(5678);

            assertThat(ring.submissions().toString()).contains("capacity=4", "NOP", "1234", "FSYNC fd=77", "5678");
            assertThat(ring.toString()).contains("5678");

            Completion.submitAndTake(ring, 2);
            assertThat(ring.submissions().toString()).doesNotContain("1234", "FSYNC");
        }
    }
}
