package io.uring4j.bench.report;

import io.uring4j.bench.run.Contender;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** The figures of a row as a table of columns, which is how the charting library wants them: each figure once. */
final class Points {
    static final String CONTENDER = "contender";
    static final String VARIANT = "variant";
    static final String VALUE = "value";

    /** How far above its figure a label starts, as a part of the panel's largest figure. */
    private static final double LABEL_GAP = 0.025;

    /** One contender's figure; ours carries its entry with the first baseline, the native one. */
    record Point(Entry entry, String contender, double value, boolean isOurs) {
        boolean sharesPanelWith(Point other) {
            return entry.variant().equals(other.entry.variant());
        }

        boolean sharesWorkWith(Point other) {
            return sharesPanelWith(other) && entry.params().equals(other.entry.params());
        }
    }

    private final List<Point> points = new ArrayList<>();
    private final Set<String> contenders = new LinkedHashSet<>();
    private final RateUnit unit;

    Points(List<Entry> entries) {
        contenders.add(Contender.OURS);
        Set<List<Object>> seen = new LinkedHashSet<>();
        for (Entry entry : entries) {
            if (seen.add(List.of(entry.variant(), entry.params()))) {
                points.add(new Point(entry, Contender.OURS, entry.value(), true));
            }
            points.add(new Point(entry, entry.baseline(), entry.baselineValue(), false));
            contenders.add(entry.baseline());
        }
        unit = RateUnit.of(points.stream().mapToDouble(Point::value).max().orElse(0));
    }

    RateUnit unit() {
        return unit;
    }

    List<String> contenders() {
        return List.copyOf(contenders);
    }

    /** Where a label goes that stands on its point: its height in the chart. */
    double labelHeight(Point point) {
        return scaled(point) + LABEL_GAP * largest();
    }

    /** Where a label goes that stands above all contenders, clear of their lines. */
    double labelHeightAboveAll(Point point) {
        return largest(other -> other.sharesWorkWith(point))
                + 2 * LABEL_GAP * largest(other -> other.sharesPanelWith(point));
    }

    /** The largest figure, in the chart's unit. */
    double largest() {
        return largest(_ -> true);
    }

    private double largest(Predicate<Point> among) {
        return points.stream().filter(among).mapToDouble(this::scaled).max().orElseThrow();
    }

    double scaled(Point point) {
        return point.value() / unit.factor();
    }

    /** The columns that all charts have; more can be added with {@link #column}. */
    Map<String, Object> columns() {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put(CONTENDER, column(Point::contender));
        columns.put(VARIANT, column(point -> point.entry().variant()));
        columns.put(VALUE, column(this::scaled));
        return columns;
    }

    List<Object> column(Function<Point, Object> content) {
        return new ArrayList<>(points.stream().map(content).toList());
    }
}
