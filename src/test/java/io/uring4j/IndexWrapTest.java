package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_cqring_offsets;
import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_cqe;
import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The counters of both queues at the edges of 2³¹ and 2³², which a real ring reaches after hours. Both queues lie
 * in plain memory here, and the test plays the kernel.
 */
class IndexWrapTest {
    private static final int ENTRIES = 4;
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int FLAGS = 12;
    private static final int COUNTER = 16;
    private static final int SQ_ARRAY = 64;
    private static final int CQES = 64;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final long CQE_BYTES = io_uring_cqe.layout().byteSize();

    @AutoClose
    private final Arena arena = Arena.ofConfined();

    private final MemorySegment params = io_uring_params.allocate(arena);
    private final MemorySegment submission = arena.allocate(4096, Long.BYTES);
    private final MemorySegment completion = arena.allocate(4096, Long.BYTES);
    private final MemorySegment entries = arena.allocate(ENTRIES * RingMemory.SQE_BYTES, Long.BYTES);
    private final RingMemory memory = new RingMemory(submission, completion, entries, true);

    /** Both queues as the kernel would return them, but for the counters. */
    private void lay(int start, int completionEntries, int flags) {
        io_uring_params.flags(params, flags);
        io_uring_params.sq_entries(params, ENTRIES);
        io_uring_params.cq_entries(params, completionEntries);
        MemorySegment sq = io_uring_params.sq_off(params);
        io_sqring_offsets.head(sq, HEAD);
        io_sqring_offsets.tail(sq, TAIL);
        io_sqring_offsets.ring_mask(sq, MASK);
        io_sqring_offsets.flags(sq, FLAGS);
        io_sqring_offsets.dropped(sq, COUNTER);
        io_sqring_offsets.array(sq, SQ_ARRAY);
        MemorySegment cq = io_uring_params.cq_off(params);
        io_cqring_offsets.head(cq, HEAD);
        io_cqring_offsets.tail(cq, TAIL);
        io_cqring_offsets.ring_mask(cq, MASK);
        io_cqring_offsets.flags(cq, FLAGS);
        io_cqring_offsets.overflow(cq, COUNTER);
        io_cqring_offsets.cqes(cq, CQES);
        submission.set(INT, MASK, ENTRIES - 1);
        completion.set(INT, MASK, completionEntries - 1);
        for (MemorySegment ring : new MemorySegment[] {submission, completion}) {
            ring.set(INT, HEAD, start);
            ring.set(INT, TAIL, start);
        }
    }

    private SubmissionQueue submissions() throws IOException {
        return new SubmissionQueue(params, memory, Capabilities.ofKernel());
    }

    /** The kernel takes the oldest entry, and tells its user data. */
    private long takeEntry() {
        int head = submission.get(INT, HEAD);
        assertThat(submission.get(INT, TAIL) - head).as("entries that the kernel sees").isPositive();
        int index = submission.get(INT, SQ_ARRAY + (long) (head & ENTRIES - 1) * Integer.BYTES);
        submission.set(INT, HEAD, head + 1);
        return io_uring_sqe.user_data(io_uring_sqe.asSlice(entries, index));
    }

    /** The kernel posts a completion in so many slots. */
    private void post(long userData, int flags, int capacity, int slots) {
        int tail = completion.get(INT, TAIL);
        assertThat(capacity - (tail - completion.get(INT, HEAD))).as("room for completions").isGreaterThanOrEqualTo(slots);
        MemorySegment entry = completion.asSlice(CQES + (tail & capacity - 1) * CQE_BYTES, slots * CQE_BYTES);
        io_uring_cqe.user_data(entry, userData);
        io_uring_cqe.flags(entry, flags);
        completion.set(INT, TAIL, tail + slots);
    }

