package io.uring4j.tool;

import io.uring4j.Capabilities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a diagnosis to a program: one JSON object. All members are always there, in this order; what
 * couldn't be found out is null. Members may be added; a change of those that are there raises
 * {@code format}.
 *
 * <pre>
 * format           1
 * version          uring4j's version
 * usable           whether io_uring can be used: the exit status is then 0, else 1
 * verdict          the same as a sentence, with reason and advice
 * reason           why it can't be used, or null
 * advice           what to do about it, or null
 * host             os, kernel, architecture, java, javaVendor: text
 *                  ioUringDisabled, ioUringGroup: the sysctls, a number; null where the kernel has none
 *                  seccomp: 0 none, 1 strict, 2 a filter
 *                  containers: an array of text, empty without a sign of one
 *                  memlockBytes, openFiles: the soft limit, a number or "unlimited"
 * nativeAccess     state: ENABLED, TOLERATED or DENIED; flag: the option of java that enables it
 * calls            an array, empty when they couldn't be tried: name; getsThrough; answer: an errno's name
 * capabilities     null when the kernel couldn't be asked; source: QUERY or PROBE
 *                  setupFlags, features, enterFlags, sqeFlags, opcodes, registerOpcodes: arrays of
 *                  name; value: the bit or number; since: a kernel; supported: true or false
 * ring             null when none could be opened; flags: what RingConfig.best chose, an array of names;
 *                  registeredDescriptor
 * roundTrip        an array: step: OPEN_RING, NOP, OPENAT, WRITE, READ, COMPARE, CLOSE, CLOSE_RING;
 *                  outcome: passed, failed or not reached
 * </pre>
 */
final class JsonReport {
    private static final int FORMAT = 1;

    private JsonReport() {}

    static String of(String version, Diagnosis diagnosis) {
        Verdict verdict = diagnosis.verdict();
        Map<String, @Nullable Object> report = new LinkedHashMap<>();
        report.put("format", FORMAT);
        report.put("version", version);
        report.put("usable", verdict.usable());
        report.put("verdict", verdict.sentence());
        report.put("reason", nullIfEmpty(verdict.reason()));
        report.put("advice", nullIfEmpty(verdict.advice()));
        report.put("host", host(diagnosis.host()));
        report.put("nativeAccess", nativeAccess(diagnosis.nativeAccess()));
        report.put("calls", diagnosis.calls().stream().map(JsonReport::call).toList());
        report.put("capabilities", capabilities(diagnosis.capabilities()));
        report.put("ring", ring(diagnosis.roundTrip()));
        report.put("roundTrip", roundTrip(diagnosis.roundTrip()));
        return JsonWriter.write(report);
    }

    private static Map<String, @Nullable Object> host(HostFacts host) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("os", host.os());
        members.put("kernel", host.kernel());
        members.put("architecture", host.architecture());
        members.put("java", host.java());
        members.put("javaVendor", host.javaVendor());
        members.put("ioUringDisabled", number(host.ioUringDisabled()));
        members.put("ioUringGroup", number(host.ioUringGroup()));
        members.put("seccomp", number(host.seccomp()));
        members.put("containers", host.containers());
        members.put("memlockBytes", number(host.memlock()));
        members.put("openFiles", number(host.openFiles()));
        return members;
    }

    private static Map<String, @Nullable Object> nativeAccess(NativeAccess access) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("state", access.state().name());
        members.put("flag", access.flag());
        return members;
    }

    private static Map<String, @Nullable Object> call(SystemCall call) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("name", call.name());
        members.put("getsThrough", call.getsThrough());
        members.put("answer", call.answerName());
        return members;
    }

    private static @Nullable Map<String, @Nullable Object> capabilities(@Nullable Capabilities found) {
        if (found == null) {
            return null;
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("source", found.source().name());
        for (CapabilityTable table : CapabilityTable.all(found)) {
            members.put(table.key(), table.rows().stream().map(JsonReport::row).toList());
        }
        return members;
    }

    private static Map<String, @Nullable Object> row(CapabilityTable.Row row) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("name", row.name());
        members.put("value", Integer.toUnsignedLong(row.value()));
        members.put("since", row.since().toString());
        members.put("supported", row.supported());
        return members;
    }

    private static @Nullable Map<String, @Nullable Object> ring(RoundTrip.@Nullable Result roundTrip) {
        if (roundTrip == null || !roundTrip.passed().contains(RoundTrip.Step.OPEN_RING)) {
            return null;
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("flags", roundTrip.flags().stream().map(Enum::name).toList());
        members.put("registeredDescriptor", roundTrip.registeredDescriptor());
        return members;
    }

    private static List<Map<String, @Nullable Object>> roundTrip(RoundTrip.@Nullable Result roundTrip) {
        List<Map<String, @Nullable Object>> steps = new ArrayList<>();
        for (RoundTrip.Step step : RoundTrip.Step.values()) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            members.put("step", step.name());
            RoundTrip.Outcome outcome = roundTrip == null ? RoundTrip.Outcome.NOT_REACHED : roundTrip.outcome(step);
            members.put("outcome", outcome.label());
            steps.add(members);
        }
        return steps;
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    /** A number as such; other text, as a limit that isn't one, as it is. */
    private static @Nullable Object number(@Nullable String text) {
        return text != null && text.matches("-?\\d{1,18}") ? Long.valueOf(text) : text;
    }
}
