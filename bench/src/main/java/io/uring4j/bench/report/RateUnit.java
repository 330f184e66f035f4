package io.uring4j.bench.report;

/** The unit of an axis of rates, so that its numbers stay short. */
enum RateUnit {
    MILLIONS(1e6, "millions"),
    THOUSANDS(1e3, "thousands"),
    ONES(1, "");

    private final double factor;
    private final String word;

    RateUnit(double factor, String word) {
        this.factor = factor;
        this.word = word;
    }

    static RateUnit of(double largest) {
        for (RateUnit unit : values()) {
            if (largest >= 2 * unit.factor) {
                return unit;
            }
        }
        return ONES;
    }

    double factor() {
        return factor;
    }

    /** Names an axis. */
    String title(String quantity) {
        return word.isEmpty() ? quantity : quantity + ", " + word;
    }
}
