package io.uring4j;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Closing a ring, above all with requests in flight: the kernel is done with their memory when close returns. */
class RingCloseTest {
    private static final Duration PATIENCE = Duration.ofNanos(Completion.PATIENCE_NANOS);

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    private final MemorySegment buffer = arena.allocate(64);

    private void submitRead(Ring ring) throws IOException {
        ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1).userData(1);
        ring.submit();
    }

    /** Nothing reads from the pipe any more, and nothing has written to the buffer. */
    private void assertKernelIsDone() {
        pipe.write("still here");
        assertThat(pipe.read()).isEqualTo("still here");
        assertThat(buffer.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @OverRingKinds
    void closingTwiceIsFine(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        ring.close();
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }

    @OverRingKinds
    void readInFlightIsEnded(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        submitRead(ring);
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds
    void readOnAWorkerThreadIsEnded(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1).async();
        ring.submit();
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds
    void requestsOfEachSortAreEnded(RingKind kind) throws IOException {
        try (PeerSocket listener = PeerSocket.listening()) {
            Ring ring = kind.open(16);
            MemorySegment hour = Timespec.of(arena, Duration.ofHours(1));
            SubmissionQueue submissions = ring.submissions();
            submissions.next().read(pipe.readEnd(), buffer, 16, -1);
            submissions.next().pollAdd(pipe.readEnd(), PollEvents.IN);
            submissions.next().accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0);
            submissions.next().timeout(hour, 0, 0);
            submissions.next().read(pipe.readEnd(), buffer, 16, -1).link();
            submissions.next().linkTimeout(hour, 0);
            submissions.next().nop().drain();
            ring.submit();
            ring.close();
            assertKernelIsDone();
        }
    }

    @OverRingKinds
    void requestsThatRepeatAreEnded(RingKind kind) throws Exception {
        Needs.kernelWith(Modifier.TIMEOUT_MULTISHOT); // the latest of them
        try (PeerSocket listener = PeerSocket.listening()) {
            Ring ring = kind.open(16);
            SubmissionQueue submissions = ring.submissions();
            submissions.next().pollMultishot(pipe.readEnd(), PollEvents.IN);
            submissions.next().acceptMultishot(listener.fd(), 0);
            submissions.next().timeout(Timespec.of(arena, Duration.ofHours(1)), 0, TimeoutFlags.MULTISHOT);
            submissions.next().read(pipe.readEnd(), buffer, 16, -1).skipSuccess();
            ring.submit();
            ring.close();
            assertKernelIsDone();
        }
    }

    @OverRingKinds
    void completionsThatNobodyReadAreDropped(RingKind kind) throws IOException {
        Ring ring = Ring.open(kind.config(4).completionEntries(4));
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                ring.submissions().next().nop();
            }
            Waiting.until("the kernel has taken them", () -> {
                ring.submit();
                return ring.submissions().pending() == 0;
            });
        }
        submitRead(ring);
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds
    void completionsThatWereReadAndNotReleasedAreNoObstacle(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        submitRead(ring);
        CompletionQueue completions = ring.completions();
        for (int i = 0; i < completions.capacity(); i++) {
            ring.submissions().next().nop();
            ring.submitAndWait(1);
            assertThat(completions.next()).isTrue();
        }
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    void entriesThatWereNotSubmittedAreDropped(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        submitRead(ring);
        ring.submissions().next().write(pipe.writeEnd(), Text.in(arena, "never"), 5, -1);
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds
    void fullSubmissionQueueIsNoObstacle(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        submitRead(ring);
        Waiting.until("the queue has room", () -> ring.submissions().spaceLeft() == 4);
        for (int i = 0; i < 4; i++) {
            ring.submissions().next().read(pipe.readEnd(), buffer, 16, -1);
        }
        ring.close();
        assertKernelIsDone();
    }

    @OverRingKinds
    void anotherThreadMayCloseARingWithNothingInFlight(RingKind kind) throws Exception {
        Ring ring = kind.open(4);
        ring.submissions().next().nop();
        Completion.submitAndTakeOne(ring);
        OtherThread.call(() -> {
            ring.close();
            return null;
        });
        assertThat(ring.isClosed()).isTrue();
    }

    @OverRingKinds
    void anotherThreadCannotCloseAnOwnedRingWithRequestsInFlight(RingKind kind) throws Exception {
        Ring ring = kind.open(4);
        submitRead(ring);
        OtherThread.call(() -> {
            if (kind.hasOwner()) {
                assertThatIllegalStateException().isThrownBy(ring::close).withMessageContaining("in flight");
                assertThat(ring.isClosed()).isFalse();
            } else {
                ring.close();
                assertThat(ring.isClosed()).isTrue();
            }
            return null;
        });
        if (kind.hasOwner()) {
            pipe.write("for the ring");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, 12, 0));
            assertThat(Text.of(buffer, 12)).isEqualTo("for the ring");
            ring.close();
        } else {
            assertKernelIsDone();
        }
    }

    @Test
    void ringCannotBeClosedWhileAnotherThreadWaits() throws Exception {
        Ring ring = RingKind.PLAIN.open(4);
        OtherThread<Completion> waiter = OtherThread.start(() -> {
            ring.waitFor(1);
            return Completion.takeReady(ring).getFirst();
        });
        waiter.awaitInsideEnter();

        assertThatIllegalStateException().isThrownBy(ring::close).withMessageContaining("another thread");
        assertThat(ring.isClosed()).isFalse();

        ring.submissions().next().nop().userData(5);
        ring.submit();
        assertThat(waiter.result().userData()).isEqualTo(5);
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }

    @Test
    void refusalToCloseLeavesTheRequestsOfAWaitingThreadAlone() throws Exception {
        Ring ring = Ring.open(RingConfig.plain(4).closeTimeout(Duration.ofMillis(200)));
        OtherThread<Completion> waiter = OtherThread.start(() -> {
            submitRead(ring);
            ring.waitFor(1);
            return Completion.takeReady(ring).getFirst();
        });
        waiter.awaitInsideEnter();

        assertThatIllegalStateException().isThrownBy(ring::close).withMessageContaining("another thread");
        assertThat(ring.isClosed()).isFalse();

        pipe.write("for the ring");
        assertThat(waiter.result()).isEqualTo(new Completion(1, 12, 0));
        ring.close();
    }

    @OverRingKinds
    void ringWhoseThreadHasEndedCanBeClosed(RingKind kind) throws Exception {
        assumeFalse(
                kind.hasOwner(), "with DEFER_TASKRUN no completion tells of the end of an owner's requests");
        Ring[] opened = {null};
        OtherThread<?> owner = OtherThread.start(() -> {
            opened[0] = kind.open(4);
            submitRead(opened[0]);
            return null;
        });
        owner.result();
        owner.awaitEnd();

        opened[0].close();

        assertKernelIsDone();
    }

    /** What might make close believe that a request has ended. */
    enum Deception {
        NONE,
        /** It will have no completion. */
        SKIPS_COMPLETION,
        /** As many completions have come as entries were submitted; but one of them is another ring's message. */
        MESSAGE_FROM_ANOTHER_RING
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void transferThatCannotBeCancelledIsWaitedFor(Deception deception, @TempDir Path directory) throws IOException {
        switch (deception) {
            case SKIPS_COMPLETION -> Needs.kernelWith(SqeFlag.CQE_SKIP_SUCCESS);
            case MESSAGE_FROM_ANOTHER_RING -> Needs.kernelWith(Opcode.MSG_RING);
            default -> {}
        }
        try (LongRead read = new LongRead(directory)) {
            Ring ring = Ring.open(RingConfig.plain(4).closeTimeout(PATIENCE));
            Sqe entry = read.prepare(ring.submissions().next());
            if (deception == Deception.SKIPS_COMPLETION) {
                entry.skipSuccess();
            }
            ring.submit();
            if (deception == Deception.MESSAGE_FROM_ANOTHER_RING) {
                receiveMessage(ring);
            }
            read.awaitBegin();

            ring.close();

            read.assertIsOver();
        }
    }

    @Test
    void closeSaysThatItCannotKnowWhenTheOwnerOfDeferredWorkHasEnded() throws Exception {
        Ring[] opened = {null};
        OtherThread<?> owner = OtherThread.start(() -> {
            opened[0] = RingKind.DEFERRED.open(4);
            submitRead(opened[0]);
            return null;
        });
        owner.result();
        owner.awaitEnd();

        assertThatExceptionOfType(UringException.class).isThrownBy(opened[0]::close);
        assertThat(opened[0].isClosed()).isTrue();
    }

    @OverRingKinds
    void transferOfAThreadThatHasEndedIsWaitedFor(RingKind kind, @TempDir Path directory) throws Exception {
        assumeFalse(
                kind.hasOwner(), "with DEFER_TASKRUN no completion tells of the end of an owner's requests");
        try (LongRead read = new LongRead(directory)) {
            assertCloseWaitsBehindTheEndOfTheOwner(kind.config(4), read);
        }
    }

    @Test
    void transferOfASubmissionThreadWhoseOwnerHasEndedIsWaitedFor(@TempDir Path directory) throws Exception {
        Needs.kernelWith(SetupFlag.SINGLE_ISSUER);
        try (LongRead read = new LongRead(directory)) {
            assertCloseWaitsBehindTheEndOfTheOwner(RingConfig.best(4).submissionThread(10), read);
        }
    }

    private static void assertCloseWaitsBehindTheEndOfTheOwner(RingConfig config, LongRead read) throws Exception {
        Ring[] opened = {null};
        Thread owner = Thread.ofPlatform().start(() -> {
            try {
                opened[0] = Ring.open(config.closeTimeout(PATIENCE));
                read.prepare(opened[0].submissions().next());
                opened[0].submit();
                read.awaitBegin();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        owner.join();

        opened[0].close();

        read.assertIsOver();
    }

    private static void receiveMessage(Ring ring) throws IOException {
        Needs.kernelWith(Opcode.MSG_RING);
        try (Ring sender = RingKind.PLAIN.open(4)) {
            sender.submissions().next().msgRing(ring.fd(), 0, 7, 0);
            assertThat(Completion.submitAndTakeOne(sender).result()).isZero();
        }
        assertThat(Completion.takeOne(ring).userData()).isEqualTo(7);
    }

    @Test
    void workersMayBeSharedWithARingThatIsClosedFirst() throws IOException {
        try (Ring first = RingKind.PLAIN.open(4)) {
            Ring second = Ring.open(RingConfig.plain(4).sharedWorkers(first));
            assertThat(second.flags()).contains(SetupFlag.ATTACH_WQ);
            second.submissions().next().read(pipe.readEnd(), buffer, 16, -1).async();
            second.submit();
            second.close();
            first.submissions().next().nop().async();
            assertThat(Completion.submitAndTakeOne(first).result()).isZero();
        }
        assertKernelIsDone();
    }
}
