package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Which requests a cancellation finds: by descriptor, by operation, any; and cancelling in one call. */
class CancelMatchTest {
    private static final long CANCEL = 1000;
    private static final long SHORT_NANOS = 2_000_000;
    private static final int CANCELLED = -Errno.ECANCELED.number();

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @AutoClose
    private final Pipe pipe = new Pipe();

    @AutoClose
    private final Pipe another = new Pipe();

    private final MemorySegment buffer = arena.allocate(64);

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Modifier.CANCEL_FD);
    }

    private Sqe read(Ring ring, Pipe from) {
        return ring.submissions().next().read(from.readEnd(), buffer, 8, -1);
    }

    /** Submits a cancellation, and expects it to end these requests and no other. */
    private static void assertEnds(Ring ring, int result, long... userData) throws UringException {
        List<Completion> completions = Completion.submitAndTake(ring, userData.length + 1);
        assertThat(completions).contains(new Completion(CANCEL, result, 0));
        assertThat(completions.stream().filter(completion -> completion.userData() != CANCEL))
                .containsExactlyInAnyOrderElementsOf(LongStream.of(userData)
                        .mapToObj(value -> new Completion(value, CANCELLED, 0))
                        .toList());
        assertThat(ring.waitFor(1, SHORT_NANOS)).as("another request ended").isFalse();
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void requestsOnADescriptorAreFound(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            read(ring, another).userData(2);
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(3);
            ring.submissions().next().cancelFd(pipe.readEnd(), CancelFlags.ALL).userData(CANCEL);
            assertEnds(ring, 2, 1, 3);
            ring.submissions().next().cancelFd(pipe.readEnd(), 0).userData(CANCEL);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
            ring.submissions().next().cancelFd(another.readEnd(), 0).userData(CANCEL);
            assertEnds(ring, 0, 2);
        }
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void requestsOnARegisteredFileAreFound(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.CANCEL_FIXED_FILE);
        try (Ring ring = kind.open(8);
                RegisteredFiles files =
                        RegisteredFiles.register(ring, RegisteredFiles.EMPTY, pipe.readEnd(), another.readEnd())) {
            assertThat(files.capacity()).isEqualTo(3);
            ring.submissions().next().read(1, buffer, 8, -1).fixedFile().userData(1);
            ring.submissions().next().read(2, buffer, 8, -1).fixedFile().userData(2);
            ring.submissions().next().cancelFd(1, CancelFlags.FIXED_FILE).userData(CANCEL);
            assertEnds(ring, 0, 1);
            ring.submissions().next().cancelFd(2, CancelFlags.FIXED_FILE | CancelFlags.ALL).userData(CANCEL);
            assertEnds(ring, 1, 2);
        }
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void requestsOfAnOperationAreFound(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.CANCEL_OPCODE);
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(2);
            ring.submissions().next().pollAdd(another.readEnd(), PollEvents.IN).userData(3);
            ring.submissions().next().cancelOpcode(Opcode.POLL_ADD, CancelFlags.ALL).userData(CANCEL);
            assertEnds(ring, 2, 2, 3);
            ring.submissions().next().cancelOpcode(Opcode.POLL_ADD, 0).userData(CANCEL);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.ENOENT);
            ring.submissions().next().cancelOpcode(Opcode.READ, 0).userData(CANCEL);
            assertEnds(ring, 0, 1);
        }
    }

    /** In the kernel any means all, with that flag or without it. */
    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void anyRequestIsFoundUntilNoneIsLeft(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            read(ring, another).userData(2);
            ring.submissions().next().cancelAny(0).userData(CANCEL);
            assertEnds(ring, 2, 1, 2);
            ring.submissions().next().cancelAny(0).userData(CANCEL);
            assertThat(Completion.submitAndTakeOne(ring).result()).isIn(0, -Errno.ENOENT.number());
        }
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void allRequestsAreFoundOfWhateverKind(RingKind kind) throws IOException {
        try (Ring ring = kind.open(16);
                PeerSocket listener = PeerSocket.listening();
                Connection connection = Connection.tcp()) {
            MemorySegment time = Timespec.of(arena, Duration.ofHours(1));
            read(ring, pipe).userData(1);
            ring.submissions().next().pollMultishot(another.readEnd(), PollEvents.IN).userData(2);
            ring.submissions().next().timeout(time, 0, 0).userData(3);
            ring.submissions().next().acceptMultishot(listener.fd(), 0).userData(4);
            ring.submissions().next().recv(connection.fd(), buffer, 8, 0).userData(5);
            ring.submissions().next().cancelAny(CancelFlags.ALL).userData(CANCEL);
            assertEnds(ring, 5, 1, 2, 3, 4, 5);
        }
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void readOnAWorkerThreadIsInterrupted(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1).async();
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            ring.submissions().next().cancel(1, 0).userData(CANCEL);
            List<Completion> completions = Completion.submitAndTake(ring, 2);
            for (Completion completion : completions) {
                if (completion.userData() == CANCEL) {
                    assertThat(completion.result()).isIn(0, -Errno.EALREADY.number());
                } else {
                    assertThat(completion.error()).isIn(Errno.ECANCELED, Errno.EINTR);
                }
            }
            pipe.write("kept");
            assertThat(pipe.read()).as("what the cancelled read has left").isEqualTo("kept");
        }
    }

    @OverRingKinds
    @Covers({Opcode.ASYNC_CANCEL, Opcode.TIMEOUT})
    void linkedRequestBehindACancelledOneIsCancelledToo(RingKind kind) throws IOException {
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1).link();
            ring.submissions().next().nop().userData(2);
            ring.submit();
            ring.submissions().next().cancel(1, 0).userData(CANCEL);
            assertEnds(ring, 0, 1, 2);
        }
    }

    /** At once, or with the next wait: what the class promises. */
    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_SYNC_CANCEL)
    void completionsAreThereAfterACallThatCancels(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_SYNC_CANCEL);
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            ring.submissions().next().pollAdd(another.readEnd(), PollEvents.IN).userData(2);
            ring.submit();
            awaitTaken(ring);
            SynchronousCancel.ofUserData(1).await(ring, Completion.PATIENCE_NANOS);
            ring.waitFor(1, Completion.PATIENCE_NANOS);
            assertThat(Completion.takeReady(ring)).containsExactly(new Completion(1, CANCELLED, 0));
        }
    }

    @OverRingKinds
    @Covers(Opcode.ASYNC_CANCEL)
    void cancelByDescriptorMayMatchUserDataToo(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.CANCEL_USER_DATA);
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            read(ring, pipe).userData(2);
            ring.submit();
            awaitTaken(ring);
            ring.submissions().next().cancelFd(pipe.readEnd(), CancelFlags.ALL).alsoMatching(2).userData(3);
            ring.submit();
            ring.waitFor(2, Completion.PATIENCE_NANOS);
            assertThat(Completion.takeReady(ring))
                    .containsExactlyInAnyOrder(new Completion(2, CANCELLED, 0), new Completion(3, 1, 0));
        }
    }

    /** With a submission thread the requests may not have begun. */
    private static void awaitTaken(Ring ring) {
        Waiting.until("the entries are taken", () -> ring.submissions().pending() == 0);
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_SYNC_CANCEL)
    void callMayCancelByUserData(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_SYNC_CANCEL);
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(1);
            read(ring, pipe).userData(2);
            ring.submit();
            awaitTaken(ring);
            SynchronousCancel.ofUserData(2).await(ring, Completion.PATIENCE_NANOS);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(2, CANCELLED, 0));
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> SynchronousCancel.ofUserData(2).await(ring, 0))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.ENOENT));
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_SYNC_CANCEL)
    void callMayCancelByDescriptorAndAll(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_SYNC_CANCEL);
        try (Ring ring = kind.open(8);
                RegisteredFiles files = RegisteredFiles.register(ring, another.readEnd())) {
            assertThat(files.capacity()).isEqualTo(1);
            read(ring, pipe).userData(1);
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(2);
            ring.submissions().next().read(0, buffer, 8, -1).fixedFile().userData(3);
            read(ring, another).userData(4);
            ring.submit();
            awaitTaken(ring);
            SynchronousCancel.ofFd(pipe.readEnd(), CancelFlags.ALL).await(ring, Completion.PATIENCE_NANOS);
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(1, CANCELLED, 0), new Completion(2, CANCELLED, 0));
            SynchronousCancel.ofFd(0, CancelFlags.FIXED_FILE | CancelFlags.ALL).await(ring, Completion.PATIENCE_NANOS);
            // A file is the same by its slot and by its descriptor.
            assertThat(Completion.take(ring, 2))
                    .containsExactlyInAnyOrder(new Completion(3, CANCELLED, 0), new Completion(4, CANCELLED, 0));
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_SYNC_CANCEL)
    void callMayMatchByMoreThanOneKey(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.CANCEL_OPCODE);
        try (Ring ring = kind.open(8)) {
            read(ring, pipe).userData(7);
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(7);
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(8);
            ring.submit();
            awaitTaken(ring);
            int flags = CancelFlags.USER_DATA | CancelFlags.OPCODE | CancelFlags.FD | CancelFlags.ALL;
            new SynchronousCancel(7, pipe.readEnd(), flags, Opcode.POLL_ADD.code())
                    .await(ring, Completion.PATIENCE_NANOS);
            assertThat(Completion.takeOne(ring)).isEqualTo(new Completion(7, CANCELLED, 0));
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            pipe.write("x");
            List<Completion> left = Completion.take(ring, 2);
            assertThat(left).extracting(Completion::userData).containsExactlyInAnyOrder(7L, 8L);
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_SYNC_CANCEL)
    void callMayCancelAll(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_SYNC_CANCEL);
        try (Ring ring = kind.open(8)) {
            for (int i = 0; i < 6; i++) {
                read(ring, i % 2 == 0 ? pipe : another).userData(i);
            }
            ring.submit();
            awaitTaken(ring);
            SynchronousCancel.ofAll().await(ring, Completion.PATIENCE_NANOS);
            assertThat(Completion.take(ring, 6))
                    .extracting(Completion::result)
                    .containsOnly(CANCELLED);
        }
    }
}
