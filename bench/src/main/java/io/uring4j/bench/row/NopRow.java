package io.uring4j.bench.row;

import io.uring4j.bench.nop.NopBenchmark;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the library itself costs, since a NOP costs nothing else. */
final class NopRow implements Row {
    @Override
    public String name() {
        return "nop";
    }

    @Override
    public String description() {
        return "NOPs through the raw ring in batches of " + NopBenchmark.BATCH + ", beside the same loop in C. "
                + "same-flags: both rings set up alike. defaults: each side's own defaults.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        // Several processes: how the JIT compiler lays the loop out differs from one to the next.
        return switch (effort) {
            case HEADLINE -> new Schedule(3, 6, 6, 250);
            case FULL -> new Schedule(10, 6, 10, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        return List.of(
                comparison("same-flags", NativeSetup.asBest(), 0.98),
                comparison("defaults", NativeSetup.DEFAULT, 1.0));
    }

    private static Comparison comparison(String variant, NativeSetup setup, double goal) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("entries", Integer.toString(NopBenchmark.ENTRIES));
        arguments.put("batch", Integer.toString(NopBenchmark.BATCH));
        setup.putInto(arguments);
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("ring", NopBenchmark.ENTRIES);
        params.put("batch", NopBenchmark.BATCH);
        return new Comparison(
                Measure.THROUGHPUT,
                variant,
                params,
                new NativeProgram("nop", arguments),
                Contender.ours(NopBenchmark.class, Map.of(), 0),
                List.of(),
                Map.of(NativeProgram.label(), goal));
    }

    @Override
    public Chart chart() {
        return new BarChart("NOPs per second");
    }
}
