package io.uring4j.bench.run;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;

/** What is measured of an operation. */
public enum Measure {
    /** How many there are per second. */
    THROUGHPUT(Mode.Throughput, TimeUnit.SECONDS, List.of(Metric.RATE)),

    /** How long each takes, the clock included. */
    LATENCY(Mode.SampleTime, TimeUnit.MICROSECONDS, List.of(Metric.P50, Metric.P99, Metric.MAX)),

    /**
     * How a server serves a client that is a native program and says so itself: an iteration is one call of the benchmark
     * method, which leaves the client's numbers in counters of the same names.
     */
    SERVICE(Mode.SingleShotTime, TimeUnit.SECONDS, List.of(Metric.RATE, Metric.P99, Metric.SERVER_CPU));

    private final Mode mode;
    private final TimeUnit unit;
    private final List<Metric> metrics;

    Measure(Mode mode, TimeUnit unit, List<Metric> metrics) {
        this.mode = mode;
        this.unit = unit;
        this.metrics = metrics;
    }

    Mode mode() {
        return mode;
    }

    TimeUnit unit() {
        return unit;
    }

    /** The figures, the most telling one first. */
    public List<Metric> metrics() {
        return metrics;
    }
}
