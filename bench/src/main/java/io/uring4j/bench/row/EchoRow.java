package io.uring4j.bench.row;

import io.uring4j.bench.echo.EchoBenchmark;
import io.uring4j.bench.echo.EchoServer;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.report.LineChart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.Metric;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A TCP server that sends back what it receives. */
final class EchoRow implements Row {
    static final int BYTES = 128;
    private static final int ENTRIES = 1024;
    private static final String CONNECTIONS = "connections";
    private static final String SELECTOR = "NIO Selector";
    private static final double NATIVE_GOAL = 0.97;
    private static final double JAVA_GOAL = 1.0;
    private static final int GOALS_FROM = 64;

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public String description() {
        return "A TCP server on one thread that sends back what it receives, over loopback: messages of " + BYTES
                + " bytes, one under way per connection, from the same client in C. The server's time is its process's, "
                + "in user and kernel mode, per message.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            // The compilers want a processor for two seconds, on a machine where server and client may have but two.
            case HEADLINE -> new Schedule(1, 8, 4, 250);
            case FULL -> new Schedule(4, 4, 8, 500);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        NativeSetup setup = NativeSetup.asBest();
        List<Integer> counts =
                switch (effort) {
                    case HEADLINE -> List.of(1, 64, 512);
                    case FULL -> List.of(1, 8, 64, 256, 512, 1024);
                };
        return counts.stream().map(count -> comparison(count, setup)).toList();
    }

    private static Comparison comparison(int connections, NativeSetup setup) {
        return new Comparison(
                Measure.SERVICE,
                "callbacks",
                Map.of(CONNECTIONS, connections),
                baseline(connections, setup),
                Contender.ours(EchoBenchmark.class, parameters(EchoServer.Kind.LOOP, connections), 0),
                List.of(new Contender(
                        SELECTOR, EchoBenchmark.class, parameters(EchoServer.Kind.SELECTOR, connections), 0)),
                connections < GOALS_FROM
                        ? Map.of()
                        : Map.of(NativeProgram.label(), NATIVE_GOAL, SELECTOR, JAVA_GOAL));
    }

    static NativeProgram baseline(int connections, NativeSetup setup) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("role", "both");
        arguments.put("connections", Integer.toString(connections));
        arguments.put("bytes", Integer.toString(BYTES));
        arguments.put("entries", Integer.toString(ENTRIES));
        setup.putInto(arguments);
        return new NativeProgram("echo", arguments);
    }

    static Map<String, String> parameters(EchoServer.Kind kind, int connections) {
        return Map.of(
                "server", kind.name(),
                "connections", Integer.toString(connections),
                "bytes", Integer.toString(BYTES),
                "client", NativeProgram.path("echo").toString());
    }

    @Override
    public Chart chart() {
        return new LineChart("messages per second", CONNECTIONS, CONNECTIONS, notRates());
    }

    /** Figures that would need an axis of their own; they are in the table. */
    static List<String> notRates() {
        return List.of(Metric.P99.label(), Metric.SERVER_CPU.label());
    }
}
