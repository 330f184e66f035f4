package io.uring4j.bench.echo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;

/** A server in this process, and a client in another, which tells how it was served. The server's twin is in echo.c. */
@State(Scope.Benchmark)
public class EchoBenchmark {
    @Param("LOOP")
    public EchoServer.Kind server;

    @Param("64")
    public int connections;

    @Param("128")
    public int bytes;

    /** The path of the client's program. */
    @Param("echo")
    public String client;

    private EchoServer serving;
    private EchoClient asking;

    /** What the client has told: in nanoseconds, but for the number of messages. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Report {
        public double operations;
        public double nanoseconds;
        public double p50;
        public double p99;
        public double cpu;

        void note(String name, double value) {
            switch (name) {
                case "operations" -> operations = value;
                case "nanoseconds" -> nanoseconds = value;
                case "p50" -> p50 = value;
                case "p99" -> p99 = value;
                case "cpu" -> cpu = value;
                default -> {
                    // Not asked for.
                }
            }
        }
    }

    @Setup
    public void open() throws IOException {
        serving = server.start(bytes);
        asking = new EchoClient(client, serving.port(), connections, bytes);
    }

    @TearDown
    public void close() throws IOException {
        asking.close();
        serving.close();
    }

    @Benchmark
    public void messages(Report report, IterationParams iteration) throws IOException {
        asking.ask(iteration.getTime().convertTo(TimeUnit.MILLISECONDS), report);
    }
}
