package io.uring4j;

/** How often a test repeats what it looks for: on an emulated processor a part of it. */
public final class Rounds {
    private static final int PERCENT = Integer.getInteger("uring4j.test.load", 100);

    private Rounds() {}

    /** So many, or the percentage of it that the system property {@code uring4j.test.load} allows. */
    public static int of(int rounds) {
        return (int) Math.max(1, (long) rounds * PERCENT / 100);
    }

    /** The same, and a fifth of it where a submission thread takes half of the only processor. */
    public static int withSubmissionThread(int rounds) {
        return PERCENT == 100 ? rounds : Math.max(1, of(rounds) / 5);
    }
}
