package io.uring4j.bench.report;

import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The results as rows of text, for the terminal and for the page. */
final class ResultTable {
    static final List<String> HEADINGS =
            List.of("row", "variant", "params", Contender.OURS, "baseline", "its figure", "ratio", "goal", "B/op");

    private ResultTable() {}

    static List<String> cells(Entry entry) {
        return List.of(
                entry.name(),
                entry.variant(),
                params(entry.params()),
                Figures.quantity(entry.value()) + " " + entry.unit(),
                entry.baseline(),
                Figures.quantity(entry.baselineValue()) + " " + entry.unit(),
                Figures.ratio(entry.ratio()),
                goal(entry),
                Figures.bytes(entry.allocation()));
    }

    private static String params(Map<String, Object> params) {
        return params.entrySet().stream()
                .map(param -> param.getKey() + " " + param.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String goal(Entry entry) {
        if (!entry.hasGoal()) {
            return "";
        }
        List<String> wanted = new ArrayList<>();
        if (entry.goal() != null) {
            wanted.add("≥ " + entry.goal());
        }
        if (entry.bound() != null) {
            wanted.add((entry.isRate() ? "≥ " : "≤ ") + Figures.quantity(entry.bound()) + " " + entry.unit());
        }
        return String.join(", ", wanted) + (entry.reachesGoal() ? " ✓" : " ✗ missed");
    }

    static String format(List<Entry> entries) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        entries.forEach(entry -> lines.add(cells(entry)));
        int[] widths = new int[HEADINGS.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                row.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length() + 2);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
