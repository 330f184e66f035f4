package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;

/** The raw ring allocates nothing on the Java heap, whatever passes through it. */
@Tag("host") // what it measures takes the optimizing compiler
class AllocationTest {
    private static final int ROUNDS = 2000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment buffer = arena.allocate(64);
    private final MemorySegment hour = Timespec.of(arena, Duration.ofHours(1));

    @AutoClose
    private final Pipe pipe = new Pipe();

    @OverRingKinds
    void nothingIsAllocatedPerOperation(RingKind kind) throws Exception {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.local()) {
            assertThat(AllocatedBytes.ofWarm(() -> {
                        for (int i = 0; i < ROUNDS; i++) {
                            transfer(ring, connection);
                            waitInVain(ring);
                        }
                    }))
                    .isZero();
        }
    }

    /** Files and sockets, with modifiers; reaped by a handler. */
    private void transfer(Ring ring, Connection connection) throws UringException {
        SubmissionQueue submissions = ring.submissions();
        submissions.next().nop().userData(1);
        submissions.next().write(pipe.writeEnd(), buffer, 8, -1).userData(2).link();
        submissions.next().read(pipe.readEnd(), buffer, 8, -1).userData(3);
        submissions.next().send(connection.fd(), buffer, 8, Sockets.MSG_NOSIGNAL).userData(4).link();
        submissions.next().recv(connection.peer().fd(), buffer, 8, 0).userData(5);
        submissions.next().pollAdd(pipe.writeEnd(), PollEvents.OUT).userData(6);
        reap(ring, 6);
    }

    /** A timeout that is removed, and waits whose time is over. */
    private void waitInVain(Ring ring) throws UringException {
        SubmissionQueue submissions = ring.submissions();
        submissions.next().timeout(hour, 0, 0).userData(7);
        ring.submit();
        ring.waitFor(1, 0);
        ring.peek();
        submissions.next().timeoutRemove(7).userData(8);
        reap(ring, 2);
    }

    /** All but one by a handler, the last by the cursor. */
    private static void reap(Ring ring, int count) throws UringException {
        ring.submitAndWait(count);
        int drained = ring.completions().drain(AllocationTest::ignore, count - 1);
        while (drained < count) {
            ring.waitFor(1);
            while (ring.completions().next()) {
                drained++;
            }
        }
    }

    private static void ignore(long userData, int result, int flags) {}
}
