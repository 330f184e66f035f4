package io.uring4j.bench.row;

import io.uring4j.Capabilities;
import io.uring4j.RegisterOpcode;
import io.uring4j.bench.notify.EventFdBenchmark;
import io.uring4j.bench.notify.EventFdBenchmark.Operation;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.Metric;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How long it takes to give a ring an eventfd and to take it away, while requests are in flight. */
final class EventFdRow implements Row {
    private static final double GOAL = 0.67;
    private static final double MOST_MICROS = 10;
    private static final int TIMERS = 128;
    private static final int MICROS = 1000;

    @Override
    public String name() {
        return "eventfd";
    }

    @Override
    public String description() {
        return "Registering an eventfd with a ring, and unregistering it: idle, and with " + TIMERS + " reads and "
                + TIMERS + " timers of 1 ms in flight. The ratio to reach is that of the medians; the p99 is to stay under 10 µs.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            case HEADLINE -> new Schedule(1, 6, 6, 200);
            case FULL -> new Schedule(5, 6, 8, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        List<Comparison> comparisons = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            if (effort == Effort.FULL) {
                comparisons.add(comparison(operation, 0, 0));
            }
            comparisons.add(comparison(operation, reads(site), TIMERS));
        }
        return comparisons;
    }

    /** Before Linux 5.18 a change waits until all that is in flight has ended, which such reads never do. */
    private static int reads(Site site) throws IOException {
        // Came with the same kernel.
        if (Capabilities.ofKernel().has(RegisterOpcode.REGISTER_RING_FDS)) {
            return TIMERS;
        }
        site.skip("eventfd with reads in flight", "this kernel waits for them, from 5.18 on it doesn't; timers only");
        return 0;
    }

    private static Comparison comparison(Operation operation, int reads, int timers) throws IOException {
        String name = operation.name().toLowerCase(Locale.ROOT);
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("entries", Integer.toString(EventFdBenchmark.ENTRIES));
        arguments.put("operation", name);
        arguments.put("reads", Integer.toString(reads));
        arguments.put("timers", Integer.toString(timers));
        arguments.put("micros", Integer.toString(MICROS));
        NativeSetup.asBest().putInto(arguments);
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("reads", reads);
        params.put("timers", timers);
        return new Comparison(
                Measure.LATENCY,
                name + (timers == 0 ? " idle" : ""),
                params,
                new NativeProgram("eventfd", arguments),
                Contender.ours(
                        EventFdBenchmark.class,
                        Map.of(
                                "operation", operation.name(),
                                "reads", Integer.toString(reads),
                                "timers", Integer.toString(timers),
                                "micros", Integer.toString(MICROS)),
                        0),
                List.of(),
                Map.of(NativeProgram.label(), GOAL))
                .bounded(Metric.P99, MOST_MICROS);
    }

    @Override
    public Chart chart() {
        return new BarChart("µs per call", List.of(Metric.MAX.label()));
    }
}
