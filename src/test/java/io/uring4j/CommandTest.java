package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;

/** Commands of drivers, of which a socket's is the only one that every machine has. */
class CommandTest {
    private static final int SO_TYPE = 3;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @BeforeEach
    void needsThem() {
        Needs.kernelWith(Opcode.URING_CMD);
    }

    @Covers(Opcode.URING_CMD)
    @OverRingKinds
    void payloadReachesTheDriver(RingKind kind) throws IOException {
        Needs.kernelWith("SOCKET_URING_OP_GETSOCKOPT", Opcode.READ_MULTISHOT);
        MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
        // The socket finds the address of an option's value where other drivers have their payload.
        MemorySegment payload = arena.allocateFrom(ValueLayout.JAVA_LONG, value.address());
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream()) {
            Sqe entry = ring.submissions().next()
                    .uringCmd(socket.fd(), Abi.SOCKET_URING_OP_GETSOCKOPT(), payload);
            io_uring_sqe.level(entry.memory(), Sockets.SOL_SOCKET);
            io_uring_sqe.optname(entry.memory(), SO_TYPE);
            io_uring_sqe.optlen(entry.memory(), Integer.BYTES);

            assertThat(Completion.submitAndTakeOne(ring).result()).isEqualTo(Integer.BYTES);
            assertThat(value.get(ValueLayout.JAVA_INT, 0)).isEqualTo(Sockets.SOCK_STREAM);
        }
    }

    @OverRingKinds
    void unknownCommandIsRefusedByTheDriver(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream();
                Pipe pipe = new Pipe()) {
            ring.submissions().next().uringCmd(socket.fd(), 4711, arena.allocate(0));
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EOPNOTSUPP);
            ring.submissions().next().uringCmd(pipe.readEnd(), 0, arena.allocate(0));
            assertThat(Completion.submitAndTakeOne(ring).error()).as("no driver").isEqualTo(Errno.EOPNOTSUPP);
        }
    }

    @OverRingKinds
    void commandNamesItsRegisteredBuffer(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.COMMAND_BUFFER);
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream()) {
            // No command of a socket uses one, so only the entry can be looked at.
            Sqe entry = ring.submissions().next().uringCmd(socket.fd(), 0, arena.allocate(0)).commandBuffer(0xfedc);
            assertThat(io_uring_sqe.uring_cmd_flags(entry.memory())).isEqualTo(Abi.IORING_URING_CMD_FIXED());
            assertThat(io_uring_sqe.buf_index(entry.memory())).isEqualTo((short) 0xfedc);
            Completion.submitAndTakeOne(ring);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ring.submissions().next()
                            .uringCmd(socket.fd(), 0, arena.allocate(0))
                            .commandBuffer(65_536));
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    @OverRingKinds
    void payloadThatIsTooLongIsRefused(RingKind kind) throws IOException {
        int room = kind == RingKind.LARGE_ENTRIES ? 80 : 16;
        try (Ring ring = kind.open(4)) {
            Sqe entry = ring.submissions().next().uringCmd(-1, 0, arena.allocate(room).fill((byte) 9));
            long end = entry.memory().byteSize() - 1;
            assertThat(entry.memory().get(ValueLayout.JAVA_BYTE, end)).as("its last byte").isEqualTo((byte) 9);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EBADF);

            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> ring.submissions().next().uringCmd(-1, 0, arena.allocate(room + 1)))
                    .withMessageContaining("room for " + room);
            assertThat(ring.submissions().pending()).isZero();
        }
    }

    /** No command of a socket goes on, so its refusal is all that can be seen; the kernel checks the entry first. */
    @OverRingKinds
    void commandThatGoesOnNeedsAGroupAndNoRegisteredBuffer(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.COMMAND_MULTISHOT);
        try (Ring ring = kind.open(4);
                PeerSocket socket = PeerSocket.stream()) {
            MemorySegment nothing = arena.allocate(0);
            Sqe entry = ring.submissions().next().uringCmd(socket.fd(), 4711, nothing).commandMultishot(0xfedc);
            assertThat(io_uring_sqe.buf_group(entry.memory())).isEqualTo((short) 0xfedc);
            assertThat(io_uring_sqe.uring_cmd_flags(entry.memory())).isEqualTo(Abi.IORING_URING_CMD_MULTISHOT());
            assertThat(Completion.submitAndTakeOne(ring).error()).as("of the socket").isEqualTo(Errno.EOPNOTSUPP);

            int both = Abi.IORING_URING_CMD_MULTISHOT() | Abi.IORING_URING_CMD_FIXED();
            ring.submissions().next().uringCmd(socket.fd(), 4711, nothing).commandMultishot(1).operationFlags(both);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("of the kernel").isEqualTo(Errno.EINVAL);
        }
    }
}
