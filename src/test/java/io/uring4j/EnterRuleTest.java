package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uring4j.sys.Libc;
import java.io.IOException;

/** When a ring enters the kernel, and when it doesn't. */
class EnterRuleTest {
    private static void complete(Ring ring, int nops) throws IOException {
        for (int i = 0; i < nops; i++) {
            ring.submissions().next().nop();
        }
        ring.submit();
        // The descriptor tells without a call of the ring that so many are there.
        Waiting.until("NOPs have completed", () -> ring.completions().ready() == nops);
    }

    @OverRingKinds(except = RingKind.DEFERRED) // which can't tell whether a call would bring completions
    void submitWithNothingPendingStaysOut(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            if (kind.hasSubmissionThread()) {
                Waiting.until("the thread sleeps", () ->
                        (ring.submissions().kernelFlags() & SqFlags.NEED_WAKEUP) != 0);
            }
            assertThat(ring.submit()).isZero();
            assertThat(ring.submitAndWait(0)).isZero();
            assertThat(ring.submitAndWait(0, 1_000_000)).isZero();

            assertThat(ring.stats().enters()).isZero();
        }
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    void submitEntersOnceForAWholeBatch(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            for (int i = 0; i < 8; i++) {
                ring.submissions().next().nop();
            }
            assertThat(ring.submit()).isEqualTo(8);
            assertThat(ring.stats().enters()).isEqualTo(1);
            assertThat(ring.stats().submitted()).isEqualTo(8);
        }
    }

    /** Something else stands where the ring's descriptor was, as after a mistake of the program. */
    @OverRingKinds(except = {RingKind.SUBMISSION_THREAD, RingKind.BEST}) // which pass entries on without the descriptor
    void callThatTheKernelRefusesSaysWhy(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            int own = Posix.dup(ring.fd());
            try {
                Posix.dup2(pipe.readEnd(), ring.fd());
                ring.submissions().next().nop().userData(7);
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(ring::submit)
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EOPNOTSUPP));
                assertThat(ring.stats().enters())
                        .as("calls, with the one that an owned ring makes to learn the error")
                        .isEqualTo(kind.hasOwner() ? 2 : 1);
            } finally {
                Posix.dup2(own, ring.fd());
                Posix.close(own);
            }
            assertThat(ring.submit()).as("nothing was lost").isEqualTo(1);
            assertThat(Completion.takeReady(ring)).containsExactly(new Completion(7, 0, 0));
        }
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    void submitAndWaitEntersOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            for (int i = 0; i < 8; i++) {
                ring.submissions().next().nop();
            }
            assertThat(ring.submitAndWait(8)).isEqualTo(8);
            assertThat(ring.stats().enters()).isEqualTo(1);
            Completion.takeReady(ring);

            ring.submissions().next().nop();
            assertThat(ring.submitAndWait(1, Completion.PATIENCE_NANOS)).isEqualTo(1);
            assertThat(ring.stats().enters()).isEqualTo(2);
        }
    }

    @OverRingKinds
    void peekStaysOutWhenCompletionsAreReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            complete(ring, 3);
            long enters = ring.stats().enters();

            assertThat(ring.peek()).isEqualTo(3);
            assertThat(ring.stats().enters()).isEqualTo(enters);
        }
    }

    @OverRingKinds
    void peekBringsCompletionsThatWaitForACall(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(1);
            ring.submit();
            assertThat(ring.peek()).isZero();
            pipe.write("x");
            Waiting.until("peek has brought it", () -> ring.peek() == 1);
            assertThat(Completion.takeReady(ring)).containsExactly(new Completion(1, PollEvents.IN, 0));
        }
    }

    @OverRingKinds(except = RingKind.DEFERRED) // which can't tell
    void peekStaysOutWhenTheKernelHasNothing(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            assertThat(ring.peek()).isZero();
            assertThat(ring.stats().enters()).isZero();
        }
    }

    @OverRingKinds
    void waitStaysOutWhenEnoughAreReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            complete(ring, 3);
            long enters = ring.stats().enters();

            ring.waitFor(0);
            ring.waitFor(2);
            ring.waitFor(3);
            assertThat(ring.waitFor(3, 0)).isTrue();
            assertThat(ring.stats().enters()).isEqualTo(enters);
        }
    }

    @OverRingKinds
    void waitEntersWhenTooFewAreReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            complete(ring, 3);
            long enters = ring.stats().enters();

            assertThat(ring.waitFor(4, 1_000_000)).isFalse();
            assertThat(ring.stats().enters()).isGreaterThan(enters);
            assertThat(ring.completions().ready()).isEqualTo(3);
        }
    }

    @OverRingKinds
    void descriptorIsReadableWhileCompletionsAreReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            assertThat(Libc.poll(ring.fd(), PollEvents.IN, 0)).isZero();

            ring.submissions().next().nop();
            ring.submit();
            assertThat(Libc.poll(ring.fd(), PollEvents.IN, 20_000) & PollEvents.IN).isEqualTo(PollEvents.IN);

            Completion.takeOne(ring);
            assertThat(Libc.poll(ring.fd(), PollEvents.IN, 0)).isZero();
        }
    }
}
