package io.uring4j.bench.row;

import io.uring4j.bench.buffer.ProvidedBufferBenchmark;
import io.uring4j.bench.buffer.ProvidedBufferBenchmark.Kind;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of the kernel's "ring mapped provided buffers", with the same five rows. */
final class ProvidedBufferRow implements Row {
    private static final double GOAL = 0.95;

    /** To give buffers back one by one is to cost next to nothing. */
    private static final double GOAL_OF_SINGLES = 0.97;

    private static final String IN_BATCHES = "uring4j, ring 32";

    @Override
    public String name() {
        return "pbuf-table";
    }

    @Override
    public String description() {
        return "Reads of one byte of /dev/zero, " + ProvidedBufferBenchmark.BATCH + " at a time: without provided "
                + "buffers, with the older kind and with a buffer ring, given back 32 or 1 at a time. The byte is "
                + "looked at in its buffer, as in C; or by a lease, which may outlive the look.";
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
        NativeSetup setup = NativeSetup.asBest();
        return List.of(
                comparison("none", Kind.NONE, 32, setup),
                comparison("legacy 32", Kind.LEGACY, 32, setup),
                comparison("legacy 1", Kind.LEGACY, 1, setup),
                comparison("ring 32", Kind.RING, 32, setup),
                comparison("ring 1", Kind.RING, 1, setup));
    }

    private static Comparison comparison(String variant, Kind kind, int replenish, NativeSetup setup) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("entries", Integer.toString(ProvidedBufferBenchmark.ENTRIES));
        arguments.put("batch", Integer.toString(ProvidedBufferBenchmark.BATCH));
        arguments.put("kind", kind.name().toLowerCase(Locale.ROOT));
        arguments.put("replenish", Integer.toString(replenish));
        setup.putInto(arguments);
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("ring", ProvidedBufferBenchmark.ENTRIES);
        params.put("batch", ProvidedBufferBenchmark.BATCH);
        List<Contender> peers = new ArrayList<>();
        if (kind != Kind.NONE) {
            peers.add(contender("uring4j, leases", kind, replenish, true));
        }
        if (kind == Kind.RING && replenish == 1) {
            peers.add(contender(IN_BATCHES, kind, ProvidedBufferBenchmark.BATCH, false));
        }
        return new Comparison(
                Measure.THROUGHPUT,
                variant,
                params,
                new NativeProgram("provided_buffers", arguments),
                contender(Contender.OURS, kind, replenish, false),
                peers,
                Map.of(NativeProgram.label(), GOAL, IN_BATCHES, GOAL_OF_SINGLES));
    }

    private static Contender contender(String label, Kind kind, int replenish, boolean lent) {
        return new Contender(label, ProvidedBufferBenchmark.class, parameters(kind, replenish, lent), 0);
    }

    private static Map<String, String> parameters(Kind kind, int replenish, boolean lent) {
        return Map.of(
                "kind", kind.name(), "replenish", Integer.toString(replenish), "lent", Boolean.toString(lent));
    }

    @Override
    public Chart chart() {
        return new BarChart("reads per second");
    }
}
