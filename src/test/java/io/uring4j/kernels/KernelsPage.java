package io.uring4j.kernels;

import io.uring4j.kernels.GuestResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * The page about the matrix, made from what the guests left: {@code target/kernels/kernels.md}, of which {@code
 * ci/kernels/run --page} makes {@code docs/kernels.md}; and the table of it in the README, {@code summary.md}.
 */
final class KernelsPage {
    /** What the library uses where it is there, and what it does where not. */
    private static final List<Choice> CHOICES = List.of(
            new Choice("Buffers that the kernel picks", "REGISTER_PBUF_RING", "a buffer ring", "legacy groups (PROVIDE_BUFFERS)"),
            new Choice("Timeouts of waits", "EXT_ARG", "an argument of the wait", "polls of the descriptor"),
            new Choice("Work of completions", "DEFER_TASKRUN", "done at the wait (DEFER_TASKRUN)", null),
            new Choice("Index array of the queue", "NO_SQARRAY", "left out (NO_SQARRAY)", "filled once"),
            new Choice("Ring descriptor", "REGISTER_RING_FDS", "registered", "looked up at each call"),
            new Choice("Capabilities", "REGISTER_QUERY", "one query", "probe, feature bits, trials"));

    private static final String OWN = "pbuf-table|own";

    private static final Choice WITHOUT_DEFERRED =
            new Choice("", "COOP_TASKRUN", "done without interrupts (COOP_TASKRUN)", "done at once, by interrupt");

    private final Map<Kernel, GuestResult> results;
    private final StringBuilder page = new StringBuilder();

    private record Choice(String what, String capability, String use, String otherwise) {}

    private record Fact(String kind, String name, String since, boolean supported) {
        static Fact parse(String line) {
            String[] fields = line.split("\\|");
            return new Fact(fields[0], fields[1], fields[2], Boolean.parseBoolean(fields[3]));
        }
    }

    private KernelsPage(Map<Kernel, GuestResult> results) {
        this.results = results;
    }

    static void write(Map<Kernel, GuestResult> results) throws IOException {
        Files.writeString(Project.OUTPUT.resolve("kernels.md"), new KernelsPage(results).text());
        Files.writeString(Project.OUTPUT.resolve("summary.md"), new KernelsPage(results).summary());
    }

    /** The table for the README. */
    private String summary() {
        row(List.of(
                "Linux",
                "tests passed",
                "skipped",
                "failed",
                "buffers that the kernel picks",
                "work of completions",
                "NOPs: best ring beside plain"));
        row(List.of("---", "---:", "---:", "---:", "---", "---", "---:"));
        results.forEach((kernel, result) -> row(List.of(
                releaseOf(kernel, result),
                String.valueOf(result.count(Outcome.PASSED)),
                String.valueOf(result.count(Outcome.SKIPPED)),
                String.valueOf(result.count(Outcome.FAILED)),
                chosen(CHOICES.get(0), result),
                chosen(CHOICES.get(2), result),
                quotient(result, "nop|best", "nop|plain", 1))));
        return page.toString();
    }

    private static String releaseOf(Kernel kernel, GuestResult result) {
        return result.release().isEmpty() ? kernel.name() + " (died)" : result.release();
    }

    private String text() {
        line("# The kernels that the tests run on");
        line("");
        line("Written by `ci/kernels/run --page` from what the guests left; don't edit it. How the guests are made");
        line("and run stands in [`ci/kernels/README.md`](../ci/kernels/README.md).");
        line("");
        tests();
        fallbacks();
        benchmarks();
        eventFd();
        capabilities();
        skipped();
        return page.toString();
    }

    private void tests() {
        line("## Tests");
        line("");
        row(List.of("Linux", "Debian", "passed", "skipped", "failed", "stands for"));
        row(List.of("---", "---", "---:", "---:", "---:", "---"));
        results.forEach((kernel, result) -> row(List.of(
                releaseOf(kernel, result),
                kernel.suite(),
                String.valueOf(result.count(Outcome.PASSED)),
                String.valueOf(result.count(Outcome.SKIPPED)),
                String.valueOf(result.count(Outcome.FAILED)),
                kernel.standsFor())));
        line("");
    }

    private void fallbacks() {
        line("## What the library uses, and what it falls back to");
        line("");
        header("");
        for (Choice choice : CHOICES) {
            cells(choice.what(), (kernel, result) -> chosen(choice, result));
        }
        cells("`RingConfig.best`", (kernel, result) -> facts(result).stream()
                .filter(fact -> fact.kind().equals("best"))
                .map(Fact::name)
                .collect(Collectors.joining(", ")));
        line("");
        line("The io_uring of 5.10 is that of Linux 5.15 here, which the stable releases took over. Kernels with the original have no");
        line("such argument of waits: the polls are tested on rings that are told the kernel lacks it (`WaitByPollTest`).");
        line("");
    }

    private static String chosen(Choice choice, GuestResult result) {
        if (result.facts().isEmpty()) {
            return "?";
        }
        boolean supported =
                facts(result).stream().anyMatch(fact -> fact.name().equals(choice.capability()) && fact.supported());
        if (supported) {
            return choice.use();
        }
        return choice.otherwise() == null ? chosen(WITHOUT_DEFERRED, result) : choice.otherwise();
    }

