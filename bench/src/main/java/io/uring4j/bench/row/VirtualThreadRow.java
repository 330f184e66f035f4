package io.uring4j.bench.row;

import io.uring4j.bench.echo.EchoBenchmark;
import io.uring4j.bench.echo.EchoServer;
import io.uring4j.bench.file.DataFile;
import io.uring4j.bench.file.ManyReadsBenchmark;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Blocking calls on many virtual threads. */
final class VirtualThreadRow implements Row {
    private static final String CHANNELS = "java.nio";
    private static final String CALLBACKS = "our callbacks";
    private static final int DEPTH = 128;
    private static final double CHANNEL_GOAL = 1.2;
    private static final double CALLBACK_GOAL = 0.8;

    @Override
    public String name() {
        return "vthread";
    }

    @Override
    public String description() {
        return "Blocking calls on virtual threads, one loop behind them, beside java.nio's and our own callbacks. echo: "
                + "the server of that row, with a virtual thread per connection. reads: " + ManyReadsBenchmark.THREADS
                + " virtual threads that read 4 KiB each from the page cache again and again (C: " + DEPTH + " in flight).";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            // Warm as late as in the row of echo.
            case HEADLINE -> new Schedule(1, 8, 4, 250);
            case FULL -> new Schedule(4, 4, 8, 500);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        NativeSetup setup = NativeSetup.asBest();
        int connections = effort == Effort.FULL ? 1000 : 512;
        return List.of(echo(connections, setup), reads(DataFile.in(site.dataDirectory()).path(), setup));
    }

    private static Comparison echo(int connections, NativeSetup setup) {
        return new Comparison(
                Measure.SERVICE,
                "echo",
                Map.of("threads", connections),
                EchoRow.baseline(connections, setup),
                Contender.ours(
                        EchoBenchmark.class, EchoRow.parameters(EchoServer.Kind.LOOP_BLOCKING, connections), 0),
                List.of(
                        new Contender(
                                CHANNELS,
                                EchoBenchmark.class,
                                EchoRow.parameters(EchoServer.Kind.CHANNEL_BLOCKING, connections),
                                0),
                        new Contender(
                                CALLBACKS,
                                EchoBenchmark.class,
                                EchoRow.parameters(EchoServer.Kind.LOOP, connections),
                                0)),
                Map.of(CHANNELS, CHANNEL_GOAL, CALLBACKS, CALLBACK_GOAL));
    }

    private static Comparison reads(Path file, NativeSetup setup) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("file", file.toString());
        arguments.put("direct", "0");
        arguments.put("depth", Integer.toString(DEPTH));
        setup.putInto(arguments);
        return new Comparison(
                Measure.THROUGHPUT,
                "reads",
                Map.of("threads", ManyReadsBenchmark.THREADS),
                new NativeProgram("file_read", arguments),
                Contender.ours(ManyReadsBenchmark.class, reading(ManyReadsBenchmark.How.BLOCKING, file), 0),
                List.of(
                        new Contender(
                                CHANNELS, ManyReadsBenchmark.class, reading(ManyReadsBenchmark.How.CHANNEL, file), 0),
                        new Contender(
                                CALLBACKS,
                                ManyReadsBenchmark.class,
                                reading(ManyReadsBenchmark.How.CALLBACKS, file),
                                0)),
                Map.of(CHANNELS, CHANNEL_GOAL, CALLBACKS, CALLBACK_GOAL));
    }

    private static Map<String, String> reading(ManyReadsBenchmark.How how, Path file) {
        return Map.of("how", how.name(), "file", file.toString());
    }

    @Override
    public Chart chart() {
        return new BarChart("operations per second", EchoRow.notRates());
    }
}
