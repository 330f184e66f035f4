package io.uring4j.bench.report;

import io.uring4j.bench.run.Figures;
import java.util.List;
import java.util.Map;

/**
 * A panel for each variant with a bar for each contender; ours has its ratio to the first baseline too.
 *
 * @param quantity what is counted
 */
public record BarChart(String quantity) implements Chart {
    private static final String LABEL = "label";
    private static final String LABEL_HEIGHT = "label height";

    @Override
    public String draw(String row, List<Entry> entries) {
        Points points = new Points(entries);
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
                .scale(Map.of("aesthetic", "y", "name", points.unit().title(quantity)))
                .colours("fill", points.contenders())
                .panels(Points.VARIANT, "fixed")
                .toSvg();
    }

    private static String label(Points.Point point) {
        String figure = Figures.rate(point.value());
        return point.isOurs() ? figure + " (" + Figures.ratio(point.entry().ratio()) + ")" : figure;
    }
}
