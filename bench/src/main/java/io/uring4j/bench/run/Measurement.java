package io.uring4j.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What was measured of one contender: its iterations, each with its native neighbour. Rates are per second. */
public final class Measurement {
    /** One iteration: ours or a peer's rate, the native program's just before, and what was allocated. */
    record Iteration(double rate, double baselineRate, double allocatedBytes, double operations) {}

    /** JMH itself allocates about 7 kB in each iteration; 16 bytes for each of the slowest operations are more. */
    private static final double HARNESS_BYTES = 16 << 10;

    private final List<Iteration> iterations = new ArrayList<>();

    void add(List<Iteration> measured) {
        iterations.addAll(measured);
    }

    public double rate() {
        return median(Iteration::rate);
    }

    public double baselineRate() {
        return median(Iteration::baselineRate);
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
    public double ratioToBaseline() {
        return median(iteration -> iteration.rate() / iteration.baselineRate());
    }

    /** Compares with a peer through the native neighbours of both, since both ran at different times. */
    public double ratioTo(Measurement peer) {
        return ratioToBaseline() / peer.ratioToBaseline();
    }

    private double median(ToDoubleFunction<Iteration> figure) {
        double[] sorted = iterations.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }
}
