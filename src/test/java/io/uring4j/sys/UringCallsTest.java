package io.uring4j.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.Errno;
import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The system calls themselves: a value of 0 or more, or minus the kernel's own error number. */
class UringCallsTest {
    @AutoClose
    private final Arena arena = Arena.ofConfined();

    private final MemorySegment params = io_uring_params.allocate(arena);
    private final MemorySegment state = CallState.allocate(arena);

    private int enter(int fd, int toSubmit, int flags) {
        return UringCalls.enter(state, fd, toSubmit, 0, flags, 0, 0);
    }

    @Test
    void setupGivesADescriptorAndFillsTheParams() {
        int fd = UringCalls.setup(5, params);
        assertThat(fd).isPositive();
        assertThat(io_uring_params.sq_entries(params)).isEqualTo(8);
        assertThat(io_uring_params.cq_entries(params)).isEqualTo(16);
        assertThat(Libc.close(fd)).isZero();
    }

    @Test
    void setupRefusesUnknownFlagsAndBadMemory() {
        assertThat(UringCalls.setup(1, MemorySegment.NULL)).isEqualTo(-Errno.EFAULT.number());
        io_uring_params.flags(params, 1 << 31);
        assertThat(UringCalls.setup(1, params)).isEqualTo(-Errno.EINVAL.number());
        assertThat(UringCalls.setup(0, io_uring_params.allocate(arena))).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void enterTellsABadDescriptorFromOneThatIsNoRing() {
        assertThat(enter(-1, 0, 0)).isEqualTo(-Errno.EBADF.number());
        int ring = UringCalls.setup(1, params);
        try {
            assertThat(enter(ring, 0, 0)).isZero();
            assertThat(enter(ring, 0, 1 << 31)).isEqualTo(-Errno.EINVAL.number());
            assertThat(enter(0, 0, 0)).as("standard input").isEqualTo(-Errno.EOPNOTSUPP.number());
        } finally {
            Libc.close(ring);
        }
    }

    @Test
    void registerTellsWhatIsWrong() {
        assertThat(UringCalls.register(1 << 20, Abi.IORING_REGISTER_BUFFERS(), 0, 0)).isEqualTo(-Errno.EBADF.number());
        int ring = UringCalls.setup(1, params);
        try {
            assertThat(UringCalls.register(ring, 4711, 0, 0)).isEqualTo(-Errno.EINVAL.number());
            assertThat(UringCalls.register(ring, Abi.IORING_UNREGISTER_BUFFERS(), 0, 0))
                    .isEqualTo(-Errno.ENXIO.number());
        } finally {
            Libc.close(ring);
        }
    }

    @Test
    void closeReportsABadDescriptor() {
        assertThat(Libc.close(-1)).isEqualTo(-Errno.EBADF.number());
    }

    @Test
    void pollReportsABadDescriptorAsAnEvent() {
        assertThat(Libc.poll(1 << 20, Abi.POLLIN(), 0)).isEqualTo(Abi.POLLNVAL());
    }

    @Test
    void pageSizeIsAPowerOfTwo() {
        assertThat(Long.bitCount(Libc.PAGE_SIZE)).isEqualTo(1);
        assertThat(Libc.PAGE_SIZE).isGreaterThanOrEqualTo(4096);
    }

    @Test
    void limitsAreReadAndBadOnesRefused() {
        assertThat(Libc.softLimit(Abi.RLIMIT_MEMLOCK())).isPositive();
        assertThat(Libc.softLimit(4711)).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void mappingIsZeroedAndGoesWithItsArena() {
        MemorySegment segment;
        try (Arena shared = Arena.ofShared()) {
            Mapping mapping = Mapping.anonymous(2 * Libc.PAGE_SIZE, shared);
            assertThat(mapping.failed()).isFalse();
            segment = mapping.segment();
            assertThat(segment.byteSize()).isEqualTo(2 * Libc.PAGE_SIZE);
            assertThat(segment.address() % Libc.PAGE_SIZE).isZero();
            assertThat(segment.mismatch(shared.allocate(segment.byteSize()))).isEqualTo(-1);
        }
        assertThatIllegalStateException().isThrownBy(() -> segment.fill((byte) 1));
    }

    @Test
    void mappingThatIsRefusedHasItsError() {
        Mapping mapping = Mapping.ofDescriptor(-1, 0, 4096, arena);
        assertThat(mapping.failed()).isTrue();
        assertThat(mapping.errno()).isEqualTo(Errno.EBADF.number());
        assertThat(Mapping.anonymous(Long.MAX_VALUE / 2, arena).errno()).isEqualTo(Errno.ENOMEM.number());
    }
}
