package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages between rings. */
class RingMessageTest {
    private static final long SHORT_NANOS = 2_000_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @BeforeEach
    void kernelHasThem() {
        Needs.kernelWith(Opcode.MSG_RING);
    }

    private static int sent(Ring ring) throws UringException {
        return Completion.submitAndTakeOne(ring).result();
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void dataTravelsBothWays(RingKind kind) throws IOException {
        try (Ring one = kind.open(4);
                Ring other = kind.open(4)) {
            one.submissions().next().msgRing(other.fd(), 11, Long.MIN_VALUE + 1, 0).userData(1);
            assertThat(Completion.submitAndTakeOne(one)).isEqualTo(new Completion(1, 0, 0));
            assertThat(Completion.takeOne(other)).isEqualTo(new Completion(Long.MIN_VALUE + 1, 11, 0));
            other.submissions().next().msgRing(one.fd(), -12, -1, 0).userData(2);
            assertThat(Completion.submitAndTakeOne(other)).isEqualTo(new Completion(2, 0, 0));
            assertThat(Completion.takeOne(one)).isEqualTo(new Completion(-1, -12, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void flagsOfTheCompletionMayBeChosen(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FLAGS);
        try (Ring one = kind.open(4);
                Ring other = kind.open(4)) {
            int flags = 0xfedc_0000 | Cqe.BUFFER;
            one.submissions().next().msgRingFlags(other.fd(), 5, 6, 0, flags);
            assertThat(sent(one)).isZero();
            assertThat(Completion.takeOne(other)).isEqualTo(new Completion(6, 5, flags));
            assertThat(Cqe.bufferId(flags)).isEqualTo(0xfedc);
        }
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void fileTravelsBothWays(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FD);
        try (Ring one = kind.open(4);
                Ring other = kind.open(4);
                RegisteredFiles files = RegisteredFiles.register(one, pipe.writeEnd(), -1, -1);
                RegisteredFiles otherFiles = RegisteredFiles.registerEmpty(other, 4)) {
            one.submissions().next().msgRingFd(other.fd(), 0, 3, 77, 0);
            assertThat(sent(one)).isZero();
            assertThat(Completion.takeOne(other)).isEqualTo(new Completion(77, 0, 0));
            other.submissions().next().write(3, Text.in(arena, "there"), 5, -1).fixedFile();
            assertThat(sent(other)).isEqualTo(5);
            assertThat(pipe.read()).isEqualTo("there");

            files.update(0, RegisteredFiles.EMPTY);
            other.submissions().next().msgRingFd(one.fd(), 3, 2, 78, 0);
            assertThat(sent(other)).isZero();
            assertThat(Completion.takeOne(one)).isEqualTo(new Completion(78, 0, 0));
            one.submissions().next().write(2, Text.in(arena, "and back"), 8, -1).fixedFile();
            assertThat(sent(one)).isEqualTo(8);
            assertThat(pipe.read()).isEqualTo("and back");
            assertThat(otherFiles.capacity()).isEqualTo(4);
        }
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void kernelMayChooseTheSlotOfAFile(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FD);
        try (Ring one = kind.open(4);
                Ring other = kind.open(4);
                RegisteredFiles files = RegisteredFiles.register(one, pipe.writeEnd());
                RegisteredFiles otherFiles = RegisteredFiles.registerEmpty(other, 4)) {
            assertThat(files.capacity()).isEqualTo(1);
            otherFiles.allocateFrom(2, 1);
            one.submissions().next().msgRingFd(other.fd(), 0, DirectSlot.ALLOCATE, 5, 0);
            assertThat(sent(one)).isEqualTo(2);
            assertThat(Completion.takeOne(other)).isEqualTo(new Completion(5, 2, 0));
            other.submissions().next().write(2, Text.in(arena, "chosen"), 6, -1).fixedFile();
            assertThat(sent(other)).isEqualTo(6);
            assertThat(pipe.read()).isEqualTo("chosen");

            one.submissions().next().msgRingFd(other.fd(), 0, DirectSlot.ALLOCATE, 5, 0);
            assertThat(sent(one)).as("no slot is left").isEqualTo(-Errno.ENFILE.number());
        }
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void fileMayTravelSilently(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FD);
        try (Ring one = kind.open(4);
                Ring other = kind.open(4);
                RegisteredFiles files = RegisteredFiles.register(one, pipe.writeEnd());
                RegisteredFiles otherFiles = RegisteredFiles.registerEmpty(other, 1)) {
            assertThat(files.capacity() + otherFiles.capacity()).isEqualTo(2);
            one.submissions().next().msgRingFd(other.fd(), 0, 0, 77, MessageFlags.SKIP_COMPLETION);
            assertThat(sent(one)).isZero();
            assertThat(other.waitFor(1, SHORT_NANOS)).isFalse();
            other.submissions().next().write(0, Text.in(arena, "silent"), 6, -1).fixedFile();
            assertThat(sent(other)).isEqualTo(6);
            assertThat(pipe.read()).isEqualTo("silent");
        }
    }

    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void messageThatCannotArriveIsRefused(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FD);
        try (Ring ring = kind.open(4);
                Ring bare = kind.open(4);
                RegisteredFiles files = RegisteredFiles.register(ring, pipe.writeEnd(), -1)) {
            assertThat(files.capacity()).isEqualTo(2);
            ring.submissions().next().msgRing(pipe.readEnd(), 1, 2, 0);
            assertThat(sent(ring)).as("to what is no ring").isEqualTo(-Errno.EBADFD.number());
            ring.submissions().next().msgRing(-1, 1, 2, 0);
            assertThat(sent(ring)).as("to nothing").isEqualTo(-Errno.EBADF.number());
            ring.submissions().next().msgRingFd(bare.fd(), 1, 0, 2, 0);
            assertThat(sent(ring)).as("an empty slot").isEqualTo(-Errno.EBADF.number());
            ring.submissions().next().msgRingFd(bare.fd(), 0, 0, 2, 0);
            assertThat(sent(ring)).as("to a ring without a table").isEqualTo(-Errno.ENXIO.number());
            ring.submissions().next().msgRingFd(ring.fd(), 0, 1, 2, 0);
            assertThat(sent(ring)).as("a file to the ring itself").isEqualTo(-Errno.EINVAL.number());
        }
    }

    @Test
    @Covers(Opcode.MSG_RING)
    void ringThatIsDisabledTakesNoMessage() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4);
                Ring disabled = Ring.open(RingConfig.plain(4).with(SetupFlag.R_DISABLED))) {
            ring.submissions().next().msgRing(disabled.fd(), 1, 2, 0);
            assertThat(sent(ring)).isEqualTo(-Errno.EBADFD.number());
        }
    }

