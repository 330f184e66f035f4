package io.uring4j.bench.row;

import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.List;

/** A question that is answered by measuring: one line of the list that {@code ci/bench --list} prints. */
public interface Row {
    /** What to call it on the command line. */
    String name();

    /** What is compared, in a sentence. */
    String description();

    /** How long to measure each comparison. */
    Schedule schedule(Effort effort);

    /**
     * What to measure on this machine.
     *
     * @param effort how much of it
     * @param site where files may be made, and what is left out is told
     */
    List<Comparison> comparisons(Effort effort, Site site) throws IOException;

    /** How to draw the results. */
    Chart chart();
}
