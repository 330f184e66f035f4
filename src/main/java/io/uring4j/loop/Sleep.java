package io.uring4j.loop;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether a loop sleeps, and who wakes it: one, however many have something for it.
 *
 * <pre>
 *  loop:    AWAKE → ASLEEP, looks at its queue once more, sleeps, → AWAKE
 *  others:  put something in the queue, then ASLEEP → WOKEN: who does that rings
 * </pre>
 *
 * <p>Both write first and look after that, with a full fence between: one of the two sees the other.
 */
final class Sleep {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int WOKEN = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /** The loop is about to sleep; it looks at its queue once more after that. */
    void begin() {
        state.setOpaque(ASLEEP);
        VarHandle.fullFence();
    }

    /** The loop is awake, whoever woke it. Who sees that late rings for nothing, so no fence is paid for here. */
    void end() {
        state.setOpaque(AWAKE);
    }

    /** Whether the caller, who has put something where the loop looks, must wake it. */
    boolean isToBeWoken() {
        // After the store that put it there: see the class.
        VarHandle.fullFence();
        return state.get() == ASLEEP && state.compareAndSet(ASLEEP, WOKEN);
    }
}
