package io.uring4j.bench.report;

import io.uring4j.bench.run.Figures;
import java.util.List;
import java.util.Map;

/**
 * A panel for each variant with a bar for each contender; ours has its ratio to the first baseline too.
 *
 * @param quantity what is counted
 * @param leftOut the ends of the names of variants that are left out, such as those that would dwarf the others
 */
public record BarChart(String quantity, List<String> leftOut) implements Chart {
    private static final String LABEL = "label";
    private static final double ROOM_FOR_LABELS = 1.2;
    private static final String LABEL_HEIGHT = "label height";

    /** A chart of all variants. */
    public BarChart(String quantity) {
        this(quantity, List.of());
    }

    @Override
    public String draw(String row, List<Entry> entries) {
        Points points = new Points(entries.stream().filter(this::isShown).toList());
        Map<String, Object> columns = points.columns();
        columns.put(LABEL, points.column(BarChart::label));
        columns.put(LABEL_HEIGHT, points.column(points::labelHeight));
        return new Plot(columns, Map.of("x", Points.CONTENDER, "y", Points.VALUE, "fill", Points.CONTENDER))
                .title(row, "ratio in brackets: above 1, uring4j is ahead")
                .layer(Map.of("geom", "bar", "stat", "identity", "width", 0.7, "size", 0, "show_legend", false))
                .layer(Map.of(
                        "geom", "text",
                        "mapping", Plot.map(Map.of("label", LABEL, "y", LABEL_HEIGHT)),
                        "vjust", "bottom",
                        "size", 7,
                        "show_legend", false))
                .scale(Map.of("aesthetic", "x", "name", "", "discrete", true, "limits", points.contenders()))
                .scale(Map.of(
                        "aesthetic", "y",
                        "name", points.unit().title(quantity),
                        "limits", List.of(0, points.largest() * ROOM_FOR_LABELS)))
                .colours("fill", points.contenders())
                .panels(Points.VARIANT, "fixed")
                .toSvg();
    }

    private boolean isShown(Entry entry) {
        return leftOut.stream().noneMatch(entry.variant()::endsWith);
    }

    private static String label(Points.Point point) {
        String figure = Figures.quantity(point.value());
        return point.isOurs() ? figure + " (" + Figures.ratio(point.entry().ratio()) + ")" : figure;
    }
}
