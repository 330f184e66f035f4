package io.uring4j.bench.run;

import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.results.Result;

/** A figure that a benchmark and its native twin both have. */
public enum Metric {
    /** Operations per second. */
    RATE("", "op/s") {
        @Override
        double ofJmh(Result<?> result) {
            return result.getScore();
        }

        @Override
        double ofReport(ToDoubleFunction<String> number) {
            return number.applyAsDouble("operations") * 1e9 / number.applyAsDouble("nanoseconds");
        }

        @Override
        double ratio(double ours, double baseline) {
            return ours / baseline;
        }
    },

    /** What half of the operations take at most. */
    P50("p50", "µs", 50),

    /** What 99 of 100 operations take at most. */
    P99("p99", "µs", 99),

    /** What the slowest operation takes. */
    MAX("max", "µs", 100),

    /** The processor time of a server's process, in user and kernel mode, per operation. */
    SERVER_CPU("server CPU", "µs") {
        @Override
        double ofReport(ToDoubleFunction<String> number) {
            return number.applyAsDouble("cpu") / NANOS_PER_MICRO;
        }
    };

    private static final double NANOS_PER_MICRO = 1000;
    private static final double MEDIAN = 50;

    private final String label;
    private final String unit;
    private final double percentile;

    Metric(String label, String unit) {
        this(label, unit, Double.NaN);
    }

    Metric(String label, String unit, double percentile) {
        this.label = label;
        this.unit = unit;
        this.percentile = percentile;
    }

    /** Tells figures of one comparison apart; empty where there is only one. */
    public String label() {
        return label;
    }

    public String unit() {
        return unit;
    }

    double ofJmh(Result<?> result) {
        return result.getStatistics().getPercentile(percentile);
    }

    /** Out of the numbers that a native program prints, by their names. */
    double ofReport(ToDoubleFunction<String> number) {
        return number.applyAsDouble(label) / NANOS_PER_MICRO;
    }

    /**
     * Whether it changes as the machine's speed does. What the slowest operations take is decided by a few events, so that of
     * the native neighbour would only add its own chance.
     */
    boolean followsMachine() {
        return Double.isNaN(percentile) || percentile <= MEDIAN;
    }

    /** Above 1 when ours is better. */
    double ratio(double ours, double baseline) {
        return baseline / ours;
    }
}
