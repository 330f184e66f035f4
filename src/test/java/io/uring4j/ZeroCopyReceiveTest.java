package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.uring4j.abi.io_uring_sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Zero-copy receive and request filters, as far as they go without a network device that splits headers from
 * payloads and on a kernel that may lack them: checks of arguments, and the kernel's refusal.
 */
class ZeroCopyReceiveTest {
    private static final int NO_SUCH_DEVICE = 99_999;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private static Ring receivingRing() throws IOException {
        return Ring.open(RingKind.DEFERRED.config(4).with(SetupFlag.CQE32));
    }

    @Covers(Opcode.RECV_ZC)
    @Test
    void receiveWithoutAQueueIsRefused() throws IOException {
        Needs.kernelWith(Opcode.RECV_ZC);
        try (Ring ring = receivingRing();
                PeerSocket socket = PeerSocket.stream()) {
            Sqe entry = ring.submissions().next().recvZeroCopy(socket.fd(), 0, 7);
            assertThat(io_uring_sqe.zcrx_ifq_idx(entry.memory())).isEqualTo(7);

            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_ZCRX_IFQ)
    @Test
    void queueOfNoDeviceIsRefused() throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_ZCRX_IFQ);
        MemorySegment registration = arena.allocate(ZeroCopyReceive.REGISTRATION_BYTES, Long.BYTES);
        registration.set(ValueLayout.JAVA_INT, 0, NO_SUCH_DEVICE);
        try (Ring ring = receivingRing();
                Ring plain = RingKind.PLAIN.open(4)) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> ZeroCopyReceive.register(ring, registration))
                    .satisfies(e -> assertThat(e.error()).isIn(Errno.EINVAL, Errno.EFAULT, Errno.EPERM, Errno.ENODEV));
            assertThatExceptionOfType(UringException.class)
                    .as("without the flags")
                    .isThrownBy(() -> ZeroCopyReceive.register(plain, registration))
                    .satisfies(e -> assertThat(e.error()).isIn(Errno.EINVAL, Errno.EPERM));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ZeroCopyReceive.register(ring, arena.allocate(8)))
                    .withMessageContaining("native memory");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ZeroCopyReceive.register(ring, MemorySegment.ofArray(new byte[4096])));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_ZCRX_CTRL)
    @Test
    void controlOfNoQueueIsRefused() throws IOException {
        try (Ring ring = receivingRing()) {
            MemorySegment control = arena.allocate(ZeroCopyReceive.CONTROL_BYTES, Long.BYTES);
            assertThatIllegalArgumentException().isThrownBy(() -> ZeroCopyReceive.control(ring, arena.allocate(4)));
            if (ring.capabilities().has(RegisterOpcode.REGISTER_ZCRX_CTRL)) {
                assertThatExceptionOfType(UringException.class)
                        .isThrownBy(() -> ZeroCopyReceive.flushRefillRing(ring, 3))
                        .satisfies(e -> assertThat(e.error()).isIn(Errno.ENXIO, Errno.EINVAL));
            } else {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> ZeroCopyReceive.flushRefillRing(ring, 3))
                        .withMessageContainingAll("REGISTER_ZCRX_CTRL", "Linux 6.19");
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> ZeroCopyReceive.control(ring, control))
                        .withMessageContaining("Linux 6.19");
            }
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_BPF_FILTER)
    @Test
    void filterIsCheckedAndRefusedByName() throws IOException {
        // One instruction that denies; classic BPF's "return 0".
        MemorySegment deny = arena.allocate(8, Long.BYTES);
        deny.set(ValueLayout.JAVA_SHORT, 0, (short) 6);
        try (Ring ring = RingKind.PLAIN.open(4)) {
            for (MemorySegment bad : new MemorySegment[] {
                arena.allocate(0), arena.allocate(7), MemorySegment.ofArray(new byte[8])
            }) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> RequestFilter.register(ring, Opcode.NOP, bad, false));
            }
            if (ring.capabilities().has(RegisterOpcode.REGISTER_BPF_FILTER)) {
                RequestFilter.register(ring, Opcode.NOP, deny, false);
                ring.submissions().next().nop();
                assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EACCES);
            } else {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> RequestFilter.register(ring, Opcode.NOP, deny, false))
                        .withMessageContainingAll("REGISTER_BPF_FILTER", "Linux 7.0");
            }
        }
    }
}
