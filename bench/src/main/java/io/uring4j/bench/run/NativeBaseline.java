package io.uring4j.bench.run;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.openjdk.jmh.runner.IterationType;

/**
 * Runs the native program right before each measured iteration, for as long, so that every Java figure has
 * a native neighbour which met the same machine: a shared machine's speed drifts by more than what the two
 * differ.
 *
 * <p>It does so as a JMH profiler, which comes before the iteration's clock and before other profilers, so
 * that neither time nor allocation of starting a process counts for the benchmark.
 */
public final class NativeBaseline implements InternalProfiler {
    private static final String RESULT = "native";
    private static final String SEPARATOR = "\n";

    private final Measure measure;
    private final List<String> command;
    private NativeOutput output;

    /** Made by JMH in the forked process, with what {@link #options} returned. */
    public NativeBaseline(String options) {
        List<String> parts = List.of(options.split(SEPARATOR));
        this.measure = Measure.valueOf(parts.getFirst());
        this.command = parts.subList(1, parts.size());
    }

    static String options(Measure measure, NativeProgram program) {
        return measure + SEPARATOR + String.join(SEPARATOR, program.command());
    }

    /** What the native program's figure is called among JMH's results. */
    static String resultName(Metric metric) {
        return RESULT + metric.label();
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        if (iteration.getType() == IterationType.MEASUREMENT) {
            long millis = iteration.getTime().convertTo(TimeUnit.MILLISECONDS);
            output = NativeProgram.run(command, millis);
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // as JMH declares it
    public Collection<? extends Result> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return iteration.getType() == IterationType.MEASUREMENT
                ? measure.metrics().stream().map(this::result).toList()
                : List.of();
    }

    private ScalarResult result(Metric metric) {
        return new ScalarResult(
                resultName(metric), metric.ofReport(output::number), metric.unit(), AggregationPolicy.AVG);
    }

    @Override
    public String getDescription() {
        return "runs a native program before each iteration";
    }
}
