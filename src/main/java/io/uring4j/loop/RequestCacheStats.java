package io.uring4j.loop;

/**
 * What a loop's request cache holds and has done.
 *
 * @param loop the objects of operations that are made on the loop's thread
 * @param elsewhere the objects of operations that are made on other threads
 * @param slots how many operations the loop's table has room for
 * @param fallbacks how often the spare object had to serve because memory was refused
 */
public record RequestCacheStats(Kind loop, Kind elsewhere, int slots, long fallbacks) {
    /**
     * One of the two classes of objects.
     *
     * @param available how many are at rest and will be used next, at most {@value OperationTable#MOST_RESTING}
     * @param reclaimable how many more are at rest, which the collector may take when memory is short
     * @param hits how often one was there when one was needed
     * @param misses how often one had to be allocated
     * @param trimmed how many were given up
     */
    public record Kind(int available, int reclaimable, long hits, long misses, long trimmed) {}

    /** {@return the counters by class} */
    @Override
    public String toString() {
        return "AllocCache:\n" + line("loop", loop) + line("elsewhere", elsewhere) + "  slots=" + slots + " fallbacks="
                + fallbacks;
    }

    private static String line(String name, Kind kind) {
        return "  " + name + ": available=" + kind.available + " reclaimable=" + kind.reclaimable + " hits=" + kind.hits
                + " misses=" + kind.misses + " trimmed=" + kind.trimmed + "\n";
    }
}
