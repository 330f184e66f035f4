package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.buffer.RegisteredBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Assumptions;

/** Sending and receiving on streams, one operation per entry. */
class SendReceiveTest {
    private static final long SHORT_NANOS = 2_000_000;
    private static final int LARGE_BYTES = 4 << 20;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment buffer = arena.allocate(64);

    @OverRingKinds
    @Covers(Opcode.SEND)
    void bytesSentArrive(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().send(connection.fd(), Text.in(arena, "hello world"), 5, 0).userData(9);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(9, 5, 0));
            assertThat(connection.peer().receive(5)).isEqualTo("hello");
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveWaitsAndTakesWhatThereIs(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 64, 0).userData(8);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            connection.peer().send("short");

            Completion completion = Completion.takeOne(ring);
            assertThat(completion.userData()).isEqualTo(8);
            assertThat(Text.of(buffer, completion.result())).isEqualTo("short");
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveSaysWhenMoreIsThere(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.SOCKET_COMMANDS);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            connection.peer().send("one two");
            awaitInput(connection, ring, 7);
            ring.submissions().next().recv(connection.fd(), buffer, 3, 0);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 3, Cqe.SOCK_NONEMPTY));
            ring.submissions().next().recv(connection.fd(), buffer, 4, 0);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(0, 4, 0));
        }
    }

    private static void awaitInput(Connection connection, Ring ring, int bytes) {
        Waiting.until("the bytes have come", () -> {
            ring.submissions().next().socketInputQueue(connection.fd());
            return Completion.submitAndTakeOne(ring).result() == bytes;
        });
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveOfAllWaitsForTheLastByte(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SOCKET); // of the same kernel, 5.19
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 10, Sockets.MSG_WAITALL);
            ring.submit();
            connection.peer().send("1234");
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            connection.peer().send("567890");
            assertThat(Completion.takeOne(ring).result()).isEqualTo(10);
            assertThat(Text.of(buffer, 10)).isEqualTo("1234567890");
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveOfAllEndsWithTheStream(RingKind kind) throws IOException {
        Needs.kernelWith(Opcode.SOCKET); // of the same kernel, 5.19
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 10, Sockets.MSG_WAITALL);
            ring.submit();
            connection.peer().send("1234");
            connection.peer().finishSending();
            assertThat(Completion.takeOne(ring).result()).isEqualTo(4);
            ring.submissions().next().recv(connection.fd(), buffer, 10, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void sendMayBeShortButNotWhenAllIsAskedFor(RingKind kind) throws Exception {
        Needs.kernelWith(Opcode.SOCKET); // of the same kernel, 5.19
        MemorySegment large = arena.allocate(LARGE_BYTES);
        for (int i = 0; i < LARGE_BYTES; i += 4) {
            large.set(ValueLayout.JAVA_INT, i, i);
        }
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local()) {
            ring.submissions().next().send(connection.fd(), large, LARGE_BYTES, 0);
            int sent = Completion.submitAndTakeOne(ring).result();
            assertThat(sent).isPositive().isLessThan(LARGE_BYTES);

            ring.submissions()
                    .next()
                    .send(connection.fd(), large.asSlice(sent), LARGE_BYTES - sent, Sockets.MSG_WAITALL);
            ring.submit();
            assertThat(ring.waitFor(1, SHORT_NANOS)).isFalse();
            OtherThread<MemorySegment> reader =
                    OtherThread.start(() -> connection.peer().receive(arena, LARGE_BYTES));
            assertThat(Completion.takeOne(ring).result()).isEqualTo(LARGE_BYTES - sent);
            assertThat(reader.result().mismatch(large)).as("first byte that differs").isEqualTo(-1);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveThatDoesNotWaitEndsWhenNothingIsThere(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 10, Sockets.MSG_DONTWAIT);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void peekLeavesTheBytes(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local()) {
            connection.peer().send("stay");
            for (int flags : new int[] {Sockets.MSG_PEEK, Sockets.MSG_PEEK, 0}) {
                ring.submissions().next().recv(connection.fd(), buffer.fill((byte) 0), 4, flags);
                assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(4);
                assertThat(Text.of(buffer, 4)).isEqualTo("stay");
            }
            ring.submissions().next().recv(connection.fd(), buffer, 4, Sockets.MSG_DONTWAIT);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
        }
    }

    @OverRingKinds
    @Covers({Opcode.SEND, Opcode.RECV})
    void transferFailsWhenThePeerIsGone(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 10, 0);
            ring.submit();
            connection.peer().abort();
            assertThat(Completion.takeOne(ring).error()).isEqualTo(Errno.ECONNRESET);
            ring.submissions().next().send(connection.fd(), buffer, 10, Sockets.MSG_NOSIGNAL);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EPIPE);
        }
    }

    /** The first attempt of a transfer that must not wait is its only one, so that leaving it out shows. */
    @OverRingKinds
    @Covers({Opcode.SEND, Opcode.RECV})
    void transferThatPollsFirstMakesNoFirstAttempt(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.POLL_FIRST);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local()) {
            connection.peer().send("there");
            ring.submissions().next().recv(connection.fd(), buffer, 5, Sockets.MSG_DONTWAIT).pollFirst();
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
            ring.submissions().next().recv(connection.fd(), buffer, 5, 0).pollFirst();
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(Text.of(buffer, 5)).isEqualTo("there");

            ring.submissions().next().send(connection.fd(), buffer, 5, Sockets.MSG_DONTWAIT).pollFirst();
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EAGAIN);
            ring.submissions().next().send(connection.fd(), buffer, 5, 0).pollFirst();
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(5);
            assertThat(connection.peer().receive(5)).isEqualTo("there");
        }
    }

    @OverRingKinds
    @Covers({Opcode.SEND, Opcode.RECV})
    void transferMayRunOnAWorkerThread(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().recv(connection.fd(), buffer, 64, 0).async().userData(1);
            ring.submit();
            connection.peer().send("worker");
            assertThat(Completion.takeOne(ring).result()).isEqualTo(6);
            ring.submissions().next().send(connection.fd(), buffer, 6, 0).async().userData(2);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(2, 6, 0));
            assertThat(connection.peer().receive(6)).isEqualTo("worker");
        }
    }

    @OverRingKinds
    @Covers({Opcode.SEND, Opcode.RECV})
    void kernelPicksTheBufferOfATransfer(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.local();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 8)) {
            connection.peer().send("too long for one");
            ring.submissions()
                    .next()
                    .recv(connection.fd(), MemorySegment.NULL, 0, 0)
                    .selectBuffer(GroupBuffers.GROUP);
            Completion received = Completion.submitAndTakeOne(ring);
            assertThat(Cqe.hasBuffer(received.flags())).isTrue();
            assertThat(received.result()).as("what fits into a buffer").isEqualTo(8);
            assertThat(buffers.text(received)).isEqualTo("too long");
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void sendMayUseARegisteredBuffer(RingKind kind) throws IOException {
        MemorySegment registered = arena.allocate(4096, 4096);
        registered.asSlice(100, 5).copyFrom(Text.in(arena, "fixed"));
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                RegisteredBuffers buffers = RegisteredBuffers.register(ring, buffer, registered)) {
            assertThat(buffers).isNotNull();
            ring.submissions().next().send(connection.fd(), registered.asSlice(100), 5, 0).fixedBuffer(1);
            Completion completion = Completion.submitAndTakeOne(ring);
            Assumptions.assumeTrue(
                    completion.error() != Errno.EINVAL, "this kernel has registered buffers for zero-copy sends only");
            assertThat(completion).isEqualTo(new Completion(0, 5, 0));
            assertThat(connection.peer().receive(5)).isEqualTo("fixed");

            ring.submissions().next().send(connection.fd(), registered.asSlice(100), 5, 0).fixedBuffer(0);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("outside that buffer").isEqualTo(Errno.EFAULT);
            ring.submissions().next().send(connection.fd(), registered.asSlice(100), 5, 0).fixedBuffer(2);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("no such buffer").isEqualTo(Errno.EFAULT);
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void sendMayGatherItsBytes(RingKind kind) throws IOException {
        MemorySegment parts = Iovec.of(
                arena, Text.in(arena, "one "), Text.in(arena, "two "), Text.in(arena, "three"));
        Needs.kernelWith(Modifier.SEND_VECTORIZED);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp()) {
            ring.submissions().next().sendVectorized(connection.fd(), parts, 3, 0);
            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(13);
            assertThat(connection.peer().receive(13)).isEqualTo("one two three");
        }
    }
}
