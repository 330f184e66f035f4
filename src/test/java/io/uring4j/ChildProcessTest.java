package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Waiting for child processes. */
class ChildProcessTest {
    private static final int CLD_EXITED = 1;
    private static final int CLD_KILLED = 2;
    private static final int CLD_STOPPED = 5;
    private static final int CLD_CONTINUED = 6;
    private static final long SHORT_NANOS = 2_000_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment information = arena.allocate(ChildProcess.SIGINFO_BYTES, Long.BYTES);

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Opcode.WAITID);
    }

    /** What a siginfo_t says of a child, at the places that it has on 64-bit machines. */
    private record Ending(int pid, int code, int status) {
        static Ending of(MemorySegment information) {
            return new Ending(
                    information.get(ValueLayout.JAVA_INT, 16),
                    information.get(ValueLayout.JAVA_INT, 8),
                    information.get(ValueLayout.JAVA_INT, 24));
        }
    }

    private Ending await(Ring ring, Child child, int options) throws UringException {
        ring.submissions().next().waitid(ChildProcess.PROCESS, child.pid(), information, options);
        assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
        return Ending.of(information);
    }

    @OverRingKinds
    @Covers(Opcode.WAITID)
    void statusOfAChildThatExitsIsRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Child child = Child.shell("sleep 0.3; exit 7");
            ring.submissions()
                    .next()
                    .waitid(ChildProcess.PROCESS, child.pid(), information, ChildProcess.EXITED)
                    .userData(3);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(3, 0, 0));
            assertThat(Ending.of(information)).isEqualTo(new Ending(child.pid(), CLD_EXITED, 7));

            ring.submissions()
                    .next()
                    .waitid(ChildProcess.PROCESS, child.pid(), information, ChildProcess.EXITED);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("it is gone").isEqualTo(Errno.ECHILD);
        }
    }

    @OverRingKinds
    @Covers(Opcode.WAITID)
    void signalThatKilledAChildIsRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Child child = Child.shell("sleep 60");
            child.signal(Child.SIGTERM);
            assertThat(await(ring, child, ChildProcess.EXITED))
                    .isEqualTo(new Ending(child.pid(), CLD_KILLED, Child.SIGTERM));
        }
    }

    @OverRingKinds
    @Covers(Opcode.WAITID)
    void childMayBeLeftToBeWaitedForAgain(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Child child = Child.shell("exit 3");
            Ending ending = new Ending(child.pid(), CLD_EXITED, 3);
            assertThat(await(ring, child, ChildProcess.EXITED | ChildProcess.NO_REAP)).isEqualTo(ending);
            information.fill((byte) 0);
            assertThat(await(ring, child, ChildProcess.EXITED)).isEqualTo(ending);
        }
    }

    @OverRingKinds
    @Covers(Opcode.WAITID)
    void stopAndContinuationOfAChildAreSeen(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Child child = Child.shell("sleep 60");
            child.signal(Child.SIGSTOP);
            assertThat(await(ring, child, ChildProcess.STOPPED))
                    .isEqualTo(new Ending(child.pid(), CLD_STOPPED, Child.SIGSTOP));
            child.signal(Child.SIGCONT);
            assertThat(await(ring, child, ChildProcess.CONTINUED))
                    .isEqualTo(new Ending(child.pid(), CLD_CONTINUED, Child.SIGCONT));
            child.signal(Child.SIGTERM);
            ring.submissions()
                    .next()
                    .waitid(ChildProcess.PROCESS, child.pid(), MemorySegment.NULL, ChildProcess.EXITED);
            assertThat(Completion.submitAndTakeOne(ring).result()).as("without room for the status").isZero();
        }
    }

    @OverRingKinds
    @Covers({Opcode.WAITID, Opcode.ASYNC_CANCEL})
    void waitMayBeCancelled(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Child child = Child.shell("sleep 60");
            ring.submissions()
                    .next()
                    .waitid(ChildProcess.PROCESS, child.pid(), information, ChildProcess.EXITED)
                    .userData(1);
            ring.submissions().next().cancel(1, 0).userData(2);
            assertCancelled(Completion.submitAndTake(ring, 2));
            child.signal(Child.SIGTERM);
            assertThat(await(ring, child, ChildProcess.EXITED).code()).isEqualTo(CLD_KILLED);
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
