package io.uring4j.bench.report;

import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measurement;
import io.uring4j.bench.run.Metric;
import io.uring4j.bench.run.NativeProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns what was measured into entries: one for the native baseline, one for each peer. */
public final class Entries {
    private Entries() {}

    public static List<Entry> of(String row, Comparison comparison, Map<Contender, Measurement> measured) {
        Measurement ours = measured.get(comparison.ours());
        List<Entry> entries = new ArrayList<>();
        for (Metric metric : comparison.measure().metrics()) {
            double baseline = ours.baselineFigure(metric);
            entries.add(entry(
                            row, comparison, metric, ours, NativeProgram.label(), baseline, ours.ratioToBaseline(metric))
                    .bounded(comparison.bounds().get(metric)));
            for (Contender peer : comparison.peers()) {
                Measurement theirs = measured.get(peer);
                entries.add(entry(
                        row,
                        comparison,
                        metric,
                        ours,
                        peer.label(),
                        theirs.figure(metric),
                        ours.ratioTo(theirs, metric)));
            }
        }
        return entries;
    }

    private static boolean isTelling(Comparison comparison, Metric metric) {
        return metric == comparison.measure().metrics().getFirst();
    }

    private static Entry entry(
            String row,
            Comparison comparison,
            Metric metric,
            Measurement ours,
            String baseline,
            double baselineFigure,
            double ratio) {
        return new Entry(
                row,
                (comparison.variant() + " " + metric.label()).strip(),
                ours.figure(metric),
                metric.unit(),
                baseline,
                baselineFigure,
                ratio,
                isTelling(comparison, metric) ? comparison.goals().get(baseline) : null,
                null,
                ours.allocation(),
                System.getProperty("os.version"),
                comparison.params());
    }
}
