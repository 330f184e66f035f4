package io.uring4j.bench.run;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One piece of work that several contenders do.
 *
 * @param measure what is measured
 * @param variant the variant of the row
 * @param params what tells it apart from others of the variant, for results
 * @param baseline the native program that does the same
 * @param ours this library's contender
 * @param peers the others
 * @param goals the ratio to reach, by the label of what is compared with, for the most telling figure
 * @param bounds what our own figures are to be at least, or at most if they are times
 */
public record Comparison(
        Measure measure,
        String variant,
        Map<String, Object> params,
        NativeProgram baseline,
        Contender ours,
        List<Contender> peers,
        Map<String, Double> goals,
        Map<Metric, Double> bounds) {
    /** A comparison whose goals are ratios. */
    public Comparison(
            Measure measure,
            String variant,
            Map<String, Object> params,
            NativeProgram baseline,
            Contender ours,
            List<Contender> peers,
            Map<String, Double> goals) {
        this(measure, variant, params, baseline, ours, peers, goals, Map.of());
    }

    /** This comparison, with a bound for a figure of ours. */
    public Comparison bounded(Metric metric, double bound) {
        return new Comparison(measure, variant, params, baseline, ours, peers, goals, Map.of(metric, bound));
    }

    List<Contender> contenders() {
        return Stream.concat(Stream.of(ours), peers.stream()).toList();
    }

    /** A few words for a line of progress. */
    String title() {
        StringBuilder title = new StringBuilder(variant);
        params.forEach((name, value) -> title.append(", ").append(name).append(' ').append(value));
        return title.toString();
    }
}
