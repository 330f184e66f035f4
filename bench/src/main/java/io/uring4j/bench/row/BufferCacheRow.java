package io.uring4j.bench.row;

import io.uring4j.bench.buffer.BufferCacheBenchmark;
import io.uring4j.bench.buffer.BufferSource;
import io.uring4j.bench.buffer.BufferedReadBenchmark;
import io.uring4j.bench.buffer.CrossThreadReleaseBenchmark;
import io.uring4j.bench.buffer.LeaseBenchmark;
import io.uring4j.bench.report.BarChart;
import io.uring4j.bench.report.Chart;
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

/** What recycling buffers spares: alone, across threads, and around reads. */
final class BufferCacheRow implements Row {
    private static final String ALLOCATING = "allocating each";
    private static final double GOAL = 1.1;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MOST_NANOS = 5;
    private static final double MOST_NANOS_ACROSS_THREADS = 50;

    @Override
    public String name() {
        return "buffer-cache";
    }

    @Override
    public String description() {
        return "Acquiring and releasing buffers of 4 KiB: from a cache, beside an arena for each buffer, and malloc in "
                + "C. At once, which is to take less than 5 ns; written to and released on the same thread; on another thread, "
                + "which is to take less than 50 ns; and around a read of " + BufferedReadBenchmark.LENGTH
                + " bytes of /dev/zero.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            case HEADLINE -> new Schedule(2, 5, 4, 150);
            case FULL -> new Schedule(5, 6, 8, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        Map<String, String> reads = new LinkedHashMap<>();
        reads.put("entries", Integer.toString(BufferedReadBenchmark.ENTRIES));
        reads.put("length", Integer.toString(BufferedReadBenchmark.LENGTH));
        NativeSetup.asBest().putInto(reads);
        return List.of(
                atOnce(),
                comparison("same-thread", BufferCacheBenchmark.class, BufferSource.Kind.CONFINED_ARENA, Map.of()),
                comparison(
                        "other-thread",
                        CrossThreadReleaseBenchmark.class,
                        BufferSource.Kind.SHARED_ARENA,
                        Map.of("batches", Integer.toString(CrossThreadReleaseBenchmark.BATCHES)))
                        .bounded(Metric.RATE, NANOS_PER_SECOND / MOST_NANOS_ACROSS_THREADS),
                comparison("reads", BufferedReadBenchmark.class, BufferSource.Kind.CONFINED_ARENA, reads));
    }

    private static Comparison atOnce() {
        return new Comparison(
                        Measure.THROUGHPUT,
                        "at once",
                        Map.of("batch", 1),
                        new NativeProgram("buffer_cache", Map.of("what", "same-thread", "batch", "1")),
                        Contender.ours(LeaseBenchmark.class, Map.of(), 0),
                        List.of(),
                        Map.of())
                .bounded(Metric.RATE, NANOS_PER_SECOND / MOST_NANOS);
    }

    private static Comparison comparison(
            String variant, Class<?> benchmark, BufferSource.Kind allocating, Map<String, String> nativeArguments) {
        Map<String, String> arguments = new LinkedHashMap<>(nativeArguments);
        arguments.put("what", variant);
        arguments.put("batch", Integer.toString(BufferCacheBenchmark.BATCH));
        return new Comparison(
                Measure.THROUGHPUT,
                variant,
                Map.of("batch", BufferCacheBenchmark.BATCH),
                new NativeProgram("buffer_cache", arguments),
                Contender.ours(benchmark, source(BufferSource.Kind.CACHE), 0),
                List.of(new Contender(ALLOCATING, benchmark, source(allocating), 0)),
                Map.of(ALLOCATING, GOAL));
    }

    private static Map<String, String> source(BufferSource.Kind kind) {
        return Map.of("source", kind.name());
    }

    @Override
    public Chart chart() {
        return new BarChart("buffers per second");
    }
}