    private void benchmarks() {
        line("## Benchmarks, as ratios within each guest");
        line("");
        line("The guests' processor is emulated, so absolute figures mean nothing, and aren't given. Each cell compares two");
        line("rows of one guest: the time of the second divided by that of the first, so above 1 the first is quicker.");
        line("");
        header("");
        ratio("`nop`: `RingConfig.best` beside a ring without flags", "nop|best", "nop|plain");
        ratio("`pbuf-table`: legacy buffers, given back 32 at a time, beside one's own", "pbuf-table|legacy 32", OWN);
        ratio("`pbuf-table`: legacy buffers, one at a time, beside one's own", "pbuf-table|legacy 1", OWN);
        ratio("`pbuf-table`: a buffer ring, 32 at a time, beside one's own", "pbuf-table|ring 32", OWN);
        ratio("`pbuf-table`: a buffer ring, one at a time, beside one's own", "pbuf-table|ring 1", OWN);
        ratio(
                "`pbuf-table`: a buffer ring beside legacy buffers, one at a time",
                "pbuf-table|ring 1",
                "pbuf-table|legacy 1");
        ratio("`eventfd`: registration of an idle ring beside 100 NOPs", "eventfd|register idle p50", "nop|best", 100);
        ratio(
                "`eventfd`: registration with timers in flight beside 100 NOPs",
                "eventfd|register with timers p50",
                "nop|best",
                100);
        line("");
    }

    private void ratio(String title, String first, String second) {
        ratio(title, first, second, 1);
    }

    private void ratio(String title, String first, String second, int times) {
        cells(title, (kernel, result) -> quotient(result, first, second, times));
    }

    /** So many times the second beside the first. */
    private static String quotient(GuestResult result, String first, String second, int times) {
        Double one = result.benchmarks().get(first);
        Double other = result.benchmarks().get(second);
        return one == null || other == null ? "–" : "%.2f".formatted(times * other / one);
    }

    private void eventFd() {
        List<Kernel> kernels =
                results.keySet().stream().filter(Kernel::isNative).toList();
        if (kernels.isEmpty()) {
            return;
        }
        List<Kernel> two = List.of(kernels.getFirst(), kernels.getLast());
        line("## Registration of an eventfd: the oldest kernel beside the newest");
        line("");
        line("Before Linux 5.18 the kernel stops the ring for a change: it waits until nobody can be in a call any more, which");
        line("takes some milliseconds even if the ring is idle, and until all that is in flight has ended, here "
                + EventFdTimes.TIMERS + " timers");
        line("of " + EventFdTimes.PERIOD.toMillis()
                + " ms; a read that doesn't end would hold it up for ever. From then on it waits for nothing. That is the");
        line("difference to see: in microseconds of an emulated processor, which mean nothing by themselves.");
        line("");
        row(List.of("", two.getFirst().name() + " p50", "p99", "max", two.getLast().name() + " p50", "p99", "max"));
        row(List.of("---", "---:", "---:", "---:", "---:", "---:", "---:"));
        for (String variant : List.of("register idle", "register with timers", "unregister idle", "unregister with timers")) {
            List<String> cells = new ArrayList<>(List.of(variant));
            for (Kernel kernel : two) {
                for (String percentile : List.of("p50", "p99", "max")) {
                    Double micros = results.get(kernel).benchmarks().get("eventfd|" + variant + " " + percentile);
                    cells.add(micros == null ? "?" : "%.0f".formatted(micros));
                }
            }
            row(cells);
        }
        line("");
    }

    private void capabilities() {
        line("## Capabilities that not all of them have");
        line("");
        header("since Linux |");
        Map<String, Fact> differing = new LinkedHashMap<>();
        for (GuestResult result : results.values()) {
            for (Fact fact : facts(result)) {
                if (!fact.supported()) {
                    differing.putIfAbsent(fact.kind() + " " + fact.name(), fact);
                }
            }
        }
        differing.values().stream()
                .sorted(Comparator.comparing(Fact::kind).thenComparing(Fact::name))
                .forEach(row -> cells(
                        row.kind() + " `" + row.name() + "` | " + row.since(),
                        (kernel, result) -> facts(result).stream()
                                .filter(fact ->
                                        fact.kind().equals(row.kind()) && fact.name().equals(row.name()))
                                .map(fact -> fact.supported() ? "yes" : "–")
                                .findFirst()
                                .orElse("?")));
        line("");
    }

    private void skipped() {
        line("## Why tests were skipped");
        line("");
        header("");
        Map<String, Map<Kernel, Integer>> reasons = new TreeMap<>();
        results.forEach((kernel, result) -> result.tests().stream()
                .filter(test -> test.outcome() == Outcome.SKIPPED)
                .forEach(test -> reasons.computeIfAbsent(reason(test), reason -> new LinkedHashMap<>())
                        .merge(kernel, 1, Integer::sum)));
        reasons.forEach((reason, counts) ->
                cells(reason, (kernel, result) -> String.valueOf(counts.getOrDefault(kernel, 0))));
    }

    private static String reason(GuestResult.Test test) {
        String first = test.message().lines().findFirst().orElse("no reason given");
        return first.replaceFirst("^Assumption failed: ", "").replace("|", "\\|");
    }

    private static List<Fact> facts(GuestResult result) {
        return result.facts().stream().map(Fact::parse).toList();
    }

    private void header(String further) {
        List<String> names = results.keySet().stream().map(Kernel::name).toList();
        line("| | " + further + " " + String.join(" | ", names) + " |");
        line("|---|" + (further.isEmpty() ? "" : "---|") + "---|".repeat(names.size()));
    }

    private void cells(String first, BiFunction<Kernel, GuestResult, String> cell) {
        List<String> cells = new ArrayList<>(List.of(first));
        results.forEach((kernel, result) -> cells.add(cell.apply(kernel, result)));
        row(cells);
    }

    private void row(Collection<String> cells) {
        line("| " + String.join(" | ", cells) + " |");
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
