package io.uring4j.bench.run;

import java.io.PrintStream;

/** Says what is being measured, and what came out, line by line. */
public final class Progress {
    private final PrintStream out;
    private final int steps;
    private int done;

    /**
     * @param out where to
     * @param steps how many there will be
     */
    public Progress(PrintStream out, int steps) {
        this.out = out;
        this.steps = steps;
    }

    void step(String row, Comparison comparison, Contender contender) {
        done++;
        out.printf("%4d/%d  %-12s %-38s %-24s", done, steps, row, comparison.title(), contender.label());
        out.flush();
    }

    void result(Measure measure, Measurement measured) {
        Metric metric = measure.metrics().getFirst();
        out.printf(
                "%7s %-5s %.2f of C%n",
                Figures.quantity(measured.figure(metric)), metric.unit(), measured.ratioToBaseline(metric));
    }
}
