package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Sends and receives that use several provided buffers at once. */
class BundleTest {
    private static final int SIZE = 64;
    private static final int COUNT = 16;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void kernelHasIt() {
        Needs.kernelWith(Modifier.BUNDLE);
    }

    /** Bytes that tell their place. */
    private MemorySegment sequence(int bytes) {
        MemorySegment memory = arena.allocate(bytes);
        for (int i = 0; i < bytes; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8)));
        }
        return memory;
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void receiveFillsBuffersThatFollowEachOther(RingKind kind) throws IOException {
        int bytes = 5 * SIZE + 7;
        MemorySegment sent = sequence(bytes);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, COUNT, SIZE)) {
            connection.peer().send(sent);
            Waiting.until("all has come", () -> {
                ring.submissions().next().socketInputQueue(connection.fd());
                return Completion.submitAndTakeOne(ring).result() == bytes;
            });
            ring.submissions()
                    .next()
                    .recv(connection.fd(), MemorySegment.NULL, 0, 0)
                    .selectBuffer(GroupBuffers.GROUP)
                    .bundle();
            Completion completion = Completion.submitAndTakeOne(ring);
            // The kernel may leave a rest that doesn't fill a buffer to the next receive.
            assertThat(completion.result()).isBetween(5 * SIZE, bytes);
            int first = Cqe.bufferId(completion.flags());
            assertThat(first).isZero();
            int used = (completion.result() + SIZE - 1) / SIZE;
            assertThat(buffers.available()).isEqualTo(COUNT - used);
            for (int i = 0; i < used; i++) {
                int length = Math.min(SIZE, completion.result() - i * SIZE);
                assertThat(buffers.at(first + i).asSlice(0, length).mismatch(sent.asSlice((long) i * SIZE, length)))
                        .as("first byte of buffer %d that differs", i)
                        .isEqualTo(-1);
            }
        }
    }

    @OverRingKinds
    @Covers(Opcode.RECV)
    void longStreamComesWholeThroughManyLapsOfTheGroup(RingKind kind) throws Exception {
        int bytes = 1 << 20;
        MemorySegment sent = sequence(bytes);
        MemorySegment received = arena.allocate(bytes);
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, COUNT, 1024)) {
            OtherThread<Void> sender = OtherThread.start(() -> {
                connection.peer().send(sent);
                connection.peer().finishSending();
                return null;
            });
            arm(ring, connection);
            long position = 0;
            int nextId = 0;
            while (true) {
                Completion completion = Completion.takeOne(ring);
                if (completion.result() > 0) {
                    int id = Cqe.bufferId(completion.flags());
                    assertThat(id).as("the id after the last one used").isEqualTo(nextId);
                    for (long left = completion.result(); left > 0; left -= 1024) {
                        long length = Math.min(left, 1024);
                        received.asSlice(position, length).copyFrom(buffers.at(id).asSlice(0, length));
                        position += length;
                        buffers.giveBack(id);
                        id = (id + 1) % COUNT;
                    }
                    nextId = id;
                } else if (completion.result() == 0) {
                    break;
                } else {
                    assertThat(completion.error()).isEqualTo(Errno.ENOBUFS);
                }
                if (!Cqe.hasMore(completion.flags())) {
                    arm(ring, connection);
                }
            }
            sender.result();
            assertThat(position).isEqualTo(bytes);
            assertThat(received.mismatch(sent)).as("first byte that differs").isEqualTo(-1);
        }
    }

    private static void arm(Ring ring, Connection connection) throws UringException {
        ring.submissions().next().recvMultishot(connection.fd(), 0, GroupBuffers.GROUP).bundle();
        ring.submit();
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void sendTakesTheBuffersInTheirOrder(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, COUNT, SIZE)) {
            MemorySegment sent = sequence(COUNT * SIZE);
            for (int id = 0; id < COUNT; id++) {
                buffers.at(id).copyFrom(sent.asSlice((long) id * SIZE, SIZE));
            }
            ring.submissions()
                    .next()
                    .send(connection.fd(), MemorySegment.NULL, 0, 0)
                    .selectBuffer(GroupBuffers.GROUP)
                    .bundle();
            Completion completion = Completion.submitAndTakeOne(ring);
            assertThat(completion.result()).isEqualTo(COUNT * SIZE);
            assertThat(Cqe.bufferId(completion.flags())).isZero();
            assertThat(connection.peer().receive(arena, COUNT * SIZE).mismatch(sent)).isEqualTo(-1);
            assertThat(buffers.available()).isZero();
        }
    }

    @OverRingKinds
    @Covers(Opcode.SEND)
    void sendOfOneBufferTakesOne(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                Connection connection = Connection.tcp();
                GroupBuffers buffers = new GroupBuffers(ring, 4, 4)) {
            for (int id = 0; id < 4; id++) {
                buffers.at(id).copyFrom(Text.in(arena, "no " + id));
                ring.submissions()
                        .next()
                        .send(connection.fd(), MemorySegment.NULL, 0, 0)
                        .selectBuffer(GroupBuffers.GROUP);
                Completion completion = Completion.submitAndTakeOne(ring);
                assertThat(completion.result()).isEqualTo(4);
                assertThat(Cqe.bufferId(completion.flags())).isEqualTo(id);
                assertThat(connection.peer().receive(4)).isEqualTo("no " + id);
            }
        }
    }
}
