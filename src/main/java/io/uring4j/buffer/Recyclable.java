package io.uring4j.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A link of a {@link Recycler}'s lists. It has a field for each list, because a program that releases
 * twice at once, on two threads, would otherwise tie the lists into a knot.
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

    /** In the cache list: the next, and whether this is in it. Only the owner's thread touches these. */
    @Nullable Recyclable nextInCache;

    boolean inCache;

    /** In the comp list: the next, written before this is pushed. */
    @Nullable Recyclable nextInComp;

    private volatile boolean inComp;

    /** True for the one thread that may push this to the comp list. */
    final boolean claimForComp() {
        return IN_COMP.compareAndSet(this, false, true);
    }

    final boolean isInComp() {
        return (boolean) IN_COMP.getOpaque(this);
    }

    /** The owner has taken this out of the comp list. */
    final void leaveComp() {
        IN_COMP.setRelease(this, false);
    }
}
