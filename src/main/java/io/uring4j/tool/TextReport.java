package io.uring4j.tool;

import io.uring4j.Capabilities;
import io.uring4j.SetupFlag;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells a diagnosis to a person: the verdict first and last, and between them what it rests on. */
final class TextReport {
    private static final int LABEL_WIDTH = 27;
    private static final int COLUMNS = 3;
    private static final String UNKNOWN = "unknown";

    private final StringBuilder text = new StringBuilder();

    private TextReport() {}

    static String of(String version, Diagnosis diagnosis) {
        TextReport report = new TextReport();
        report.line(diagnosis.verdict().sentence());
        report.host(version, diagnosis.host(), diagnosis.nativeAccess());
        report.permission(diagnosis.host(), diagnosis.calls());
        report.limits(diagnosis.host());
        report.ring(diagnosis.roundTrip());
        report.capabilities(diagnosis.capabilities());
        report.line("");
        report.line(diagnosis.verdict().sentence());
        return report.text.toString();
    }

    private void host(String version, HostFacts host, NativeAccess access) {
        heading("Host");
        fact("kernel", orUnknown(host.kernel()) + (host.isLinux() ? "" : " (" + host.os() + ")"));
        fact("architecture", host.architecture());
        fact("Java", host.java() + " (" + host.javaVendor() + ")");
        fact("uring4j", version);
        fact("native access", describe(access));
        fact("container", host.containers().isEmpty() ? "no sign of one" : String.join(", ", host.containers()));
    }

    private static String describe(NativeAccess access) {
        return switch (access.state()) {
            case ENABLED -> "enabled";
            case TOLERATED -> "not enabled, but let through until a later JDK: add " + access.flag();
            case DENIED -> "denied: add " + access.flag();
        };
    }

    private void permission(HostFacts host, List<SystemCall> calls) {
        heading("Permission");
        fact("kernel.io_uring_disabled", describeDisabled(host.ioUringDisabled()));
        fact("kernel.io_uring_group", describeGroup(host.ioUringGroup()));
        fact("seccomp", describeSeccomp(host.seccomp()));
        for (SystemCall call : calls) {
            fact(call.name(), (call.getsThrough() ? "gets through" : "REFUSED") + " (" + call.answerName() + ")");
        }
    }

    private static String describeDisabled(@Nullable String value) {
        return switch (value) {
            case null -> "unknown (kernels have it from 6.6 on; before, all may use io_uring)";
            case "0" -> "0 (all may use io_uring)";
            case "1" -> "1 (CAP_SYS_ADMIN or kernel.io_uring_group is needed)";
            case "2" -> "2 (nobody may use io_uring)";
            default -> value;
        };
    }

    private static String describeGroup(@Nullable String value) {
        return switch (value) {
            case null -> UNKNOWN;
            case "-1" -> "-1 (none)";
            default -> value;
        };
    }

    private static String describeSeccomp(@Nullable String value) {
        return switch (value) {
            case null -> UNKNOWN;
            case "0" -> "0 (off)";
            case "1" -> "1 (strict)";
            case "2" -> "2 (a filter is in force)";
            default -> value;
        };
    }

    private void limits(HostFacts host) {
        heading("Limits (soft)");
        fact("RLIMIT_MEMLOCK", describeBytes(host.memlock()));
        fact("RLIMIT_NOFILE", orUnknown(host.openFiles()));
    }

    private static String describeBytes(@Nullable String value) {
        if (value == null) {
            return UNKNOWN;
        }
        return value.equals(HostFacts.UNLIMITED) ? value : Long.parseUnsignedLong(value) / 1024 + " KiB";
    }

    private void ring(RoundTrip.@Nullable Result roundTrip) {
        if (roundTrip == null) {
            return;
        }
        if (roundTrip.passed().contains(RoundTrip.Step.OPEN_RING)) {
            heading("Ring as RingConfig.best sets it up");
            fact("flags", roundTrip.flags().stream().map(SetupFlag::name).collect(Collectors.joining(", ")));
            fact("descriptor", roundTrip.registeredDescriptor() ? "registered" : "not registered");
        }
        heading("Round trip through a real ring");
        for (RoundTrip.Step step : RoundTrip.Step.values()) {
            RoundTrip.Outcome outcome = roundTrip.outcome(step);
            fact(step.label(), outcome == RoundTrip.Outcome.FAILED ? "FAILED" : outcome.label());
        }
    }

    private void capabilities(@Nullable Capabilities found) {
        heading("Capabilities");
        if (found == null) {
            fact("asked by", "nothing: see the verdict");
            return;
        }
        fact("asked by", switch (found.source()) {
            case QUERY -> "IORING_REGISTER_QUERY";
            case PROBE -> "IORING_REGISTER_PROBE, feature bits and trials";
        });
        fact("columns below", "whether it is there, the first kernel that has it, its name");
        for (CapabilityTable table : CapabilityTable.all(found)) {
            heading(table.title() + ": " + table.supportedCount() + " of " + table.rows().size());
            table(table.rows());
        }
    }

    /** Down the columns, so that the order of numbers is also that of reading. */
    private void table(List<CapabilityTable.Row> rows) {
        int lines = Math.ceilDiv(rows.size(), COLUMNS);
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        for (int line = 0; line < lines; line++) {
            StringBuilder cells = new StringBuilder();
            for (int index = line; index < rows.size(); index += lines) {
                CapabilityTable.Row row = rows.get(index);
                String truth = row.supported() ? "yes" : "no";
                cells.append(("  %-3s %5s  %-" + width + "s").formatted(truth, row.since(), row.name()));
            }
            line(cells.toString());
        }
    }

    private void heading(String heading) {
        line("");
        line(heading);
    }

    private void fact(String label, String value) {
        line(("  %-" + LABEL_WIDTH + "s %s").formatted(label, value));
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    private static String orUnknown(@Nullable String value) {
        return value == null ? UNKNOWN : value;
    }
}
