package io.uring4j.loop;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a loop has ended.
 *
 * @param finished how many operations ended by themselves after the end was asked for
 * @param cancelled how many ended because they were cancelled, or never reached the kernel
 * @param unfinished what hasn't ended in time, described; the memory of these operations is never freed, since the kernel
 *     may still use it
 * @param leaks what couldn't be given back, such as buffers that the program still holds, described
 * @param failure why the loop ended by itself, or null
 */
public record LoopOutcome(
        long finished, long cancelled, List<String> unfinished, List<String> leaks, @Nullable Throwable failure) {
    /** Keeps lists that don't change. */
    public LoopOutcome {
        unfinished = List.copyOf(unfinished);
        leaks = List.copyOf(leaks);
    }

    /** {@return whether everything has ended and was given back} */
    public boolean isClean() {
        return unfinished.isEmpty() && leaks.isEmpty() && failure == null;
    }
}
