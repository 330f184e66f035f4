package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;

/** Chains of entries, in which each waits for the one before it; and the drain, which waits for all. */
class LinkTest {
    private static final long SHORT_NANOS = 3_000_000;
    private static final int CANCELLED = -Errno.ECANCELED.number();
    private static final int BAD_DESCRIPTOR = -Errno.EBADF.number();
    private static final int RAN_OUT = -Errno.ETIME.number();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    private final MemorySegment buffer = arena.allocate(64);

    private MemorySegment time(Duration time) {
        return Timespec.of(arena, time);
    }

    private MemorySegment soon() {
        return time(Duration.ofNanos(SHORT_NANOS));
    }

    /** When it runs; without IORING_FEAT_LINKED_FILE already at its submission, with its whole chain. */
    private static Sqe failing(Ring ring) {
        return ring.submissions().next().fsync(-1, 0);
    }

    private Sqe waiting(Ring ring) {
        return ring.submissions().next().read(pipe.readEnd(), buffer, 8, -1);
    }

    @OverRingKinds
    @Covers({Opcode.WRITE, Opcode.READ, Opcode.FSYNC})
    void chainRunsInOrder(RingKind kind, @TempDir Path directory) throws IOException {
        try (Ring ring = kind.open(8);
                OpenFile file = OpenFile.of(directory.resolve("file"))) {
            ring.submissions()
                    .next()
                    .write(file.fd(), Text.in(arena, "linked"), 6, 0)
                    .userData(1)
                    .async()
                    .link();
            ring.submissions().next().fsync(file.fd(), 0).userData(2).link();
            ring.submissions().next().read(file.fd(), buffer, 6, 0).userData(3);
            assertThat(Completion.submitAndTake(ring, 3))
                    .containsExactly(new Completion(1, 6, 0), new Completion(2, 0, 0), new Completion(3, 6, 0));
            assertThat(Text.of(buffer, 6)).isEqualTo("linked");
        }
    }

