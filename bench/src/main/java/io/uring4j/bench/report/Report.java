package io.uring4j.bench.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All that is written when the measuring is over: a table, a file for programs, charts and a page. */
public final class Report {
    /** What came out for a row. */
    private record Result(String row, String description, Chart chart, List<Entry> entries) {}

    private final List<Result> results = new ArrayList<>();

    /** Adds what came out for a row. */
    public void add(String row, String description, Chart chart, List<Entry> entries) {
        results.add(new Result(row, description, chart, entries));
    }

    /** Returns the results as a table of text. */
    public String table() {
        return ResultTable.format(entries());
    }

    /**
     * Writes the files.
     *
     * @param notes what readers must know, a sentence each
     */
    public void write(Path directory, List<String> notes) throws IOException {
        Files.createDirectories(directory);
        // First of all, so that no fault in a chart loses figures that took minutes.
        ResultFile.write(directory.resolve("latest.json"), entries());
        removeCharts(directory);
        List<ResultPage.Section> sections = new ArrayList<>();
        for (Result result : results) {
            String svg = result.chart().draw(result.row(), result.entries());
            Files.writeString(directory.resolve(result.row() + ".svg"), svg);
            sections.add(new ResultPage.Section(result.row(), result.description(), svg, result.entries()));
        }
        Files.writeString(
                directory.resolve("index.html"), ResultPage.render(Machine.describe(), notes, sections));
    }

    /** Those of an earlier run would lie beside figures that they don't belong to. */
    private static void removeCharts(Path directory) throws IOException {
        try (DirectoryStream<Path> charts = Files.newDirectoryStream(directory, "*.svg")) {
            for (Path chart : charts) {
                Files.delete(chart);
            }
        }
    }

    private List<Entry> entries() {
        return results.stream().flatMap(result -> result.entries().stream()).toList();
    }
}
