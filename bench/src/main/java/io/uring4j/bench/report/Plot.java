package io.uring4j.bench.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/**
 * A plot in the language of Lets-Plot: what ggplot2 calls a grammar of graphics, as nested maps. This class
 * adds what all our charts share.
 */
final class Plot {
    private static final int WIDTH = 980;
    private static final int HEIGHT = 460;
    private static final String INK = "#22303c";
    private static final String FAINT = "#d9dee3";

    private final Map<String, Object> spec = new HashMap<>();
    private final List<Object> layers = new ArrayList<>();
    private final List<Object> scales = new ArrayList<>();

    Plot(Map<String, Object> columns, Map<String, Object> mapping) {
        spec.put("kind", "plot");
        spec.put("data", map(columns));
        spec.put("mapping", map(mapping));
        spec.put("layers", layers);
        spec.put("scales", scales);
        spec.put("theme", theme());
        spec.put("ggsize", map(Map.of("width", WIDTH, "height", HEIGHT)));
    }

    private static Map<String, Object> theme() {
        return map(Map.of(
                "name", "minimal",
                "text", map(Map.of("color", INK, "blank", false)),
                "panel_grid_major_x", "blank",
                "panel_grid_minor", "blank",
                "panel_grid_major_y", map(Map.of("color", FAINT, "blank", false)),
                "plot_title", map(Map.of("size", 19, "face", "bold", "blank", false)),
                "plot_subtitle", map(Map.of("size", 13, "blank", false)),
                "strip_text", map(Map.of("size", 14, "face", "bold", "blank", false)),
                "legend_position", "bottom",
                "legend_title", "blank"));
    }

    Plot title(String title, String subtitle) {
        spec.put("ggtitle", map(Map.of("text", title, "subtitle", subtitle)));
        return this;
    }

    Plot layer(Map<String, Object> layer) {
        layers.add(map(layer));
        return this;
    }

    Plot scale(Map<String, Object> scale) {
        scales.add(map(scale));
        return this;
    }

    /** Gives each of the names its colour, in this order. */
    Plot colours(String aesthetic, List<String> names) {
        return scale(Map.of(
                "aesthetic",
                aesthetic,
                "name",
                "",
                "values",
                Palette.of(names),
                "limits",
                new ArrayList<>(names)));
    }

    /** Draws a panel for each value of a column; {@code scales} is "fixed", or "free_y" if each has its own range. */
    Plot panels(String column, String scales) {
        spec.put(
                "facet",
                map(Map.of(
                        "name", "wrap",
                        "facets", new ArrayList<>(List.of(column)),
                        "scales", scales,
                        // By their names.
                        "order", new ArrayList<>(List.of(1)),
                        "ncol", 2)));
        return this;
    }

    String toSvg() {
        return PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(spec, null, Plot::refuseBitmap, false);
    }

    private static String refuseBitmap(int width, int height, int[] pixels) {
        throw new UnsupportedOperationException("charts here have no bitmaps");
    }

    /** The library changes what it is given. */
    static Map<String, Object> map(Map<String, Object> content) {
        return new HashMap<>(content);
    }
}
