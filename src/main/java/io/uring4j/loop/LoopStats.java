package io.uring4j.loop;

import io.uring4j.RingStats;

/**
 * What a loop has done so far.
 *
 * @param live how many operations were started and haven't ended
 * @param ended how many operations have ended
 * @param staleCompletions how many completions came that belong to no operation, and were dropped
 * @param failures how often handlers and tasks have thrown
 * @param fullQueues how often the submission queue was full, so that entries went to the kernel early
 * @param wakeUps how often other threads have woken the loop
 * @param turns how often the loop has looked for completions
 * @param requests what the request cache holds and has done
 * @param ring what the ring has done
 */
public record LoopStats(
        int live,
        long ended,
        long staleCompletions,
        long failures,
        long fullQueues,
        long wakeUps,
        long turns,
        RequestCacheStats requests,
        RingStats ring) {}
