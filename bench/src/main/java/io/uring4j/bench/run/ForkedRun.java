package io.uring4j.bench.run;

import java.io.PrintStream;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One contender in one JVM of its own. */
final class ForkedRun {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    // Nothing that tunes the JVM: what users get without thinking about it. The second one only silences
    // JMH, which uses Unsafe.
    private static final String[] JVM_ARGUMENTS = {
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"
    };

    private ForkedRun() {}

    static List<Measurement.Iteration> run(
            Contender contender, Measure measure, NativeProgram baseline, Schedule schedule, PrintStream log)
            throws RunnerException {
        TimeValue time = TimeValue.milliseconds(schedule.millis());
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + contender.benchmark().getName().replace(".", "\\.") + "\\.")
                .mode(measure.mode())
                .timeUnit(measure.unit())
                .forks(1)
                .warmupIterations(schedule.warmups())
                .warmupTime(time)
                .measurementIterations(schedule.iterations())
                .measurementTime(time)
                // Outermost first: what starting the native process allocates isn't the benchmark's.
                .addProfiler(NativeBaseline.class, NativeBaseline.options(measure, baseline))
                .addProfiler(GCProfiler.class)
                .jvmArgs(JVM_ARGUMENTS)
                .shouldFailOnError(true);
        if (contender.operationsPerInvocation() > 0) {
            options.operationsPerInvocation(contender.operationsPerInvocation());
        }
        for (Map.Entry<String, String> parameter : contender.parameters().entrySet()) {
            options.param(parameter.getKey(), parameter.getValue());
        }
        Runner runner = new Runner(
                options.build(), OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL));
        Collection<RunResult> results = runner.run();
        return results.stream()
                .flatMap(result -> result.getBenchmarkResults().stream())
                .flatMap(fork -> fork.getIterationResults().stream())
                .map(iteration -> iteration(measure, iteration))
                .toList();
    }

    private static Measurement.Iteration iteration(Measure measure, IterationResult result) {
        Map<Metric, Measurement.Pair> figures = new EnumMap<>(Metric.class);
        for (Metric metric : measure.metrics()) {
            double ours = measure == Measure.SERVICE
                    ? metric.ofReport(name -> secondary(result, name))
                    : metric.ofJmh(result.getPrimaryResult());
            figures.put(metric, new Measurement.Pair(ours, secondary(result, NativeBaseline.resultName(metric))));
        }
        long calls = result.getMetadata().getAllOps();
        return new Measurement.Iteration(
                figures,
                secondary(result, ALLOCATION) * calls,
                measure == Measure.SERVICE ? secondary(result, "operations") : calls);
    }

    private static double secondary(IterationResult result, String name) {
        Result<?> found = result.getSecondaryResults().get(name);
        if (found == null) {
            throw new IllegalStateException(
                    "JMH reports no " + name + ", but " + result.getSecondaryResults().keySet());
        }
        return found.getScore();
    }
}
