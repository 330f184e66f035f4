package io.uring4j.bench.report;

import java.util.ArrayList;
import java.util.List;

/** The colours of the contenders: this library's stands out, the native baseline's is dark. */
final class Palette {
    private static final List<String> COLOURS =
            List.of("#e4572e", "#2e4057", "#3a9d8f", "#e0a526", "#7b5ea7", "#8d99ae");

    private Palette() {}

    static List<Object> of(List<String> contenders) {
        List<Object> colours = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            colours.add(COLOURS.get(i % COLOURS.size()));
        }
        return colours;
    }
}
