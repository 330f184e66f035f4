package io.uring4j;

/**
 * What a ring has done since it was opened. Counted in plain fields by the threads that use the ring,
 * so a snapshot that another thread takes may be a little old.
 *
 * @param enters calls of io_uring_enter, failed ones too
 * @param submitted entries that the kernel has taken
 * @param completed completions that were read
 * @param overflows times that a full completion queue was seen and flushed
 * @param shortSubmits submissions of which the kernel took only a part
 * @param wakeUps times that the submission thread was woken
 * @param interruptions waits that a signal interrupted, and that were resumed
 */
public record RingStats(
        long enters,
        long submitted,
        long completed,
        long overflows,
        long shortSubmits,
        long wakeUps,
        long interruptions) {}
