package io.uring4j.kernels;

import io.uring4j.Capabilities;
import io.uring4j.RegisterOpcode;
import io.uring4j.RingConfig;
import io.uring4j.UringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A short form of the benchmarks {@code nop}, {@code pbuf-table} and {@code eventfd}, inside a guest. Writes a line {@code
 * row|variant|value} for each result: of the first two the time of an operation in the quickest round, of the last one percentiles, all in
 * microseconds. On an emulated processor only their ratios within one guest mean something.
 */
public final class GuestBenchmarks {
    private static final int FIRST_ROUNDS = 5;
    private static final int ROUNDS = 9;
    private static final long ROUND_NANOS = 100_000_000;
    private static final double NANOS_PER_MICRO = 1000;

    private final List<String> lines = new ArrayList<>();

    private GuestBenchmarks() {}

    /** Something that is done in batches. */
    interface Work extends AutoCloseable {
        /** Does a batch; returns how many operations that were. */
        int batch() throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * Measures, and writes the results.
     *
     * @param arguments the file to write
     * @throws IOException if the kernel refuses something, or the file can't be written
     */
    public static void main(String[] arguments) throws IOException {
        GuestBenchmarks benchmarks = new GuestBenchmarks();
        benchmarks.nops();
        benchmarks.reads();
        benchmarks.registrations();
        Files.write(Path.of(arguments[0]), benchmarks.lines);
    }

    private void nops() throws IOException {
        try (Work plain = new NopWork(RingConfig.plain(NopWork.ENTRIES));
                Work best = new NopWork(RingConfig.best(NopWork.ENTRIES))) {
            compare("nop", List.of("plain", "best"), List.of(plain, best));
        }
    }

    private void reads() throws IOException {
        List<String> names = new ArrayList<>();
        List<Work> works = new ArrayList<>();
        for (ReadWork.Buffers buffers : ReadWork.Buffers.values()) {
            if (isThere(buffers)) {
                names.add(buffers.title());
                works.add(new ReadWork(buffers));
            }
        }
        compare("pbuf-table", names, works);
        for (Work work : works) {
            work.close();
        }
    }

    private static boolean isThere(ReadWork.Buffers buffers) throws UringException {
        return !buffers.isRing() || Capabilities.ofKernel().has(RegisterOpcode.REGISTER_PBUF_RING);
    }

    private void registrations() throws IOException {
        for (boolean busy : new boolean[] {false, true}) {
            EventFdTimes times = EventFdTimes.measure(busy);
            String load = busy ? " with timers" : " idle";
            percentiles("register" + load, times.register());
            percentiles("unregister" + load, times.unregister());
        }
    }

    /** Each has its turn in each round, so that what slows the machine down for a while hits all. */
    private void compare(String row, List<String> names, List<? extends Work> works) throws IOException {
        double[] quickest = new double[works.size()];
        Arrays.fill(quickest, Double.MAX_VALUE);
        for (int round = -FIRST_ROUNDS; round < ROUNDS; round++) {
            for (int i = 0; i < works.size(); i++) {
                double time = timeOfOperation(works.get(i));
                if (round >= 0) {
                    quickest[i] = Math.min(quickest[i], time);
                }
            }
        }
        for (int i = 0; i < works.size(); i++) {
            add(row, names.get(i), quickest[i]);
        }
    }

    private static double timeOfOperation(Work work) throws IOException {
        long start = System.nanoTime();
        long operations = 0;
        long now;
        do {
            operations += work.batch();
            now = System.nanoTime();
        } while (now - start < ROUND_NANOS);
        return (now - start) / NANOS_PER_MICRO / operations;
    }

    private void percentiles(String variant, long[] nanos) {
        Arrays.sort(nanos);
        add("eventfd", variant + " p50", nanos[nanos.length / 2] / NANOS_PER_MICRO);
        add("eventfd", variant + " p99", nanos[nanos.length * 99 / 100] / NANOS_PER_MICRO);
        add("eventfd", variant + " max", nanos[nanos.length - 1] / NANOS_PER_MICRO);
    }

    private void add(String row, String variant, double micros) {
        lines.add("%s|%s|%.3f".formatted(row, variant, micros));
    }
}
