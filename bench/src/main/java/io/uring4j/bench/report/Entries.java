package io.uring4j.bench.report;

import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measurement;
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
        entries.add(entry(
                row, comparison, ours, NativeProgram.label(), ours.baselineRate(), ours.ratioToBaseline()));
        for (Contender peer : comparison.peers()) {
            Measurement theirs = measured.get(peer);
            entries.add(entry(row, comparison, ours, peer.label(), theirs.rate(), ours.ratioTo(theirs)));
        }
        return entries;
    }

    private static Entry entry(
            String row, Comparison comparison, Measurement ours, String baseline, double baselineRate, double ratio) {
        return new Entry(
                row,
                comparison.variant(),
                ours.rate(),
                Entry.OPERATIONS_PER_SECOND,
                baseline,
                baselineRate,
                ratio,
                comparison.goals().get(baseline),
                ours.allocation(),
                System.getProperty("os.version"),
                comparison.params());
    }
}