    @Test
    void slotMustNotBeNegative() throws IOException {
        Needs.kernelWith(Modifier.MSG_RING_FD);
        try (Ring ring = RingKind.PLAIN.open(4)) {
            Sqe entry = ring.submissions().next();
            assertThatIllegalArgumentException().isThrownBy(() -> entry.msgRingFd(3, 0, -7, 0, 0));
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    /** Each message wakes a thread that waits for it, and each answer the other. */
    @OverRingKinds
    @Covers(Opcode.MSG_RING)
    void messagesWakeRingsOfOtherThreads(RingKind kind) throws Exception {
        int rounds = Rounds.of(200);
        CompletableFuture<Integer> address = new CompletableFuture<>();
        try (Ring ring = kind.open(4)) {
            int home = ring.fd();
            CountDownLatch done = new CountDownLatch(1);
            OtherThread<Void> echo = OtherThread.start(() -> {
                try (Ring other = kind.open(4)) {
                    address.complete(other.fd());
                    int received = 0;
                    for (int answered = 0; answered < rounds; ) {
                        Completion completion = Completion.takeOne(other);
                        if (completion.userData() == -1) {
                            assertThat(completion.result()).isZero();
                            answered++;
                        } else {
                            assertThat(completion).isEqualTo(new Completion(received++, 1, 0));
                            other.submissions().next().msgRing(home, 2, completion.userData(), 0).userData(-1);
                            other.submit();
                        }
                    }
                    done.await();
                    return null;
                }
            });
            int there = address.get();
            for (int i = 0; i < rounds; i++) {
                ring.submissions().next().msgRing(there, 1, i, 0).userData(-1);
                assertThat(Completion.submitAndTake(ring, 2))
                        .containsExactlyInAnyOrder(new Completion(-1, 0, 0), new Completion(i, 2, 0));
            }
            done.countDown();
            echo.result();
        }
    }
}
