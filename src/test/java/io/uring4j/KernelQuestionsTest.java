package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_probe;
import io.uring4j.abi.io_uring_probe_op;
import io.uring4j.abi.io_uring_query_hdr;
import io.uring4j.abi.io_uring_query_opcode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The register calls that ask, and those that have no class of their own: through {@link Ring#register}. */
class KernelQuestionsTest {
    @AutoClose
    private final Arena arena = Arena.ofShared();

    @Covers(register = RegisterOpcode.REGISTER_PROBE)
    @OverRingKinds
    void probeKnowsTheOperationsThatCapabilitiesHas(RingKind kind) throws IOException {
        int room = 256;
        long header = io_uring_probe.layout().byteSize();
        MemorySegment probe = arena.allocate(header + room * io_uring_probe_op.layout().byteSize(), Long.BYTES);
        try (Ring ring = kind.open(1)) {
            ring.register(RegisterOpcode.REGISTER_PROBE, probe, room);

            int last = Byte.toUnsignedInt(io_uring_probe.last_op(probe));
            for (Opcode opcode : Opcode.values()) {
                MemorySegment entry = io_uring_probe_op.asSlice(probe.asSlice(header), opcode.code());
                boolean there = opcode.code() <= last
                        && (io_uring_probe_op.flags(entry) & Abi.IO_URING_OP_SUPPORTED()) != 0;
                assertThat(ring.capabilities().has(opcode)).as(opcode.name()).isEqualTo(there);
            }
            assertThat(ring.capabilities().has(Opcode.READV)).isTrue();
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_QUERY)
    @OverRingKinds
    void queryKnowsTheRegistrationsAndFlagsThatCapabilitiesHas(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_QUERY);
        MemorySegment answer = io_uring_query_opcode.allocate(arena);
        MemorySegment question = io_uring_query_hdr.allocate(arena);
        io_uring_query_hdr.query_op(question, Abi.IO_URING_QUERY_OPCODES());
        io_uring_query_hdr.query_data(question, answer.address());
        io_uring_query_hdr.size(question, (int) answer.byteSize());
        try (Ring ring = kind.open(1)) {
            ring.register(RegisterOpcode.REGISTER_QUERY, question, 0);

            assertThat(io_uring_query_hdr.result(question)).isZero();
            for (RegisterOpcode opcode : RegisterOpcode.values()) {
                assertThat(ring.capabilities().has(opcode))
                        .as(opcode.name())
                        .isEqualTo(opcode.code() < io_uring_query_opcode.nr_register_opcodes(answer));
            }
            for (SetupFlag flag : SetupFlag.values()) {
                assertThat(ring.capabilities().has(flag))
                        .as(flag.name())
                        .isEqualTo((io_uring_query_opcode.ring_setup_flags(answer) & flag.bit()) != 0);
            }
        }
    }

    @Covers(register = {RegisterOpcode.REGISTER_EVENTFD, RegisterOpcode.UNREGISTER_EVENTFD})
    @OverRingKinds
    void eventfdCountsCompletionsUntilItIsUnregistered(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventCounter counter = new EventCounter()) {
            MemorySegment fd = arena.allocateFrom(ValueLayout.JAVA_INT, counter.fd());
            ring.register(RegisterOpcode.REGISTER_EVENTFD, fd, 1);
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
            assertThat(counter.take()).isPositive();

            ring.register(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
            counter.add(1000);
            assertThat(counter.take()).as("nothing but the test's own").isEqualTo(1000);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_EVENTFD_ASYNC)
    @Test
    void asynchronousEventfdCountsOnlyWhatWorkerThreadsComplete() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4);
                EventCounter counter = new EventCounter()) {
            MemorySegment fd = arena.allocateFrom(ValueLayout.JAVA_INT, counter.fd());
            ring.register(RegisterOpcode.REGISTER_EVENTFD_ASYNC, fd, 1);
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
            counter.add(1000);
            assertThat(counter.take()).as("completed at once").isEqualTo(1000);

            ring.submissions().next().nop().async();
            Completion.submitAndTakeOne(ring);
            assertThat(counter.take()).isEqualTo(1);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_CLOCK)
    @OverRingKinds
    void timedWaitsUseTheClockThatIsChosen(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_CLOCK);
        try (Ring ring = kind.open(4)) {
            for (Ring.Clock clock : Ring.Clock.values()) {
                Clocks same = Clocks.valueOf(clock.name());
                ring.useClock(clock);
                long deadline = same.now().toNanos() + 3_000_000;
                assertThat(ring.waitUntil(1, deadline)).isFalse();
                assertThat(same.now().toNanos()).isBetween(deadline, deadline + Completion.PATIENCE_NANOS);
            }
            MemorySegment noSuchClock = arena.allocate(16);
            noSuchClock.set(ValueLayout.JAVA_INT, 0, 99);
            assertThat(Errno.of(refusal(ring, RegisterOpcode.REGISTER_CLOCK, noSuchClock))).isEqualTo(Errno.EINVAL);
        }
    }

    private static int refusal(Ring ring, RegisterOpcode opcode, MemorySegment argument) {
        try {
            return ring.register(opcode, argument, 0);
        } catch (UringException e) {
            return e.errno();
        }
    }

    @Covers(register = {RegisterOpcode.REGISTER_RING_FDS, RegisterOpcode.UNREGISTER_RING_FDS})
    @OverRingKinds(except = RingKind.BEST)
    void registeredDescriptorServesUntilItIsUnregistered(RingKind kind) throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_RING_FDS);
        try (Ring ring = kind.open(4);
                Pipe pipe = new Pipe()) {
            int kept = Posix.dup(ring.fd());
            ring.registerDescriptor();
            // The descriptor stands for something else now; calls that went through it would fail.
            Posix.dup2(pipe.readEnd(), ring.fd());
            ring.submissions().next().nop().userData(1);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(1);

            Posix.dup2(kept, ring.fd());
            Posix.close(kept);
            ring.unregisterDescriptor();
            ring.submissions().next().nop().userData(2);
            assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(2);
        }
    }
}
