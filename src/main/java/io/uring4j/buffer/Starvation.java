package io.uring4j.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the owner of a cache has found nothing, and what wakes it then. The owner raises the flag and looks
 * once more; another thread releases and then reads the flag: one of them sees the other.
 */
final class Starvation {
    private static final VarHandle STARVED;

    static {
        try {
            STARVED = MethodHandles.lookup().findVarHandle(Starvation.class, "starved", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Runnable wakeUp;
    private volatile boolean starved;

    /** Sets what a release runs once after the flag was raised. */
    void onRelease(Runnable action) {
        wakeUp = Objects.requireNonNull(action);
    }

    /** The owner has found nothing; it must look once more after this. */
    void raise() {
        starved = true;
    }

    /** The owner has found something after all. */
    void lower() {
        starved = false;
    }

    /** Another thread has released something. */
    void released() {
        Runnable action = wakeUp;
        // Read first, since that costs releases nothing while the owner is well.
        if (starved && action != null && (boolean) STARVED.getAndSet(this, false)) {
            action.run();
        }
    }
}
