package io.uring4j.bench.report;

import io.uring4j.bench.run.Figures;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A line for each contender over a parameter, with our ratio to the first baseline; a panel for each variant.
 *
 * @param quantity what is counted
 * @param parameter the name of the parameter
 * @param axis what to call the parameter
 * @param leftOut the ends of the names of variants that are left out, such as those of another unit
 */
public record LineChart(String quantity, String parameter, String axis, List<String> leftOut) implements Chart {
    private static final String LABEL = "label";
    private static final String LABEL_HEIGHT = "label height";

    /** A chart of all variants. */
    public LineChart(String quantity, String parameter, String axis) {
        this(quantity, parameter, axis, List.of());
    }

    @Override
    public String draw(String row, List<Entry> entries) {
        Points points = new Points(entries.stream().filter(this::isShown).toList());
        Map<String, Object> columns = points.columns();
        columns.put(parameter, points.column(this::parameterOf));
        columns.put(LABEL, points.column(LineChart::label));
        columns.put(LABEL_HEIGHT, points.column(points::labelHeightAboveAll));
        return new Plot(columns, Map.of("x", parameter, "y", Points.VALUE, "color", Points.CONTENDER))
                .title(row, "numbers: uring4j ÷ C, above 1 uring4j is ahead")
                .layer(Map.of(
                        "geom", "line",
                        "size", 1.5,
                        "mapping", Plot.map(Map.of("group", Points.CONTENDER))))
                .layer(Map.of("geom", "point", "size", 4.5))
                .layer(Map.of(
                        "geom", "text",
                        "mapping", Plot.map(Map.of("label", LABEL, "y", LABEL_HEIGHT)),
                        "vjust", "bottom",
                        "size", 6.5,
                        "fontface", "bold",
                        "show_legend", false))
                .scale(Map.of("aesthetic", "x", "name", axis, "discrete", true))
                .scale(Map.of(
                        "aesthetic", "y", "name", points.unit().title(quantity), "limits", Arrays.asList(0, null)))
                .colours("color", points.contenders())
                .panels(Points.VARIANT, "free_y")
                .toSvg();
    }

    private boolean isShown(Entry entry) {
        return leftOut.stream().noneMatch(entry.variant()::endsWith);
    }

    /** A name, not a number: steps of the parameter are drawn as far from each other, whatever they are. */
    private String parameterOf(Points.Point point) {
        return point.entry().params().get(parameter).toString();
    }

    private static String label(Points.Point point) {
        return point.isOurs() ? Figures.ratio(point.entry().ratio()) : "";
    }
}
