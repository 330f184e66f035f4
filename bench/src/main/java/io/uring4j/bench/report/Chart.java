package io.uring4j.bench.report;

import java.util.List;

/** Draws the entries of one row. */
public interface Chart {
    /** Returns an SVG document. */
    String draw(String row, List<Entry> entries);
}
