package io.uring4j.bench.run;

/**
 * How long to measure.
 *
 * @param rounds how often each contender gets a process of its own; within a round they take turns
 * @param warmups iterations before any counts
 * @param iterations iterations that count, each with its native neighbour
 * @param millis how long an iteration lasts
 */
public record Schedule(int rounds, int warmups, int iterations, int millis) {
    private static final double START_SECONDS = 0.7;

    /** About how many seconds a comparison of so many contenders takes. */
    double seconds(int contenders) {
        return rounds * contenders * (START_SECONDS + (warmups + 2 * iterations) * millis / 1000.0);
    }
}
