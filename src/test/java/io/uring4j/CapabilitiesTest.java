package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.sys.Libc;
import io.uring4j.sys.UringCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What the kernel says that it has. */
class CapabilitiesTest {
    private final Capabilities capabilities;

    CapabilitiesTest() throws IOException {
        capabilities = Capabilities.ofKernel();
    }

    @Test
    void oldestOperationsAreThere() {
        for (Opcode opcode : EnumSet.of(Opcode.NOP, Opcode.READV, Opcode.WRITE, Opcode.READ, Opcode.OPENAT)) {
            assertThat(capabilities.has(opcode)).as("%s", opcode).isTrue();
        }
        assertThat(capabilities.has(Feature.NODROP)).isTrue();
        assertThat(capabilities.has(SetupFlag.SQPOLL)).isTrue();
        assertThat(capabilities.has(RegisterOpcode.REGISTER_PROBE)).isTrue();
        assertThat(capabilities.has(EnterFlag.GETEVENTS)).isTrue();
        assertThat(capabilities.has(SqeFlag.IO_LINK)).isTrue();
    }

    @Test
    void ioUringIsAvailable() {
        assertThat(Capabilities.isAvailable()).isTrue();
        assertThat(Capabilities.unavailabilityReason()).isNull();
    }

    /** The same kernel, asked in two ways: each constant of each kind gets the same answer. */
    @Test
    void queryAndProbeAgree() throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_QUERY);
        Capabilities byQuery = CapabilityProbe.ask();
        Capabilities byProbe = CapabilityProbe.askWithoutQuery();

        assertThat(byQuery.source()).isEqualTo(Capabilities.Source.QUERY);
        assertThat(byProbe.source()).isEqualTo(Capabilities.Source.PROBE);
        assertThat(those(Opcode.class, byProbe::has)).isEqualTo(those(Opcode.class, byQuery::has));
        assertThat(those(SetupFlag.class, byProbe::has)).isEqualTo(those(SetupFlag.class, byQuery::has));
        assertThat(those(Feature.class, byProbe::has)).isEqualTo(those(Feature.class, byQuery::has));
        assertThat(those(EnterFlag.class, byProbe::has)).isEqualTo(those(EnterFlag.class, byQuery::has));
        assertThat(those(SqeFlag.class, byProbe::has)).isEqualTo(those(SqeFlag.class, byQuery::has));
        assertThat(those(Modifier.class, byProbe::has)).isEqualTo(those(Modifier.class, byQuery::has));
        Set<RegisterOpcode> differences = those(RegisterOpcode.class, opcode -> byQuery.has(opcode) != byProbe.has(opcode));
        // A kernel without the query lacks what came with it or after it.
        differences.removeIf(opcode -> opcode.code() >= RegisterOpcode.REGISTER_QUERY.code());
        assertThat(differences).isEmpty();
    }

    private static <E extends Enum<E>> Set<E> those(Class<E> kind, Predicate<E> has) {
        Set<E> found = EnumSet.noneOf(kind);
        for (E member : kind.getEnumConstants()) {
            if (has.test(member)) {
                found.add(member);
            }
        }
        return found;
    }

    /** A newer kernel has what an older one had: whatever came before something that is there is there too. */
    @Test
    void nothingIsMissingThatIsOlderThanWhatIsThere() {
        for (Opcode opcode : Opcode.values()) {
            for (Opcode older : Opcode.values()) {
                if (capabilities.has(opcode) && older.code() < opcode.code()) {
                    assertThat(capabilities.has(older)).as("%s, older than %s", older, opcode).isTrue();
                }
            }
        }
        for (Modifier modifier : Modifier.values()) {
            for (Modifier older : Modifier.values()) {
                if (capabilities.has(modifier) && older.since().compareTo(modifier.since()) < 0) {
                    assertThat(capabilities.has(older)).as("%s, older than %s", older, modifier).isTrue();
                }
            }
        }
    }

    @Test
    void answerOfTheKernelIsTrueForSetupFlags() {
        try (Arena arena = Arena.ofConfined()) {
            for (SetupFlag flag : SetupFlag.values()) {
                if (!capabilities.has(flag)) {
                    MemorySegment params = io_uring_params.allocate(arena);
                    io_uring_params.flags(params, flag.bit());
                    int result = UringCalls.setup(1, params);
                    if (result >= 0) {
                        Libc.close(result);
                    }
                    assertThat(Errno.of(result)).as("%s", flag).isEqualTo(Errno.EINVAL);
                }
            }
        }
    }

    @Test
    void answerOfTheKernelIsTrueForFeatures() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(arena);
            Libc.close(UringCalls.setup(1, params));
            for (Feature feature : Feature.values()) {
                assertThat(capabilities.has(feature))
                        .as("%s", feature)
                        .isEqualTo((io_uring_params.features(params) & feature.bit()) != 0);
            }
        }
    }

    @Test
    void opcodeThatIsUnknownToTheKernelCompletesWithEinval() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            Sqe entry = ring.submissions().next().nop();
            io_uring_sqe.opcode(entry.memory(), (byte) 250);
            assertThat(Completion.submitAndTakeOne(ring).error()).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void registrationThatIsMissingIsRefusedByName() {
        for (RegisterOpcode opcode : RegisterOpcode.values()) {
            if (!capabilities.has(opcode)) {
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> capabilities.require(opcode))
                        .withMessageContaining("IORING_" + opcode)
                        .withMessageContaining(opcode.since().toString());
            }
        }
    }

    @Test
    void numbersOfOpcodesCountUpFromZero() {
        for (int i = 0; i < Opcode.values().length; i++) {
            assertThat(Opcode.values()[i].code()).isEqualTo(i);
        }
        for (int i = 0; i < RegisterOpcode.values().length; i++) {
            assertThat(RegisterOpcode.values()[i].code()).isEqualTo(i);
        }
    }

    @Test
    void versionsAreOrdered() {
        assertThat(KernelVersion.of("5.9")).isLessThan(KernelVersion.of("5.10")).isLessThan(KernelVersion.of("6.0"));
        assertThat(KernelVersion.of("6.18")).hasToString("6.18").isEqualTo(new KernelVersion(6, 18));
    }
}
