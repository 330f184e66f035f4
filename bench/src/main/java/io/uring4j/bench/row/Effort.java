package io.uring4j.bench.row;

/** How thoroughly to measure. */
public enum Effort {
    /** What shows the essence, in about three minutes for all rows. */
    HEADLINE,

    /** Every parameter, and often enough to trust small differences. */
    FULL
}
