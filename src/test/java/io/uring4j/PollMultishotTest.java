package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Polls that report again and again, and polls that are changed while they wait. */
class PollMultishotTest {
    private static final long POLL = 41;
    private static final long CHANGE = 42;
    private static final long SHORT_NANOS = 2_000_000;
    private static final int CANCELLED = -Errno.ECANCELED.number();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Modifier.POLL_MULTISHOT);
    }

    @OverRingKinds
    @Covers({Opcode.POLL_ADD, Opcode.POLL_REMOVE})
    void eachEventIsReportedUntilThePollIsRemoved(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollMultishot(pipe.readEnd(), PollEvents.IN).userData(POLL);
            ring.submit();
            for (int i = 0; i < 10; i++) {
                pipe.write("x");
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(POLL, PollEvents.IN, Cqe.MORE));
                pipe.read();
            }
            assertThat(ring.waitFor(1, SHORT_NANOS)).as("a report without an event").isFalse();
            ring.submissions().next().pollRemove(POLL).userData(CHANGE);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(CHANGE, 0, 0), new Completion(POLL, CANCELLED, 0));
            pipe.write("x");
            assertThat(ring.waitFor(1, SHORT_NANOS)).as("a report after the end").isFalse();
        }
    }

    @OverRingKinds
    @Covers({Opcode.POLL_ADD, Opcode.POLL_REMOVE})
    void pollIsInFlightUntilItsLastReportHoweverTheyAreRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollMultishot(pipe.readEnd(), PollEvents.IN).userData(POLL);
            ring.submit();
            for (int i = 0; i < 4; i++) {
                pipe.write("x");
                ring.waitFor(1);
                if (i % 2 == 0) {
                    assertThat(ring.completions().drain((userData, result, flags) -> {})).isEqualTo(1);
                } else {
                    assertThat(ring.completions().next()).isTrue();
                    ring.completions().release();
                }
                assertThat(ring.inFlight()).isEqualTo(1);
                pipe.read();
            }
            ring.submissions().next().pollRemove(POLL).userData(CHANGE);
            Completion.submitAndTake(ring, 2);
            assertThat(ring.inFlight()).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void whatIsReadyAtTheBeginningIsReportedToo(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            pipe.write("x");
            ring.submissions().next().pollMultishot(pipe.readEnd(), PollEvents.IN).userData(POLL);
            assertThat(Completion.submitAndTakeOne(ring))
                    .isEqualTo(new Completion(POLL, PollEvents.IN, Cqe.MORE));
            assertThat(ring.waitFor(1, SHORT_NANOS)).as("the same again").isFalse();
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void eventsOfACounterAreReported(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                EventCounter counter = new EventCounter()) {
            ring.submissions().next().pollMultishot(counter.fd(), PollEvents.IN).userData(POLL);
            ring.submit();
            for (int i = 1; i <= 5; i++) {
                counter.add(i);
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(POLL, PollEvents.IN, Cqe.MORE));
                assertThat(counter.take()).isEqualTo(i);
            }
        }
    }

    /** Kernels from 6.6 on, and corrected ones before, refuse what they had from 6.0: it could run for ever. */
    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void levelPollReportsEachEventOrIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollLevel(pipe.readEnd(), PollEvents.IN).userData(POLL);
            ring.submit();
            for (int i = 0; i < 3; i++) {
                pipe.write("x");
                Completion completion = Completion.takeOne(ring);
                assumeTrue(completion.error() != Errno.EINVAL, "this kernel refuses IORING_POLL_ADD_LEVEL");
                assertThat(completion).isEqualTo(new Completion(POLL, PollEvents.IN, Cqe.MORE));
                pipe.read();
            }
            endPoll(ring, POLL);
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void descriptorOfAnotherRingIsReadyWithItsCompletions(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Ring watched = RingKind.PLAIN.open(8)) {
            ring.submissions().next().pollAdd(watched.fd(), PollEvents.IN).userData(POLL);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            watched.submissions().next().nop();
            watched.submit();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(POLL, PollEvents.IN, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_REMOVE)
    void pollMayWaitForOtherEvents(RingKind kind) throws IOException {
        // Seen in 5.10.223: both requests are lost, and the ring's end never comes.
        Needs.kernelWith("polls that can be changed to what is ready already", Opcode.SOCKET);
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().pollAdd(connection.fd(), PollEvents.IN).userData(POLL);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            ring.submissions().next().pollUpdateEvents(POLL, PollEvents.OUT).userData(CHANGE);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(CHANGE, 0, 0), new Completion(POLL, PollEvents.OUT, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_REMOVE)
    void pollThatIsChangedMayGoOnReporting(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().pollMultishot(connection.fd(), PollEvents.PRI).userData(POLL);
            ring.submit();
            ring.submissions()
                    .next()
                    .pollUpdateEvents(POLL, PollEvents.IN | PollEvents.MULTISHOT)
                    .userData(CHANGE);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(CHANGE, 0, 0));
            for (int i = 0; i < 3; i++) {
                connection.peer().send("x");
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(POLL, PollEvents.IN, Cqe.MORE));
                connection.ours().receive(1);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_REMOVE)
    void pollMayGetOtherUserData(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollMultishot(pipe.readEnd(), PollEvents.IN).userData(POLL);
            ring.submit();
            ring.submissions().next().pollUpdateUserData(POLL, -7).userData(CHANGE);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(CHANGE, 0, 0));
            pipe.write("x");
            assertThat(Completion.takeOne(ring).userData()).isEqualTo(-7);
            ring.submissions().next().pollUpdateUserData(POLL, 5).userData(CHANGE);
            assertThat(Completion.submitAndTakeOne(ring))
                    .as("the old user data is unknown now")
                    .isEqualTo(new Completion(CHANGE, -Errno.ENOENT.number(), 0));
            ring.submissions().next().pollUpdateEvents(POLL, PollEvents.IN).userData(CHANGE);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_REMOVE)
    void pollMayGetOtherEventsAndUserDataAtOnce(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().pollMultishot(connection.fd(), PollEvents.PRI).userData(POLL);
            ring.submit();
            ring.submissions()
                    .next()
                    .pollUpdate(POLL, -7, PollEvents.IN | PollEvents.MULTISHOT)
                    .userData(CHANGE);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(CHANGE, 0, 0));
            for (int i = 0; i < 2; i++) {
                connection.peer().send("x");
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(-7, PollEvents.IN, Cqe.MORE));
                connection.ours().receive(1);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void pollIsNotLostWhenTheCompletionQueueIsFull(RingKind kind) throws IOException {
        try (Ring ring = Ring.open(kind.config(2).completionEntries(2));
                EventCounter counter = new EventCounter()) {
            ring.submissions().next().pollMultishot(counter.fd(), PollEvents.IN).userData(POLL);
            ring.submit();
            long counted = 0;
            for (int i = 0; i < 50; i++) {
                counter.add(1);
                if (i % 10 == 9) {
                    Completion completion = Completion.takeOne(ring);
                    while (Cqe.hasMore(completion.flags()) && ring.waitFor(1, SHORT_NANOS)) {
                        completion = Completion.takeOne(ring);
                    }
                    assertThat(completion.result()).isEqualTo(PollEvents.IN);
                    counted += counter.take();
                    assertThat(counted).as("what is counted after a report").isEqualTo(i + 1L);
                    if (!Cqe.hasMore(completion.flags())) {
                        ring.submissions().next().pollMultishot(counter.fd(), PollEvents.IN).userData(POLL);
                        ring.submit();
                    }
                }
            }
        }
    }

    /** The peer sends and goes while the poll is armed, again and again. */
    @OverRingKinds
    @Covers(Opcode.POLL_ADD)
    void hangUpIsNeverLost(RingKind kind) throws Exception {
        try (Ring ring = kind.open(8)) {
            for (int round = 0; round < 100; round++) {
                try (Connection connection = Connection.local()) {
                    OtherThread<Void> peer = OtherThread.start(() -> {
                        connection.peer().send("x");
                        connection.peer().finishSending();
                        connection.peer().close();
                        return null;
                    });
                    ring.submissions()
                            .next()
                            .pollMultishot(connection.fd(), PollEvents.IN | PollEvents.RDHUP)
                            .userData(round);
                    ring.submit();
                    Completion completion = Completion.takeOne(ring);
                    while ((completion.result() & PollEvents.HUP) == 0) {
                        assertThat(completion.userData()).isEqualTo(round);
                        assertThat(completion.result()).isPositive();
                        assertThat(Cqe.hasMore(completion.flags())).isTrue();
                        completion = Completion.takeOne(ring);
                    }
                    peer.result();
                    if (Cqe.hasMore(completion.flags())) {
                        endPoll(ring, round);
                    }
                }
            }
        }
    }

    /** Removes a poll and takes all that it has still to report: the end comes exactly once. */
    private static void endPoll(Ring ring, long userData) throws UringException {
        boolean ended = false;
        boolean removed = false;
        remove(ring, userData);
        while (!removed || !ended) {
            Completion completion = Completion.takeOne(ring);
            if (completion.userData() == userData) {
                assertThat(ended).as("a report after the end").isFalse();
                ended = !Cqe.hasMore(completion.flags());
            } else if (completion.error() == Errno.EALREADY) {
                // It was just reporting, and goes on after that.
                remove(ring, userData);
            } else {
                removed = true;
            }
        }
    }

    private static void remove(Ring ring, long userData) throws UringException {
        ring.submissions().next().pollRemove(userData).userData(-1);
        ring.submit();
    }
}
