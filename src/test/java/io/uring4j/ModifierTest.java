package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a kernel may lack of an operation: refused by name where it does, before the kernel sees it. */
class ModifierTest {
    @AutoClose
    private final Arena arena = Arena.ofConfined();

    private final MemorySegment memory = arena.allocate(128, Long.BYTES);
    private final MemorySegment time = Timespec.of(arena, Duration.ZERO);
    private final MemorySegment path = arena.allocateFrom("/tmp");

    /** A use of each. */
    private Consumer<Sqe> use(Modifier modifier) {
        return switch (modifier) {
            case TIMEOUT_UPDATE -> sqe -> sqe.timeoutUpdate(time, 1, 0);
            case POLL_MULTISHOT -> sqe -> sqe.pollMultishot(0, PollEvents.IN);
            case POLL_UPDATE -> sqe -> sqe.pollUpdateEvents(1, PollEvents.IN);
            case DIRECT_SLOT -> sqe -> sqe.openatDirect(OpenFlags.CURRENT_DIRECTORY, path, 0, 0, 3);
            case TIMEOUT_CLOCK -> sqe -> sqe.timeout(time, 0, TimeoutFlags.BOOTTIME);
            case LINK_TIMEOUT_UPDATE -> sqe -> sqe.linkTimeoutUpdate(time, 1, 0);
            case TIMEOUT_SUCCESS -> sqe -> sqe.timeout(time, 0, TimeoutFlags.ETIME_SUCCESS);
            case DIRECT_ALLOCATION ->
                sqe -> sqe.openatDirect(OpenFlags.CURRENT_DIRECTORY, path, 0, 0, DirectSlot.ALLOCATE);
            case ACCEPT_MULTISHOT -> sqe -> sqe.acceptMultishot(0, 0);
            case POLL_FIRST -> sqe -> sqe.recv(0, memory, 1, 0).pollFirst();
            case CANCEL_ALL -> sqe -> sqe.cancel(1, CancelFlags.ALL);
            case CANCEL_FD -> sqe -> sqe.cancelFd(0, 0);
            case CANCEL_ANY -> sqe -> sqe.cancelAny(0);
            case CANCEL_FIXED_FILE -> sqe -> sqe.cancelFd(0, CancelFlags.FIXED_FILE);
            case RECV_MULTISHOT -> sqe -> sqe.recvMultishot(0, 0, 1);
            case SEND_ADDRESS -> sqe -> sqe.sendTo(0, memory, 1, 0, memory);
            case MSG_RING_FD -> sqe -> sqe.msgRingFd(0, 0, 0, 0, 0);
            case COMMAND_BUFFER -> sqe -> sqe.uringCmd(0, 0, memory.asSlice(0, 8)).commandBuffer(0);
            case REPORT_USAGE -> sqe -> sqe.sendZeroCopy(0, memory, 1, 0).reportUsage();
            case MSG_RING_FLAGS -> sqe -> sqe.msgRingFlags(0, 0, 0, 0, 0);
            case TIMEOUT_MULTISHOT -> sqe -> sqe.timeout(time, 0, TimeoutFlags.MULTISHOT);
            case CANCEL_USER_DATA -> sqe -> sqe.cancelFd(0, 0).alsoMatching(1);
            case CANCEL_OPCODE -> sqe -> sqe.cancelOpcode(Opcode.READ, 0);
            case SOCKET_COMMANDS -> sqe -> sqe.socketInputQueue(0);
            case NOP_RESULT -> sqe -> sqe.nopResult(1);
            case BUNDLE -> sqe -> sqe.recvMultishot(0, 0, 1).bundle();
            case ACCEPT_DONT_WAIT ->
                sqe -> sqe.accept(0, MemorySegment.NULL, MemorySegment.NULL, 0).acceptDontWait();
            case ACCEPT_POLL_FIRST ->
                sqe -> sqe.accept(0, MemorySegment.NULL, MemorySegment.NULL, 0).acceptPollFirst();
            case LONG_ADVICE -> sqe -> sqe.fadvise(0, 0, 1L << 32, 0);
            case NOP_RESOURCES -> sqe -> sqe.nopFile(0);
            case PROTECTION_INFORMATION -> sqe -> sqe.read(0, memory, 1, 0).protectionInformation(memory);
            case SENDMSG_FIXED_BUFFER -> sqe -> sqe.sendmsgZeroCopy(0, memory, 0).fixedBuffer(0);
            case WRITE_STREAM -> sqe -> sqe.write(0, memory, 1, 0).writeStream(1);
            case SEND_VECTORIZED -> sqe -> sqe.sendVectorized(0, memory, 1, 0);
            case RECV_LIMIT -> sqe -> sqe.recvMultishot(0, 0, 1).receiveAtMost(1, 1);
            case NOP_LATER -> Sqe::nopLater;
            case TRANSMIT_TIMESTAMPS -> sqe -> sqe.transmitTimestamps(0);
            case NOP_LARGE_COMPLETION -> Sqe::nopLargeCompletion;
            case COMMAND_MULTISHOT -> sqe -> sqe.uringCmd(0, 0, memory.asSlice(0, 8)).commandMultishot(1);
            case SOCKET_NAME ->
                sqe -> sqe.getsockname(0, memory, arena.allocateFrom(ValueLayout.JAVA_INT, 16), false);
            case TIMEOUT_IN_ENTRY -> sqe -> sqe.timeoutNanos(1, 0, 0);
        };
    }

    @ParameterizedTest
    @EnumSource
    void modifierThatTheKernelLacksIsRefusedByName(Modifier modifier) {
        Set<Modifier> others = EnumSet.complementOf(EnumSet.of(modifier));
        PlainQueue plain = new PlainQueue(arena, 4, PlainQueue.everything().with(others));

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> use(modifier).accept(plain.queue.next()))
                .withMessageContaining(modifier.name())
                .withMessageContaining("Linux " + modifier.since());
        assertThat(plain.queue.pending()).as("entries that are left").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void modifierNeedsNoOther(Modifier modifier) {
        // What else a use takes that came earlier.
        EnumSet<Modifier> known = EnumSet.of(modifier);
        for (Modifier older : Modifier.values()) {
            if (older.since().compareTo(modifier.since()) < 0) {
                known.add(older);
            }
        }
        PlainQueue plain = new PlainQueue(arena, 4, PlainQueue.everything().with(known));
        use(modifier).accept(plain.queue.next());
        assertThat(plain.queue.pending()).isOne();
    }

    @Test
    void entryCannotSkipItsCompletionWhereTheKernelCannot() {
        Set<SqeFlag> others = EnumSet.complementOf(EnumSet.of(SqeFlag.CQE_SKIP_SUCCESS));
        PlainQueue plain = new PlainQueue(arena, 4, PlainQueue.everything(others));

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> plain.queue.next().nop().skipSuccess())
                .withMessageContaining("IOSQE_CQE_SKIP_SUCCESS, which needs Linux 5.17");
        assertThat(plain.queue.pending()).isZero();
    }
}
