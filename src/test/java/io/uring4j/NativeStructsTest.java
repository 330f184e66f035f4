package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The structs that programs fill and read, by the offsets of their man pages on a 64-bit machine. */
class NativeStructsTest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    @Test
    void iovecsDescribeBuffersInOrder() {
        MemorySegment first = arena.allocate(10);
        MemorySegment second = arena.allocate(20);
        MemorySegment iovecs = Iovec.of(arena, first, second);

        assertThat(iovecs.byteSize()).isEqualTo(32);
        assertThat(iovecs.toArray(LONG)).containsExactly(first.address(), 10, second.address(), 20);
        Iovec.set(iovecs, 0, second.asSlice(5));
        assertThat(iovecs.toArray(LONG)).containsExactly(second.address() + 5, 15, second.address(), 20);
        assertThat(Iovec.of(arena).byteSize()).isZero();
    }

    @Test
    void iovecsRefuseHeapMemoryAndAreBounded() {
        MemorySegment iovecs = Iovec.of(arena, arena.allocate(1));
        assertThatIllegalArgumentException().isThrownBy(() -> Iovec.of(arena, MemorySegment.ofArray(new byte[1])));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Iovec.set(iovecs, 1, arena.allocate(1)));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Iovec.set(iovecs, -1, arena.allocate(1)));
    }

    /** The kernel would write to memory that is somebody else's by then. */
    @Test
    void whatPointsAtMemoryRefusesThatOfAClosedArena() {
        MemorySegment closed;
        try (Arena shortLived = Arena.ofConfined()) {
            closed = shortLived.allocate(LONG);
        }
        assertThatIllegalStateException().isThrownBy(() -> Iovec.of(arena, closed));
        assertThatIllegalStateException()
                .isThrownBy(() -> MessageHeader.of(arena, MemorySegment.NULL, MemorySegment.NULL, closed));
        MemorySegment waiters = arena.allocate(FutexFlags.WAITER_BYTES, Long.BYTES);
        assertThatIllegalStateException()
                .isThrownBy(() -> FutexFlags.waiter(waiters, 0, closed, 0, FutexFlags.SIZE_U32));
    }

    @Test
    void timespecHoldsSecondsAndNanoseconds() {
        MemorySegment timespec = Timespec.of(arena, Duration.ofSeconds(5_000_000_000L, 999_999_999));
        assertThat(timespec.byteSize()).isEqualTo(Timespec.BYTES).isEqualTo(16);
        assertThat(timespec.toArray(LONG)).containsExactly(5_000_000_000L, 999_999_999L);
        Timespec.set(timespec, Duration.ZERO);
        assertThat(timespec.toArray(LONG)).containsExactly(0, 0);
        assertThatIllegalArgumentException().isThrownBy(() -> Timespec.set(timespec, Duration.ofNanos(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> Timespec.of(arena, Duration.ofSeconds(-1)));
    }

    @Test
    void statxIsReadFromItsFields() {
        MemorySegment status = Statx.allocate(arena);
        assertThat(status.byteSize()).isEqualTo(Statx.BYTES).isEqualTo(256);
        status.set(INT, 0, Statx.SIZE);
        status.set(INT, 16, 3);
        status.set(SHORT, 28, (short) 0140777); // a socket: the upper bit is set
        status.set(LONG, 32, 1234567890123L);
        status.set(LONG, 40, 1L << 40);
        status.set(LONG, 112, -5L); // before 1970
        status.set(INT, 120, 7);

        assertThat(Statx.mask(status)).isEqualTo(Statx.SIZE);
        assertThat(Statx.links(status)).isEqualTo(3);
        assertThat(Statx.mode(status)).isEqualTo(0140777);
        assertThat(Statx.isDirectory(status)).isFalse();
        assertThat(Statx.isRegularFile(status)).isFalse();
        assertThat(Statx.inode(status)).isEqualTo(1234567890123L);
        assertThat(Statx.size(status)).isEqualTo(1L << 40);
        assertThat(Statx.modified(status)).isEqualTo(Instant.ofEpochSecond(-5, 7));
    }

    @Test
    void openHowHoldsUnsignedFlags() {
        MemorySegment how = OpenHow.of(arena, 0x8000_0002, 0640, OpenHow.RESOLVE_BENEATH | OpenHow.RESOLVE_NO_XDEV);

        assertThat(how.toArray(LONG)).containsExactly(0x8000_0002L, 0640L, 0x08 | 0x01);
    }

    @Test
    void messageHeaderPointsAtItsParts() {
        MemorySegment address = arena.allocate(28);
        MemorySegment iovecs = Iovec.of(arena, arena.allocate(1), arena.allocate(1));
        MemorySegment control = arena.allocate(64);
        MemorySegment header = MessageHeader.of(arena, address, iovecs, control);

        assertThat(header.byteSize()).isEqualTo(MessageHeader.BYTES).isEqualTo(56);
        assertThat(header.get(LONG, 0)).isEqualTo(address.address());
        assertThat(header.get(INT, 8)).isEqualTo(28);
        assertThat(header.get(LONG, 16)).isEqualTo(iovecs.address());
        assertThat(header.get(LONG, 24)).isEqualTo(2);
        assertThat(header.get(LONG, 32)).isEqualTo(control.address());
        assertThat(header.get(LONG, 40)).isEqualTo(64);
        header.set(INT, 48, Sockets.MSG_TRUNC);
        assertThat(MessageHeader.flags(header)).isEqualTo(Sockets.MSG_TRUNC);
        assertThat(MessageHeader.addressLength(header)).isEqualTo(28);
        assertThat(MessageHeader.controlLength(header)).isEqualTo(64);
    }

    @Test
    void messageHeaderMayLackParts() {
        MemorySegment none = MemorySegment.NULL;
        MemorySegment header = MessageHeader.of(arena, none, none, none);
        assertThat(header.mismatch(MemorySegment.ofArray(new byte[56]))).as("first byte that is set").isEqualTo(-1);

        MemorySegment heap = MemorySegment.ofArray(new byte[16]);
        assertThatIllegalArgumentException().isThrownBy(() -> MessageHeader.of(arena, heap, none, none));
        assertThatIllegalArgumentException().isThrownBy(() -> MessageHeader.of(arena, none, heap, none));
        assertThatIllegalArgumentException().isThrownBy(() -> MessageHeader.of(arena, none, none, heap));
    }

    /** A buffer as the kernel fills it, for a request with room for 16 bytes of address and 24 of control data. */
    private MemorySegment received(int addressLength, int controlLength, int payloadLength, int flags) {
        MemorySegment buffer = arena.allocate(128, 8);
        buffer.set(INT, 0, addressLength);
        buffer.set(INT, 4, controlLength);
        buffer.set(INT, 8, payloadLength);
        buffer.set(INT, 12, flags);
        buffer.asSlice(16, 16).fill((byte) 'a');
        buffer.asSlice(32, 24).fill((byte) 'c');
        buffer.asSlice(56).fill((byte) 'p');
        return buffer;
    }

    private MemorySegment requested() {
        return MessageHeader.of(arena, arena.allocate(16), MemorySegment.NULL, arena.allocate(24));
    }

    @Test
    void receivedMessageIsTakenApart() {
        MemorySegment buffer = received(9, 5, 100, Sockets.MSG_TRUNC);
        ReceivedMessage message = ReceivedMessage.of(buffer, 56 + 30, requested());

        assertThat(Text.of(message.address(), message.address().byteSize())).isEqualTo("a".repeat(9));
        assertThat(Text.of(message.control(), message.control().byteSize())).isEqualTo("c".repeat(5));
        assertThat(Text.of(message.payload(), message.payload().byteSize())).isEqualTo("p".repeat(30));
        assertThat(message.payloadLength()).isEqualTo(100);
        assertThat(message.flags()).isEqualTo(Sockets.MSG_TRUNC);
    }

    @Test
    void partsThatAreLongerThanTheirRoomAreCut() {
        ReceivedMessage message = ReceivedMessage.of(received(200, -1, 0, 0), 56, requested());

        assertThat(message.address().byteSize()).isEqualTo(16);
        assertThat(message.control().byteSize()).isEqualTo(24);
        assertThat(message.payload().byteSize()).isZero();
    }

    @Test
    void messageShorterThanItsFixedPartsIsRefused() {
        MemorySegment buffer = received(0, 0, 0, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReceivedMessage.of(buffer, 55, requested()))
                .withMessageContaining("shorter");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> ReceivedMessage.of(buffer, 129, requested()));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> ReceivedMessage.of(buffer, -105, requested()));
    }

    @Test
    void epollEventsAreReadBack() {
        MemorySegment one = EpollEvent.of(arena, PollEvents.IN, 0x1234_5678_9abc_def0L);
        assertThat(EpollEvent.events(one, 0)).isEqualTo(PollEvents.IN);
        assertThat(EpollEvent.data(one, 0)).isEqualTo(0x1234_5678_9abc_def0L);

        boolean packed = System.getProperty("os.arch").equals("amd64");
        assertThat(EpollEvent.BYTES).isEqualTo(packed ? 12 : 16);
        MemorySegment three = EpollEvent.array(arena, 3);
        assertThat(three.byteSize()).isEqualTo(3 * EpollEvent.BYTES);
        three.asSlice(EpollEvent.BYTES).copyFrom(one);
        assertThat(EpollEvent.events(three, 1)).isEqualTo(PollEvents.IN);
        assertThat(EpollEvent.data(three, 1)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(EpollEvent.data(three, 2)).isZero();
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> EpollEvent.data(three, 3));
    }
}
