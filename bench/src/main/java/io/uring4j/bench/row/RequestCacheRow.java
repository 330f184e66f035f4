package io.uring4j.bench.row;

import io.uring4j.bench.loop.LoopNopBenchmark;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What it spares to use the objects of operations again. */
final class RequestCacheRow implements Row {
    private static final String WITHOUT = "without the cache";
    private static final double GOAL = 1.1;

    @Override
    public String name() {
        return "request-cache";
    }

    @Override
    public String description() {
        return "NOPs as in nop-loop: with the loop's request cache, and with a new object for each operation.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            case HEADLINE -> new Schedule(2, 5, 5, 250);
            case FULL -> new Schedule(10, 6, 10, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        return List.of(new Comparison(
                Measure.THROUGHPUT,
                "callbacks",
                LoopNopRow.params(),
                LoopNopRow.baseline(NativeSetup.asBest()),
                Contender.ours(LoopNopBenchmark.class, Map.of("cached", "true"), 0),
                List.of(new Contender(WITHOUT, LoopNopBenchmark.class, Map.of("cached", "false"), 0)),
                Map.of(WITHOUT, GOAL)));
    }

    @Override
    public Chart chart() {
        return new BarChart("NOPs per second");
    }
}
