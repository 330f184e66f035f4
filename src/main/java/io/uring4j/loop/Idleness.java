package io.uring4j.loop;

/**
 * Finds out that a loop has been idle for a while, and gives back then what it doesn't need. A timeout of the ring's tells,
 * of which one at most is under way: a time limit of each wait would cost each turn.
 */
final class Idleness {
    private final long nanos;
    private final RequestCache requests;
    private final Submitter submitter;
    private final Tally tally;
    private boolean armed;
    private long finishedAtStart;
    private long finishedAtTrim = -1;

    Idleness(long nanos, RequestCache requests, Submitter submitter, Tally tally) {
        this.nanos = nanos;
        this.requests = requests;
        this.submitter = submitter;
        this.tally = tally;
    }

    /** Before the loop sleeps: one that never does isn't idle. */
    void watch() {
        if (!armed && tally.finished() != finishedAtTrim && requests.isTrimmable()) {
            finishedAtStart = tally.finished();
            armed = submitter.prepareOwn(
                    entry -> entry.timeout(submitter.timespec(nanos), 0, 0).userData(UserData.IDLE));
        }
    }

    /** The time is over. */
    void timePassed() {
        armed = false;
        if (tally.finished() == finishedAtStart) {
            requests.trim();
            submitter.trim();
            finishedAtTrim = finishedAtStart;
        }
    }
}
