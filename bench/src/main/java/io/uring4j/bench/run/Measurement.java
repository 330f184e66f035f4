package io.uring4j.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What was measured of one contender: its iterations, each with its native neighbour. */
public final class Measurement {
    /** A figure of this contender, and the native program's just before. */
    record Pair(double own, double baseline) {}

    /** One iteration: its figures, and what was allocated. */
    record Iteration(Map<Metric, Pair> figures, double allocatedBytes, double operations) {}

    /** JMH itself allocates about 7 kB in each iteration; 16 bytes for each of the slowest operations are more. */
    private static final double HARNESS_BYTES = 16 << 10;

    private final List<Iteration> iterations = new ArrayList<>();

    void add(List<Iteration> measured) {
        iterations.addAll(measured);
    }

    /** The median of a figure. */
    public double figure(Metric metric) {
        return median(iteration -> iteration.figures().get(metric).own());
    }

    /** The median of the native program's figure. */
    public double baselineFigure(Metric metric) {
        return median(iteration -> iteration.figures().get(metric).baseline());
    }

    /**
     * Bytes on the Java heap per operation, as every iteration has them. What only some iterations have is no
     * operation's but the harness's: classes that are loaded late, the end of the last iteration.
     */
    public double allocation() {
        Iteration least = iterations.stream()
                .min(Comparator.comparingDouble(Iteration::allocatedBytes))
                .orElseThrow();
        return least.allocatedBytes() < HARNESS_BYTES ? 0 : least.allocatedBytes() / least.operations();
    }

    /** The median of the ratios of neighbours, which is steadier than the ratio of the medians. */
    public double ratioToBaseline(Metric metric) {
        return median(iteration -> {
            Pair pair = iteration.figures().get(metric);
            return metric.ratio(pair.own(), pair.baseline());
        });
    }

    /** Compares with a peer: through the native neighbours of both where they tell, since both ran at different times. */
    public double ratioTo(Measurement peer, Metric metric) {
        if (!metric.followsMachine()) {
            return metric.ratio(figure(metric), peer.figure(metric));
        }
        return ratioToBaseline(metric) / peer.ratioToBaseline(metric);
    }

    private double median(ToDoubleFunction<Iteration> figure) {
        double[] sorted = iterations.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }
}
