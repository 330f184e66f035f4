package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Capabilities;
import io.uring4j.EnterFlag;
import io.uring4j.Feature;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.SetupFlag;
import io.uring4j.SqeFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the two reports say of this machine, and that they say the same. */
class ReportTest {
    private static final Diagnosis DIAGNOSIS = Doctor.examine();
    private static final String TEXT = TextReport.of("1.2.3", DIAGNOSIS);
    private static final Map<String, Object> JSON = JsonText.object(JsonReport.of("1.2.3", DIAGNOSIS));

    @SuppressWarnings("unchecked")
    private static Map<String, Object> json(String member) {
        return (Map<String, Object>) JSON.get(member);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Object array) {
        return (List<Map<String, Object>>) array;
    }

    @Test
    void theJsonHasAllDocumentedMembersInTheirOrder() {
        assertThat(JSON.keySet())
                .containsExactly(
                        "format", "version", "usable", "verdict", "reason", "advice", "host", "nativeAccess", "calls",
                        "capabilities", "ring", "roundTrip");
        assertThat(json("host").keySet())
                .containsExactly(
                        "os", "kernel", "architecture", "java", "javaVendor", "ioUringDisabled", "ioUringGroup",
                        "seccomp", "containers", "memlockBytes", "openFiles");
        assertThat(json("capabilities").keySet())
                .containsExactly(
                        "source", "setupFlags", "features", "enterFlags", "sqeFlags", "opcodes", "registerOpcodes");
        assertThat(json("ring").keySet()).containsExactly("flags", "registeredDescriptor");
    }

    @Test
    void theVerdictIsYesHere() {
        assertThat(JSON)
                .containsEntry("usable", true)
                .containsEntry("verdict", "io_uring can be used here")
                .containsEntry("reason", null)
                .containsEntry("advice", null)
                .containsEntry("version", "1.2.3");
    }

    @Test
    void theHostIsDescribedAsTheKernelDoes() throws IOException {
        String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        assertThat(json("host"))
                .containsEntry("kernel", kernel)
                .containsEntry("architecture", System.getProperty("os.arch"))
                .containsEntry("java", Runtime.version().toString());
        assertThat(json("host").get("memlockBytes")).isNotNull();
        assertThat(json("host").get("openFiles")).isNotNull();
        assertThat(json("host").get("seccomp")).isIn(0L, 2L);
        assertThat(TEXT).containsPattern("kernel +" + Pattern.quote(kernel));
    }

    @Test
    void theThreeCallsGetThrough() {
        assertThat(list(JSON.get("calls"))).hasSize(3).allSatisfy(call -> assertThat(call)
                .containsEntry("getsThrough", true));
        assertThat(TEXT).containsPattern("io_uring_setup +gets through \\(EFAULT\\)");
    }

    @Test
    void everyFlagAndOpcodeIsToldWithItsKernelAndWhetherItIsThere() throws IOException {
        Capabilities found = Capabilities.ofKernel();
        for (Opcode opcode : Opcode.values()) {
            requireRow("opcodes", opcode, opcode.code(), opcode.since(), found.has(opcode));
        }
        for (RegisterOpcode opcode : RegisterOpcode.values()) {
            requireRow("registerOpcodes", opcode, opcode.code(), opcode.since(), found.has(opcode));
        }
        for (SetupFlag flag : SetupFlag.values()) {
            requireRow("setupFlags", flag, flag.bit(), flag.since(), found.has(flag));
        }
        for (Feature feature : Feature.values()) {
            requireRow("features", feature, feature.bit(), feature.since(), found.has(feature));
        }
        for (EnterFlag flag : EnterFlag.values()) {
            requireRow("enterFlags", flag, flag.bit(), flag.since(), found.has(flag));
        }
        for (SqeFlag flag : SqeFlag.values()) {
            requireRow("sqeFlags", flag, flag.bit(), flag.since(), found.has(flag));
        }
    }

    private static void requireRow(String table, Enum<?> member, int value, Object since, boolean supported) {
        List<Map<String, Object>> rows = list(json("capabilities").get(table));
        assertThat(rows).hasSize(member.getDeclaringClass().getEnumConstants().length);
        assertThat(rows.get(member.ordinal()))
                .isEqualTo(Map.of(
                        "name", member.name(),
                        "value", Integer.toUnsignedLong(value),
                        "since", since.toString(),
                        "supported", supported));
        assertThat(TEXT)
                .containsPattern("(?m)  " + (supported ? "yes" : "no ") + " +" + since + "  " + member + "( |$)");
    }

    @Test
    void theRingIsDescribedAsRingConfigBestSetsItUp() throws IOException {
        try (Ring ring = Ring.open(8)) {
            List<String> flags = ring.flags().stream().map(SetupFlag::name).toList();
            assertThat(json("ring"))
                    .containsEntry("flags", flags)
                    .containsEntry("registeredDescriptor", ring.isDescriptorRegistered());
            assertThat(TEXT).containsPattern("(?m)flags *" + String.join(", ", flags) + "$");
        }
    }

    @Test
    void everyStepOfTheRoundTripPassed() {
        assertThat(list(JSON.get("roundTrip")))
                .extracting(step -> step.get("step"))
                .containsExactlyElementsOf(Stream.of(RoundTrip.Step.values())
                        .map(step -> (Object) step.name())
                        .toList());
        assertThat(list(JSON.get("roundTrip")))
                .extracting(step -> step.get("outcome"))
                .containsOnly("passed");
        assertThat(TEXT).doesNotContain("failed").doesNotContain("not reached");
    }
}
