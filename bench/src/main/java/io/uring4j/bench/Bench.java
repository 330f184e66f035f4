package io.uring4j.bench;

import io.uring4j.bench.report.Entries;
import io.uring4j.bench.report.Entry;
import io.uring4j.bench.report.Report;
import io.uring4j.bench.row.Effort;
import io.uring4j.bench.row.Row;
import io.uring4j.bench.row.Rows;
import io.uring4j.bench.row.Site;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.ComparisonRun;
import io.uring4j.bench.run.Progress;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that ci/bench runs. */
@Command(
        name = "ci/bench",
        description = "Measures uring4j beside liburing and java.nio on this machine.",
        sortOptions = false)
public final class Bench implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "ROW", description = "what to measure; everything unless named")
    private List<String> names = List.of();

    @Option(names = "--full", description = "every parameter, and longer")
    private boolean full;

    @Option(names = "--list", description = "print the rows and exit")
    private boolean list;

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = "where files to read are made: names the file system to measure (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("bench/target/data");

    @Option(
            names = "--results",
            paramLabel = "DIRECTORY",
            description = "where results are written (default: ${DEFAULT-VALUE})")
    private Path results = Path.of("bench/results");

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and exit")
    private boolean help;

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            System.out.print(listing());
            return CommandLine.ExitCode.OK;
        }
        List<Row> rows = chosenRows();
        Files.createDirectories(results);
        Path log = results.resolve("jmh.log");
        try (PrintStream jmh = new PrintStream(Files.newOutputStream(log))) {
            measure(rows, full ? Effort.FULL : Effort.HEADLINE, jmh);
            return CommandLine.ExitCode.OK;
        } catch (RunnerException e) {
            System.err.println("\nA benchmark failed: " + e.getMessage() + "\nIts own words are at the end of " + log);
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private static String listing() {
        StringBuilder text = new StringBuilder();
        for (Row row : Rows.ALL) {
            text.append(String.format("%-12s  %s%n", row.name(), row.description()));
        }
        return text.toString();
    }

    private List<Row> chosenRows() {
        for (String name : names) {
            if (Rows.ALL.stream().noneMatch(row -> row.name().equals(name))) {
                throw new ParameterException(
                        spec.commandLine(), "There is no row '" + name + "'. The rows are:\n\n" + listing());
            }
        }
        return Rows.ALL.stream()
                .filter(row -> names.isEmpty() || names.contains(row.name()))
                .toList();
    }

    private void measure(List<Row> rows, Effort effort, PrintStream jmh) throws IOException, RunnerException {
        Site site = new Site(data);
        site.lookForOthers();
        Map<Row, List<Comparison>> work = new LinkedHashMap<>();
        int steps = 0;
        double seconds = 0;
        for (Row row : rows) {
            List<Comparison> comparisons = row.comparisons(effort, site);
            work.put(row, comparisons);
            for (Comparison comparison : comparisons) {
                steps += ComparisonRun.steps(comparison, row.schedule(effort));
                seconds += ComparisonRun.seconds(comparison, row.schedule(effort));
            }
        }
        System.out.printf("Measuring for about %.0f s; keep the machine quiet.%n", seconds);
        site.notes().forEach(System.out::println);

        Progress progress = new Progress(System.out, steps);
        Report report = new Report();
        for (Row row : rows) {
            Schedule schedule = row.schedule(effort);
            ComparisonRun run = new ComparisonRun(schedule, progress, jmh);
            List<Entry> entries = new ArrayList<>();
            for (Comparison comparison : work.get(row)) {
                entries.addAll(Entries.of(row.name(), comparison, run.run(row.name(), comparison)));
            }
            report.add(row.name(), row.description(), row.chart(), entries);
        }
        System.out.printf("%n%s%n", report.table());
        report.write(results, site.notes());
        System.out.println("Charts: " + results.resolve("index.html").toAbsolutePath().normalize().toUri());
    }
}
