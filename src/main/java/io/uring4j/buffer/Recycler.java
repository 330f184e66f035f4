package io.uring4j.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Gets back from any thread what one thread, the owner, has handed out:
 *
 * <ul>
 *   <li>On the owner's thread a release needs no synchronisation at all.
 *   <li>{@code comp}, after the kernel's {@code io_buffers_comp}, takes what other threads release: a push is
 *       one compare-and-set. The owner takes the whole list with one exchange when it runs short. Nothing
 *       is ever taken from the middle or put back, so there is no ABA problem.
 * </ul>
 *
 * <p>A second release is refused. Of two releases at once, on the owner's thread and on another, both may
 * seem to succeed; the owner then finds in the comp list what it has had back, counts it, and drops it.
 *
 * @param <T> what is recycled
 */
abstract class Recycler<T extends Recyclable> {
    private static final VarHandle COMP;

    static {
        try {
            COMP = MethodHandles.lookup().findVarHandle(Recycler.class, "comp", Recyclable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread owner;
    private volatile @Nullable Recyclable comp;
    private long splices;
    private long doubleReleases;

    Recycler(Thread owner) {
        this.owner = owner;
    }

    final Thread owner() {
        return owner;
    }

    final boolean isOwner() {
        return Thread.currentThread() == owner;
    }

    /** Called on the owner's thread for each object that is back. */
    abstract void returned(T object);

    /** Called on the releasing thread after an object was pushed to the comp list. */
    abstract void releasedElsewhere();

    /**
     * Gives an object back, on any thread.
     *
     * @throws IllegalStateException if it has been given back already
     */
    final void release(T object) {
        if (isOwner()) {
            releaseHere(object);
        } else {
            releaseElsewhere(object);
        }
    }

    /** Gives back on the owner's thread. */
    final void releaseHere(T object) {
        retire(object);
        returned(object);
    }

    /** Marks what is given back on the owner's thread, of which {@link #returned} isn't told. */
    static void retire(Recyclable object) {
        if (object.isReleased()) {
            throw releasedTwice(object);
        }
        object.rest();
    }

    /** Gives back on another thread. */
    final void releaseElsewhere(T object) {
        if (object.isResting() || !object.claimForComp()) {
            throw releasedTwice(object);
        }
        // The owner may have had it back between the look and the claim. The claim can't be undone, since
        // the owner may have seen it; the next splice undoes it.
        boolean late = object.isResting();
        Recyclable top;
        do {
            top = comp;
            object.nextInComp = top;
        } while (!COMP.compareAndSet(this, top, object));
        if (late) {
            throw releasedTwice(object);
        }
        releasedElsewhere();
    }

    private static IllegalStateException releasedTwice(Recyclable object) {
        return new IllegalStateException(object + " has been released already");
    }

    /** Takes over the whole comp list, on the owner's thread. */
    @SuppressWarnings("unchecked") // only release puts objects in, and it takes a T
    final void splice() {
        if (comp == null) {
            return;
        }
        splices++;
        Recyclable next = (Recyclable) COMP.getAndSet(this, null);
        while (next != null) {
            Recyclable object = next;
            next = object.nextInComp;
            object.nextInComp = null;
            boolean releasedHereToo = object.isResting();
            object.rest();
            // After all that a second release looks at: from here on another thread may push it again.
            object.leaveComp();
            if (releasedHereToo) {
                doubleReleases++;
            } else {
                returned((T) object);
            }
        }
    }

    /** How often other threads' releases were taken over. */
    final long splices() {
        return splices;
    }

    /** How many releases came twice at once and were dropped here. */
    final long doubleReleases() {
        return doubleReleases;
    }
}
