package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;

/** What becomes of requests when the thread that submitted them ends. */
class SubmitterEndTest {
    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds(except = {RingKind.DEFERRED, RingKind.BEST})
    @Covers({Opcode.READ, Opcode.POLL_ADD, Opcode.TIMEOUT, Opcode.ACCEPT})
    void requestsOutliveTheirSubmitterOrEndWithACompletion(RingKind kind) throws Exception {
        Needs.kernelWith("multishot accept", Opcode.SOCKET);
        MemorySegment buffer = arena.allocate(64);
        MemorySegment time = Timespec.of(arena, Duration.ofMillis(20));
        try (Ring ring = kind.open(8);
                PeerSocket listener = PeerSocket.listening()) {
            OtherThread<Void> submitter = OtherThread.start(() -> {
                ring.submissions().next().read(pipe.readEnd(), buffer, 2, -1).userData(1);
                ring.submissions().next().read(pipe.readEnd(), buffer.asSlice(8), 2, -1).userData(2).async();
                ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(3);
                ring.submissions().next().timeout(time, 0, 0).userData(4);
                ring.submissions()
                        .next()
                        .accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0)
                        .userData(5);
                ring.submit();
                return null;
            });
            submitter.result();
            submitter.awaitEnd();
            pipe.write("abcd");
            // An accept would wait for ever.
            ring.submissions().next().cancel(5, 0).userData(6);
            List<Completion> completions = Completion.submitAndTake(ring, 6);
            assertThat(completions)
                    .extracting(Completion::userData)
                    .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L);
            for (Completion completion : completions) {
                assertThat(completion.error())
                        .isIn(null, Errno.ECANCELED, Errno.EINTR, Errno.ETIME, Errno.ENOENT, Errno.EALREADY);
            }
            ring.submissions().next().nop().userData(7);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(7, 0, 0));
        }
    }

    /** The owner ends without closing: another thread may, and the kernel has let go of all. */
    @OverRingKinds
    @Covers(Opcode.READ)
    void ringOfAThreadThatHasEndedCanBeClosed(RingKind kind) throws Exception {
        org.junit.jupiter.api.Assumptions.assumeFalse(
                kind.hasOwner(), "with DEFER_TASKRUN no completion tells of the end of an owner's requests");
        MemorySegment buffer = arena.allocate(64);
        OtherThread<Ring> owner = OtherThread.start(() -> {
            Ring ring = kind.open(8);
            ring.submissions().next().read(pipe.readEnd(), buffer, 2, -1);
            ring.submissions().next().read(pipe.readEnd(), buffer, 2, -1).async();
            ring.submit();
            return ring;
        });
        Ring ring = owner.result();
        owner.awaitEnd();
        ring.close();

        pipe.write("kept");
        assertThat(pipe.read()).as("what no request has read").isEqualTo("kept");
    }

    @OverRingKinds
    @Covers({Opcode.READ, Opcode.WRITE})
    void manyRingsOfManyThreadsDoNotMeddle(RingKind kind) throws Exception {
        List<OtherThread<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            threads.add(OtherThread.start(() -> exchange(kind, number)));
        }
        for (OtherThread<Integer> thread : threads) {
            assertThat(thread.result()).isEqualTo(200);
        }
    }

    private static int exchange(RingKind kind, int number) throws IOException {
        int exchanged = 0;
        try (Ring ring = kind.open(4);
                Pipe own = new Pipe();
                Arena memory = Arena.ofConfined()) {
            MemorySegment in = memory.allocate(16);
            for (int i = 0; i < 200; i++) {
                String text = number + ":" + i;
                ring.submissions().next().read(own.readEnd(), in, 16, -1).userData(2L * i);
                ring.submissions()
                        .next()
                        .write(own.writeEnd(), Text.in(memory, text), text.length(), -1)
                        .userData(2L * i + 1);
                assertThat(Completion.submitAndTake(ring, 2))
                        .containsExactlyInAnyOrder(
                                new Completion(2L * i, text.length(), 0), new Completion(2L * i + 1, text.length(), 0));
                assertThat(Text.of(in, text.length())).isEqualTo(text);
                exchanged++;
            }
        }
        return exchanged;
    }
}
