package io.uring4j.bench.run;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Measures the contenders of a comparison in alternation. */
public final class ComparisonRun {
    private final Schedule schedule;
    private final Progress progress;
    private final PrintStream log;

    /**
     * @param schedule how long
     * @param progress told about each step
     * @param log takes JMH's own output
     */
    public ComparisonRun(Schedule schedule, Progress progress, PrintStream log) {
        this.schedule = schedule;
        this.progress = progress;
        this.log = log;
    }

    /** How many steps of progress a comparison has. */
    public static int steps(Comparison comparison, Schedule schedule) {
        return schedule.rounds() * comparison.contenders().size();
    }

    /** About how many seconds a comparison takes. */
    public static double seconds(Comparison comparison, Schedule schedule) {
        return schedule.seconds(comparison.contenders().size());
    }

    /** Runs it, and returns what was measured of each contender. */
    public Map<Contender, Measurement> run(String row, Comparison comparison) throws RunnerException {
        Map<Contender, Measurement> measured = new LinkedHashMap<>();
        List<Contender> order = new ArrayList<>(comparison.contenders());
        order.forEach(contender -> measured.put(contender, new Measurement()));
        for (int round = 0; round < schedule.rounds(); round++) {
            for (Contender contender : order) {
                progress.step(row, comparison, contender);
                Measurement fork = new Measurement();
                List<Measurement.Iteration> iterations =
                        ForkedRun.run(contender, comparison.measure(), comparison.baseline(), schedule, log);
                fork.add(iterations);
                progress.result(comparison.measure(), fork);
                measured.get(contender).add(iterations);
            }
            // Nobody is always the one who follows a certain other.
            Collections.reverse(order);
        }
        return measured;
    }
}
