package io.uring4j.bench.row;

import io.uring4j.bench.file.AsynchronousFileChannelBenchmark;
import io.uring4j.bench.file.DataFile;
import io.uring4j.bench.file.FileChannelBenchmark;
import io.uring4j.bench.file.FileReadBenchmark;
import io.uring4j.bench.file.ReadTask;
import io.uring4j.bench.report.Chart;
import io.uring4j.bench.report.LineChart;
import io.uring4j.bench.run.Comparison;
import io.uring4j.bench.run.Contender;
import io.uring4j.bench.run.Measure;
import io.uring4j.bench.run.NativeProgram;
import io.uring4j.bench.run.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Random reads of a file at several queue depths, from the page cache and past it. */
final class FileReadRow implements Row {
    private static final String FILE_CHANNEL = "FileChannel";
    private static final String ASYNCHRONOUS_FILE_CHANNEL = "AsynchronousFileChannel";
    private static final String DEPTH = "depth";
    private static final double NATIVE_GOAL = 0.97;
    private static final double JAVA_GOAL = 1.0;
    private static final int JAVA_GOAL_FROM_DEPTH = 8;

    /** Keeps the cost of a call of the benchmark method out, without making slow reads overrun an iteration. */
    private static final int READS_PER_INVOCATION = 256;

    /** More where a call starts and ends with nothing in flight. */
    private static int readsPerAsynchronousInvocation(int depth) {
        return Math.max(1024, 64 * depth);
    }

    @Override
    public String name() {
        return "file-read";
    }

    @Override
    public String description() {
        return "Random reads of 4 KiB from a file of " + (DataFile.SIZE >> 20) + " MiB, with 1 to 128 in flight. "
                + "FileChannel has one in flight at any depth; AsynchronousFileChannel has a thread for each.";
    }

    @Override
    public Schedule schedule(Effort effort) {
        return switch (effort) {
            case HEADLINE -> new Schedule(1, 5, 5, 150);
            case FULL -> new Schedule(3, 5, 8, 300);
        };
    }

    @Override
    public List<Comparison> comparisons(Effort effort, Site site) throws IOException {
        DataFile file = DataFile.in(site.dataDirectory());
        NativeSetup setup = NativeSetup.asBest();
        List<Integer> depths =
                switch (effort) {
                    case HEADLINE -> List.of(1, 8, 32, 128);
                    case FULL -> List.of(1, 2, 4, 8, 16, 32, 64, 128);
                };
        List<Comparison> comparisons = new ArrayList<>();
        depths.forEach(depth -> comparisons.add(comparison("page-cache", file.path(), false, depth, setup)));
        Optional<String> refusal = file.directRefusal();
        if (refusal.isPresent()) {
            site.skip(name() + " o-direct", refusal.get());
        } else {
            depths.forEach(depth -> comparisons.add(comparison("o-direct", file.path(), true, depth, setup)));
        }
        return comparisons;
    }

    private static Comparison comparison(String variant, Path file, boolean direct, int depth, NativeSetup setup) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("file", file.toString());
        arguments.put("direct", direct ? "1" : "0");
        arguments.put("depth", Integer.toString(depth));
        setup.putInto(arguments);
        Map<String, String> task = Map.of(
                ReadTask.FILE, file.toString(),
                ReadTask.DIRECT, Boolean.toString(direct),
                ReadTask.DEPTH, Integer.toString(depth));
        return new Comparison(
                Measure.THROUGHPUT,
                variant,
                Map.of(DEPTH, depth),
                new NativeProgram("file_read", arguments),
                Contender.ours(FileReadBenchmark.class, task, READS_PER_INVOCATION),
                List.of(
                        new Contender(FILE_CHANNEL, FileChannelBenchmark.class, task, READS_PER_INVOCATION),
                        new Contender(
                                ASYNCHRONOUS_FILE_CHANNEL,
                                AsynchronousFileChannelBenchmark.class,
                                task,
                                readsPerAsynchronousInvocation(depth))),
                goals(depth));
    }

    private static Map<String, Double> goals(int depth) {
        return depth < JAVA_GOAL_FROM_DEPTH
                ? Map.of(NativeProgram.label(), NATIVE_GOAL)
                : Map.of(
                        NativeProgram.label(), NATIVE_GOAL,
                        FILE_CHANNEL, JAVA_GOAL,
                        ASYNCHRONOUS_FILE_CHANNEL, JAVA_GOAL);
    }

    @Override
    public Chart chart() {
        return new LineChart("reads of 4 KiB per second", DEPTH, "reads in flight");
    }
}