    @OverRingKinds
    void failureCancelsTheRestOfTheChain(RingKind kind) throws IOException {
        Needs.kernelWith(Feature.LINKED_FILE);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().nop().userData(1).link();
            failing(ring).userData(2).link();
            ring.submissions().next().nop().userData(3).link();
            ring.submissions().next().nop().userData(4);
            ring.submissions().next().nop().userData(5);
            // One that fails at once may end the submission: what is left goes with the next.
            while (ring.submissions().pending() > 0) {
                ring.submit();
            }
            assertThat(Completion.take(ring, 5))
                    .containsExactlyInAnyOrder(
                            new Completion(1, 0, 0),
                            new Completion(2, BAD_DESCRIPTOR, 0),
                            new Completion(3, CANCELLED, 0),
                            new Completion(4, CANCELLED, 0),
                            new Completion(5, 0, 0));
        }
    }

    @OverRingKinds
    void hardLinkOutlivesAFailure(RingKind kind) throws IOException {
        Needs.kernelWith(Feature.LINKED_FILE);
        try (Ring ring = kind.open(8)) {
            failing(ring).userData(1).hardLink();
            ring.submissions().next().nop().userData(2).hardLink();
            failing(ring).userData(3).hardLink();
            ring.submissions().next().nop().userData(4);
            assertThat(Completion.submitAndTake(ring, 4))
                    .containsExactly(
                            new Completion(1, BAD_DESCRIPTOR, 0),
                            new Completion(2, 0, 0),
                            new Completion(3, BAD_DESCRIPTOR, 0),
                            new Completion(4, 0, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.READ)
    void shortReadBreaksALinkButNotAHardLink(RingKind kind, @TempDir Path directory) throws IOException {
        Path path = directory.resolve("file");
        Files.writeString(path, "five!");
        try (Ring ring = kind.open(8);
                OpenFile file = OpenFile.of(path)) {
            ring.submissions().next().read(file.fd(), buffer, 64, 0).userData(1).link();
            ring.submissions().next().nop().userData(2);
            ring.submissions().next().read(file.fd(), buffer, 5, 0).userData(3).link();
            ring.submissions().next().nop().userData(4);
            ring.submissions().next().read(file.fd(), buffer, 64, 0).userData(5).hardLink();
            ring.submissions().next().nop().userData(6);
            assertThat(Completion.submitAndTake(ring, 6))
                    .containsExactlyInAnyOrder(
                            new Completion(1, 5, 0),
                            new Completion(2, CANCELLED, 0),
                            new Completion(3, 5, 0),
                            new Completion(4, 0, 0),
                            new Completion(5, 5, 0),
                            new Completion(6, 0, 0));
        }
    }

    @OverRingKinds
    void chainEndsWithTheSubmission(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            failing(ring).userData(1).link();
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, BAD_DESCRIPTOR, 0));
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, 0, 0));
        }
    }

    @OverRingKinds
    void onlyTheTailOfASilentChainCompletes(RingKind kind) throws IOException {
        Needs.kernelWith(SqeFlag.CQE_SKIP_SUCCESS);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().nop().userData(1).link().skipSuccess();
            ring.submissions().next().nop().userData(2).link().skipSuccess();
            ring.submissions().next().nop().userData(3);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(3, 0, 0));
            assertThat(ring.peek()).isZero();
        }
    }

    @OverRingKinds
    void onlyTheFailureOfASilentChainCompletes(RingKind kind) throws IOException {
        Needs.kernelWith(SqeFlag.CQE_SKIP_SUCCESS);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().nop().userData(1).link().skipSuccess();
            failing(ring).userData(2).link().skipSuccess();
            ring.submissions().next().nop().userData(3).link().skipSuccess();
            ring.submissions().next().nop().userData(4).skipSuccess();
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, BAD_DESCRIPTOR, 0));
            ring.submissions().next().nop().userData(5);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(5, 0, 0));
        }
    }

    /** The kernel refuses a drain once a ring has left out completions; closing must do without it. */
    @OverRingKinds
    void ringWithSilentEntriesClosesAtOnce(RingKind kind) throws IOException {
        Needs.kernelWith(SqeFlag.CQE_SKIP_SUCCESS);
        Ring ring = kind.open(8);
        ring.submissions().next().nop().skipSuccess();
        ring.submissions().next().nop().userData(2);
        Completion.submitAndTakeOne(ring);
        waiting(ring).userData(3);
        ring.submit();

        long start = System.nanoTime();
        ring.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @OverRingKinds
    void ringWithSilentEntriesRefusesTheDrain(RingKind kind) throws IOException {
        Needs.kernelWith(SqeFlag.CQE_SKIP_SUCCESS);
        Ring ring = Ring.open(kind.config(8).closeTimeout(Duration.ofMillis(50)));
        try {
            ring.submissions().next().nop().skipSuccess();
            ring.submissions().next().nop().userData(2).drain();
            ring.submit();
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(2, -Errno.EOPNOTSUPP.number(), 0));
        } finally {
            closeQuietly(ring);
        }
    }

    /** Whether it closes well is the matter of another test. */
    private static void closeQuietly(Ring ring) {
        try {
            ring.close();
        } catch (UringException e) {
            assertThat(e.error()).isEqualTo(Errno.ETIMEDOUT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.TIMEOUT)
    void timeoutBreaksAChainUnlessItsEndIsASuccess(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().timeout(soon(), 0, 0).userData(1).link();
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(1, RAN_OUT, 0), new Completion(2, CANCELLED, 0));

            Needs.kernelWith(Modifier.TIMEOUT_SUCCESS);
            ring.submissions().next().timeout(soon(), 0, TimeoutFlags.ETIME_SUCCESS).userData(3).link();
            ring.submissions().next().nop().userData(4);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactly(new Completion(3, RAN_OUT, 0), new Completion(4, 0, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void linkTimeoutEndsTheReadBeforeIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            for (boolean async : new boolean[] {false, true}) {
                Sqe read = waiting(ring).userData(1).link();
                if (async) {
                    read.async();
                }
                // If the timeout fires before the read has begun to wait, the kernel doesn't find it, and it goes on.
                ring.submissions().next().linkTimeout(time(Duration.ofMillis(50)), 0).userData(2);
                List<Completion> completions = Completion.submitAndTake(ring, 2);
                assertThat(completions).extracting(Completion::userData).containsExactlyInAnyOrder(1L, 2L);
                for (Completion completion : completions) {
                    if (completion.userData() == 1) {
                        assertThat(completion.error()).isIn(Errno.ECANCELED, Errno.EINTR);
                    } else {
                        assertThat(completion.error()).isIn(Errno.ETIME, Errno.EALREADY);
                    }
                }
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void timeOfALinkTimeoutMayLieInTheEntry(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_IN_ENTRY);
        try (Ring ring = kind.open(8)) {
            waiting(ring).userData(1).link();
            ring.submissions().next().linkTimeoutNanos(1_000_000, 0).userData(2);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(1, -Errno.ECANCELED.number(), 0),
                            new Completion(2, -Errno.ETIME.number(), 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void linkTimeoutMayEndAtAPointInTime(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.TIMEOUT_CLOCK);
        try (Ring ring = kind.open(8)) {
            for (Clocks clock : Clocks.values()) {
                Duration end = clock.now().plusNanos(SHORT_NANOS);
                waiting(ring).userData(1).link();
                ring.submissions()
                        .next()
                        .linkTimeout(time(end), TimeoutFlags.ABSOLUTE | clock.flag)
                        .userData(2);
                assertThat(Completion.submitAndTake(ring, 2))
                        .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, RAN_OUT, 0));
                assertThat(clock.now()).isGreaterThanOrEqualTo(end);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void linkTimeoutIsCancelledWhenTheReadEndsInTime(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            waiting(ring).userData(1).link();
            ring.submissions().next().linkTimeout(time(Duration.ofHours(1)), 0).userData(2);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            pipe.write("in  time");
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, 8, 0), new Completion(2, CANCELLED, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void linkTimeoutAloneIsInvalid(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().linkTimeout(soon(), 0).userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, -Errno.EINVAL.number(), 0));
            ring.submissions().next().nop().userData(2);
            ring.submissions().next().linkTimeout(soon(), 0).userData(3);
            assertThat(Completion.submitAndTake(ring, 2))
                    .containsExactlyInAnyOrder(
                            new Completion(2, 0, 0), new Completion(3, -Errno.EINVAL.number(), 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.LINK_TIMEOUT)
    void chainBehindALinkTimeoutEndsWithTheRead(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            waiting(ring).userData(1).link();
            ring.submissions().next().linkTimeout(soon(), 0).userData(2).link();
            ring.submissions().next().nop().userData(3);
            assertThat(Completion.submitAndTake(ring, 3))
                    .containsExactlyInAnyOrder(
                            new Completion(1, CANCELLED, 0),
                            new Completion(2, RAN_OUT, 0),
                            new Completion(3, CANCELLED, 0));
        }
    }

    @OverRingKinds
    @Covers({Opcode.LINK_TIMEOUT, Opcode.TIMEOUT_REMOVE})
    void linkTimeoutMayBeShortened(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.LINK_TIMEOUT_UPDATE);
        try (Ring ring = kind.open(8);
                Connection socket = Connection.local()) {
            // Not a pipe: before Linux 6.4 its read waits in a worker, where the update doesn't find the timeout.
            ring.submissions().next().recv(socket.fd(), buffer, 8, 0).userData(1).link();
            ring.submissions().next().linkTimeout(time(Duration.ofHours(1)), 0).userData(2);
            ring.submit();
            ring.submissions().next().timeoutUpdate(soon(), 2, 0).userData(3);
            assertThat(Completion.submitAndTakeOne(ring))
                    .as("it isn't an ordinary timeout")
                    .isEqualTo(new Completion(3, -Errno.ENOENT.number(), 0));
            ring.submissions().next().linkTimeoutUpdate(soon(), 2, 0).userData(4);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(4, 0, 0));
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, RAN_OUT, 0));
        }
    }

    @OverRingKinds
    void drainWaitsForAllBeforeItAndHoldsAllBehindIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8);
                Pipe another = new Pipe()) {
            waiting(ring).userData(1);
            ring.submissions()
                    .next()
                    .read(another.readEnd(), arena.allocate(8), 8, -1)
                    .userData(2);
            ring.submissions().next().nop().userData(3).drain();
            ring.submissions().next().nop().userData(4);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();

            another.write("second");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(2, 6, 0));
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            pipe.write("first");
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, 5, 0));
            // Together, for some kernels (6.1) let what is behind a drain go along with it, in any order.
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(3, 0, 0), new Completion(4, 0, 0));
        }
    }

    @OverRingKinds
    @Covers({Opcode.POLL_ADD, Opcode.POLL_REMOVE})
    void drainWaitsForTheEndOfAMultishot(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.POLL_MULTISHOT);
        try (Ring ring = kind.open(8)) {
            ring.submissions().next().pollMultishot(pipe.readEnd(), PollEvents.IN).userData(1);
            ring.submit();
            for (int i = 0; i < 3; i++) {
                pipe.write("x");
                assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(1, PollEvents.IN, Cqe.MORE));
            }
            ring.submissions().next().nop().userData(2).drain();
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            // An entry would wait behind the drain.
            Needs.kernelWith(RegisterOpcode.REGISTER_SYNC_CANCEL);
            SynchronousCancel.ofUserData(1).await(ring, Completion.PATIENCE_NANOS);
            assertThat(Completion.take(ring, 2))
                    .containsExactly(new Completion(1, CANCELLED, 0), new Completion(2, 0, 0));
        }
    }

    @OverRingKinds
    void chainMayBeginWithADrain(RingKind kind) throws IOException {
        Needs.kernelWith(Feature.LINKED_FILE);
        try (Ring ring = kind.open(8)) {
            waiting(ring).userData(1);
            ring.submissions().next().nop().userData(2).drain().link();
            failing(ring).userData(3).link();
            ring.submissions().next().nop().userData(4);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            pipe.write("go");
            assertThat(Completion.take(ring, 4))
                    .containsExactly(
                            new Completion(1, 2, 0),
                            new Completion(2, 0, 0),
                            new Completion(3, BAD_DESCRIPTOR, 0),
                            new Completion(4, CANCELLED, 0));
        }
    }
}
