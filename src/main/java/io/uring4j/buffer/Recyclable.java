package io.uring4j.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Recycler} hands out and gets back. It has a mark for each way back, because a program may
 * release it twice at once, on two threads: one mark would be overwritten, two tell that it happened.
 */
abstract class Recyclable {
    private static final VarHandle IN_COMP;

    static {
        try {
            IN_COMP = MethodHandles.lookup().findVarHandle(Recyclable.class, "inComp", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The next in the comp list; written before this is pushed. */
    @Nullable Recyclable nextInComp;

    /** Nobody has it. Written by the owner's thread; others read it too, and may read an old value. */
    private boolean resting = true;

    /** Another thread has released it, and the owner hasn't seen it yet. */
    private volatile boolean inComp;

    /** Hands it out, on the owner's thread; false if it is out, or stands in the comp list by mistake. */
    final boolean takeOut() {
        if (!resting || isInComp()) {
            return false;
        }
        resting = false;
        return true;
    }

    final boolean isResting() {
        return resting;
    }

    /** The owner has it back. */
    final void rest() {
        resting = true;
    }

    /** True for the one thread that may push this to the comp list. */
    final boolean claimForComp() {
        return IN_COMP.compareAndSet(this, false, true);
    }

    /**
     * Plain, on any thread: a release elsewhere that came before, as the program orders its threads, is seen, and one at the
     * same time may be missed in any case. Any stronger read keeps compilers from using again what they have read before,
     * which makes an acquire and release take half as long again.
     */
    private boolean isInComp() {
        return (boolean) IN_COMP.get(this);
    }

    /** The owner has taken this out of the comp list. Release: after its marks and links were written. */
    final void leaveComp() {
        IN_COMP.setRelease(this, false);
    }

    final boolean isReleased() {
        return resting || isInComp();
    }
}
