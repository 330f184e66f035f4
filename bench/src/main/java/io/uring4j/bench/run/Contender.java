package io.uring4j.bench.run;

import java.util.Map;

/**
 * A JMH benchmark that takes part in a comparison.
 *
 * @param label what to call it in results
 * @param benchmark the class with the one benchmark method
 * @param parameters for its {@code @Param} fields
 * @param operationsPerInvocation how many operations one call of the method stands for; 0 if the class says so
 */
public record Contender(String label, Class<?> benchmark, Map<String, String> parameters, int operationsPerInvocation) {
    /** The label of this library's own contender. */
    public static final String OURS = "uring4j";

    public static Contender ours(Class<?> benchmark, Map<String, String> parameters, int operationsPerInvocation) {
        return new Contender(OURS, benchmark, parameters, operationsPerInvocation);
    }
}
