package io.uring4j.bench.report;

import io.uring4j.bench.run.Metric;
import java.util.Map;

/**
 * One comparison with one baseline, as latest.json has it.
 *
 * @param name the row
 * @param variant the row's variant
 * @param value this library's figure
 * @param unit of both figures
 * @param baseline what it is compared with
 * @param baselineValue the baseline's figure
 * @param ratio above 1 is better for this library. It comes from neighbours in time, so it isn't exactly the
 *     quotient of the two figures, which are medians of the whole run
 * @param goal the ratio to reach; absent if there is none
 * @param bound what the value is to be: at least if it is a rate, at most if it is a time; absent if there is none
 * @param allocation bytes that this library allocates on the Java heap per operation
 * @param kernel the release of the kernel
 * @param params what the figures were measured with
 */
public record Entry(
        String name,
        String variant,
        double value,
        String unit,
        String baseline,
        double baselineValue,
        double ratio,
        Double goal,
        Double bound,
        double allocation,
        String kernel,
        Map<String, Object> params) {
    private static final String RATE_UNIT = Metric.RATE.unit();

    boolean hasGoal() {
        return goal != null || bound != null;
    }

    boolean reachesGoal() {
        return (goal == null || ratio >= goal) && (bound == null || (isRate() ? value >= bound : value <= bound));
    }

    boolean isRate() {
        return unit.equals(RATE_UNIT);
    }

    /** This entry with a bound; null is none. */
    Entry bounded(Double newBound) {
        return new Entry(
                name, variant, value, unit, baseline, baselineValue, ratio, goal, newBound, allocation, kernel, params);
    }
}
