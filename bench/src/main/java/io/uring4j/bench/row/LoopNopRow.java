package io.uring4j.bench.row;

import io.uring4j.bench.loop.LoopNopBenchmark;
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

/** What the event loop costs, since a NOP costs nothing else. */
final class LoopNopRow implements Row {
    private static final double GOAL = 0.9;

    @Override
    public String name() {
        return "nop-loop";
    }

    @Override
    public String description() {
        return "NOPs through an event loop by callbacks, " + LoopNopBenchmark.IN_FLIGHT
                + " in flight, beside batches of as many through a ring in C. same-flags: both rings set up alike. "
                + "defaults: the ring in C as liburing sets it up by default.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        // Several processes: how the JIT compiler lays the loop out differs from one to the next.
        return switch (effort) {
            case HEADLINE -> new Schedule(3, 5, 5, 250);
            case FULL -> new Schedule(10, 6, 10, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        return List.of(comparison("same-flags", NativeSetup.asBest()), comparison("defaults", NativeSetup.DEFAULT));
    }

    private static Comparison comparison(String variant, NativeSetup setup) {
        return new Comparison(
                Measure.THROUGHPUT,
                variant,
                params(),
                baseline(setup),
                Contender.ours(LoopNopBenchmark.class, Map.of(), 0),
                List.of(),
                Map.of(NativeProgram.label(), GOAL));
    }

    static Map<String, Object> params() {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("ring", LoopNopBenchmark.ENTRIES);
        params.put("in flight", LoopNopBenchmark.IN_FLIGHT);
        return params;
    }

    static NativeProgram baseline(NativeSetup setup) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("entries", Integer.toString(LoopNopBenchmark.ENTRIES));
        arguments.put("batch", Integer.toString(LoopNopBenchmark.IN_FLIGHT));
        setup.putInto(arguments);
        return new NativeProgram("nop", arguments);
    }

    @Override
    public Chart chart() {
        return new BarChart("NOPs per second");
    }
}
