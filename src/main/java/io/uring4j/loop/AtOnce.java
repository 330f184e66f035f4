package io.uring4j.loop;

/**
 * Whether what is about to be submitted completes at once, as reads from the page cache do, so that the call needn't wait: to
 * have it look for completions costs 45 ns even when they are there. When that was a mistake, another call has to wait; so
 * after one the next attempt comes only some turns later, and the more of them the later.
 */
final class AtOnce {
    private static final int MOST_TURNS = 1024;
    private static final int GROWTH = 4;

    /** After so many attempts without a mistake, the next mistake counts as the first. */
    private static final int TRUSTED = 64;

    private int turnsOff;
    private int turnsOffNext = GROWTH;
    private int successes;

    /**
     * Whether to try, once per turn.
     *
     * @param entries how many are about to be submitted
     * @param live how many operations are under way: if there are others, their completions are to be looked for
     */
    boolean isLikely(int entries, int live) {
        if (entries != live || entries == 0) {
            return false;
        }
        if (turnsOff > 0) {
            turnsOff--;
            return false;
        }
        return true;
    }

    /** It was tried. */
    void turnedOut(boolean completed) {
        if (completed) {
            if (++successes == TRUSTED) {
                turnsOffNext = GROWTH;
            }
        } else {
            successes = 0;
            turnsOff = turnsOffNext;
            turnsOffNext = Math.min(turnsOffNext * GROWTH, MOST_TURNS);
        }
    }
}