    @ParameterizedTest(name = "from {0}")
    @ValueSource(
            ints = {
                0, -1, -2, -3, -4, -5, -6, -7, -8, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MAX_VALUE - 2,
                Integer.MAX_VALUE - 3, Integer.MAX_VALUE - 4, Integer.MAX_VALUE - 5, Integer.MIN_VALUE
            })
    void submissionQueueFillsAndEmptiesAcrossTheEdge(int start) throws IOException {
        lay(start, 8, 0);
        SubmissionQueue submissions = submissions();
        assertThat(submissions.pending()).isZero();
        long next = 0;
        long taken = 0;
        for (int lap = 0; lap < 6; lap++) {
            if (lap % 2 == 0) {
                // Otherwise next() itself finds out what the kernel has taken.
                assertThat(submissions.spaceLeft()).isEqualTo(ENTRIES - (int) (next - taken));
            }
            while (next - taken < ENTRIES) {
                submissions.next().nop().userData(next++);
            }
            assertThat(submissions.spaceLeft()).isZero();
            assertThatIllegalStateException().isThrownBy(submissions::next).withMessageContaining("full");
            assertThat(submissions.pending()).isEqualTo(ENTRIES);
            assertThat(submissions.toString()).contains("user_data=" + taken, "user_data=" + (next - 1));
            assertThat(submissions.publish()).isEqualTo(ENTRIES);
            // Three of four, so that batches start at every index.
            for (int i = 0; i < ENTRIES - 1; i++) {
                assertThat(takeEntry()).isEqualTo(taken++);
            }
            assertThat(submissions.pending()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "from {0}")
    @ValueSource(ints = {0, -1, -2, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE})
    void entryIsTakenBackAcrossTheEdge(int start) throws IOException {
        lay(start, 8, 0);
        SubmissionQueue submissions = submissions();
        for (int i = 0; i < ENTRIES; i++) {
            assertThatIllegalStateException().isThrownBy(() -> {
                throw submissions.next().refuse(new IllegalStateException("refused"));
            });
            assertThat(submissions.pending()).isEqualTo(i);
            submissions.next().nop().userData(i);
        }
        assertThat(submissions.publish()).isEqualTo(ENTRIES);
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(takeEntry()).isEqualTo(i);
        }
    }

    @ParameterizedTest(name = "from {0}")
    @ValueSource(ints = {0, -1, -2, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE})
    void pendingEntriesAreDiscardedAcrossTheEdge(int start) throws IOException {
        lay(start, 8, 0);
        SubmissionQueue submissions = submissions();
        for (int i = 0; i < ENTRIES; i++) {
            submissions.next().nop();
        }
        submissions.publish();
        takeEntry();
        submissions.discardPending();
        assertThat(submissions.pending()).isZero();
        assertThat(submissions.spaceLeft()).isEqualTo(ENTRIES);
        assertThat(submission.get(INT, TAIL)).isEqualTo(start + 1);
    }

    @ParameterizedTest(name = "from {0}")
    @ValueSource(
            ints = {
                0, -1, -2, -3, -7, -8, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MAX_VALUE - 7,
                Integer.MIN_VALUE
            })
    void completionQueueFillsAndEmptiesAcrossTheEdge(int start) {
        int capacity = 8;
        lay(start, capacity, 0);
        CompletionQueue completions = new CompletionQueue(params, memory, new RingOwner());
        assertThat(completions.ready()).isZero();
        assertThat(completions.next()).isFalse();
        long[] read = {0};
        long next = 0;
        for (int lap = 0; lap < 5; lap++) {
            while (next - read[0] < capacity) {
                post(next++, 0, capacity, 1);
            }
            assertThat(completions.ready()).isEqualTo(capacity);
            assertThat(completions.toString()).contains("user_data=" + read[0], "user_data=" + (next - 1));
            int drained = completions.drain((userData, result, flags) -> assertThat(userData).isEqualTo(read[0]++), 3);
            assertThat(drained).isEqualTo(3);
            assertThat(completion.get(INT, HEAD)).isEqualTo(start + (int) read[0]);
            assertThat(completions.ready()).isEqualTo(capacity - 3);
            assertThat(completions.next()).isTrue();
            assertThat(completions.userData()).isEqualTo(read[0]++);
            assertThat(completion.get(INT, HEAD)).as("head before release").isEqualTo(start + (int) read[0] - 1);
            completions.release();
            assertThat(completion.get(INT, HEAD)).isEqualTo(start + (int) read[0]);
        }
        while (completions.next()) {
            assertThat(completions.userData()).isEqualTo(read[0]++);
        }
        assertThat(read[0]).isEqualTo(next);
        assertThat(completions.ready()).isZero();
        assertThat(completion.get(INT, HEAD)).isEqualTo(start + (int) next);
    }

    /** Without asking how many are ready, which would look at the tail beforehand. */
    @ParameterizedTest(name = "from {0}")
    @ValueSource(
            ints = {
                0, -1, -2, -3, -4, -8, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MAX_VALUE - 2,
                Integer.MIN_VALUE
            })
    void completionsAreFoundAcrossTheEdge(int start) {
        int capacity = 8;
        lay(start, capacity, 0);
        CompletionQueue completions = new CompletionQueue(params, memory, new RingOwner());
        long[] read = {0};
        for (int posted = 0; posted < 40; posted++) {
            post(posted, 0, capacity, 1);
            if (posted % 3 == 0) {
                completions.drain((userData, result, flags) -> assertThat(userData).isEqualTo(read[0]++));
            } else if (posted % 3 == 1) {
                while (completions.next()) {
                    assertThat(completions.userData()).isEqualTo(read[0]++);
                }
            } else {
                continue;
            }
            assertThat(read[0]).isEqualTo(posted + 1);
        }
    }

    @ParameterizedTest(name = "from {0}")
    @ValueSource(
            ints = {
                0, -1, -2, -3, -7, -8, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MAX_VALUE - 7,
                Integer.MIN_VALUE
            })
    void mixedCompletionsCrossTheEdge(int start) {
        int capacity = 8;
        lay(start, capacity, SetupFlag.CQE_MIXED.bit());
        CompletionQueue completions = new CompletionQueue(params, memory, new RingOwner());
        long next = 0;
        long read = 0;
        for (int round = 0; round < 20; round++) {
            int posted = 0;
            for (int i = 0; i < 3; i++, posted++) {
                boolean large = next % 3 != 0;
                boolean wouldWrap = (completion.get(INT, TAIL) & capacity - 1) == capacity - 1;
                if (large && wouldWrap) {
                    post(-1, Abi.IORING_CQE_F_SKIP(), capacity, 1);
                }
                post(next++, large ? Cqe.LARGE : 0, capacity, large ? 2 : 1);
            }
            assertThat(completions.ready()).as("completions, not slots").isEqualTo(posted);
            while (completions.next()) {
                assertThat(completions.userData()).isEqualTo(read++);
            }
            assertThat(read).isEqualTo(next);
            assertThat(completion.get(INT, HEAD)).isEqualTo(completion.get(INT, TAIL));
        }
    }
}
