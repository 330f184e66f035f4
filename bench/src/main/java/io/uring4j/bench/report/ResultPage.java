package io.uring4j.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The page for people: for each row a chart and its figures. */
final class ResultPage {
    /**
     * One row's part of the page.
     *
     * @param svg the chart's document
     */
    record Section(String name, String description, String svg, List<Entry> entries) {}

    private ResultPage() {}

    static String render(String machine, List<String> notes, List<Section> sections) throws IOException {
        return template()
                .replace("{{machine}}", escape(machine))
                .replace("{{notes}}", notes.stream().map(ResultPage::note).collect(Collectors.joining()))
                .replace("{{sections}}", sections.stream().map(ResultPage::section).collect(Collectors.joining()));
    }

    private static String template() throws IOException {
        try (InputStream stream = ResultPage.class.getResourceAsStream("page.html")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String note(String text) {
        return "<p class=\"note\">" + escape(text) + "</p>\n";
    }

    private static String section(Section section) {
        return """
                <section id="%s">
                <h2>%s</h2>
                <p>%s</p>
                <figure>%s</figure>
                <table>
                <thead>%s</thead>
                <tbody>
                %s
                </tbody>
                </table>
                </section>
                """
                .formatted(
                        escape(section.name()),
                        escape(section.name()),
                        escape(section.description()),
                        section.svg(),
                        line("th", "", ResultTable.HEADINGS),
                        section.entries().stream()
                                .map(entry -> line("td", verdict(entry), ResultTable.cells(entry)))
                                .collect(Collectors.joining("\n")));
    }

    private static String verdict(Entry entry) {
        if (!entry.hasGoal()) {
            return "";
        }
        return entry.reachesGoal() ? "reached" : "missed";
    }

    private static String line(String element, String kind, List<String> cells) {
        return "<tr class=\"" + kind + "\">"
                // The first column is the section's title.
                + cells.stream()
                        .skip(1)
                        .map(cell -> "<" + element + ">" + escape(cell) + "</" + element + ">")
                        .collect(Collectors.joining())
                + "</tr>";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
