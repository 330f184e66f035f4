package io.uring4j.loop;

/**
 * How many operations have started and ended; on the loop's thread. What goes the usual way isn't counted one by one, for
 * each counter would cost a NOP some thousandths of its time. It follows from what is known without: how many
 * operations were {@linkplain Submitter#noted noted}, how many completions were handed out, and how many objects are
 * {@linkplain OperationTable#inUse in use}. Counted is what goes another way.
 */
final class Tally {
    private final OperationTable table;
    private final Submitter submitter;
    private long startsBeside;
    private long startsElsewhere;
    private long takenBack;
    private long completions;
    private long completionsBeside;
    private long endsBeside;

    Tally(OperationTable table, Submitter submitter) {
        this.table = table;
        this.submitter = submitter;
    }

    /** Operations have started without being noted; less than 0, some were noted that hadn't just started. */
    void startedBeside(int count) {
        startsBeside += count;
    }

    /** One has started, or is about to, that was made on another thread. */
    void startedElsewhere() {
        startsElsewhere++;
    }

    /** Completions were handed out. */
    void completed(int count) {
        completions += count;
    }

    /** One of these isn't simply the end of an operation. */
    void completedBeside() {
        completionsBeside++;
    }

    /** An operation has ended, but not simply by a completion. */
    void endedBeside() {
        endsBeside++;
    }

    /** One of the loop's thread was taken back, since nobody had started it. */
    void takenBack() {
        takenBack++;
    }

    private long started() {
        return submitter.noted() + startsBeside;
    }

    /** How many have started and not ended. Within a handler, what is made and not yet started counts as live. */
    int live() {
        return table.inUse();
    }

    /** How many have ended, at any time. */
    long finished() {
        return started() - live();
    }

    /** How many objects the loop's thread has taken from the cache. */
    long taken() {
        return started() - startsElsewhere + takenBack;
    }

    /** Whether all that was made has started; after the handlers and tasks of a turn. */
    boolean isEven() {
        return completions - completionsBeside + endsBeside == finished();
    }
}
