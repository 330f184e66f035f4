package io.uring4j.bench.run;

import java.util.Locale;

/** Writes figures for people: three digits that count. */
public final class Figures {
    private Figures() {}

    /** A rate or a time, as 13.1M, 854k or 12.0. */
    public static String quantity(double value) {
        if (value >= 1e6) {
            return threeDigits(value / 1e6) + "M";
        }
        return value >= 1e3 ? threeDigits(value / 1e3) + "k" : threeDigits(value);
    }

    /** A ratio; small ones are told apart by a third decimal. */
    public static String ratio(double value) {
        return String.format(Locale.ROOT, value < 2 ? "%.3f" : "%.2f", value);
    }

    /** Bytes per operation. */
    public static String bytes(double value) {
        return value == 0 ? "0" : threeDigits(value);
    }

    private static String threeDigits(double value) {
        String format = value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
