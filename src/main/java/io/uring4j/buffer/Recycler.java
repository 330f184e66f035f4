package io.uring4j.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Objects that one thread takes and any thread gives back, in two lists after the kernel's
 * {@code io_buffers_cache} and {@code io_buffers_comp}:
 *
 * <ul>
 *   <li>{@code cache} belongs to the owner's thread: no synchronisation at all.
 *   <li>{@code comp} takes what other threads give back: a push is one compare-and-set. When the cache
 *       is empty, the owner takes the whole list with one exchange. Nothing is ever taken from the
 *       middle or put back, so there is no ABA problem.
 * </ul>
 *
 * <p>An object can't get into a list that it is in. Of two releases at once, one on the owner's thread and one on
 * another, both may seem to succeed; the owner then finds the object in both lists, counts it, and
 * hands it out once.
 *
 * @param <T> what is recycled
 */
class Recycler<T extends Recyclable> {
    private static final VarHandle COMP;

    static {
        try {
            COMP = MethodHandles.lookup().findVarHandle(Recycler.class, "comp", Recyclable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread owner;
    private @Nullable Recyclable cache;
    private volatile @Nullable Recyclable comp;
    private long hits;
    private long splices;
    private long doubleReleases;

    Recycler(Thread owner) {
        this.owner = owner;
    }

    final boolean isOwner() {
        return Thread.currentThread() == owner;
    }

    final Thread owner() {
        return owner;
    }

    /** Takes an object on the owner's thread; null when both lists are empty. */
    final @Nullable T take() {
        T taken = pop();
        if (taken != null) {
            hits++;
            return taken;
        }
        return splice() ? pop() : null;
    }

    @SuppressWarnings("unchecked") // only give puts objects in, and it takes a T
    private @Nullable T pop() {
        Recyclable top = cache;
        while (top != null) {
            cache = top.nextInCache;
            top.nextInCache = null;
            top.inCache = false;
            if (!top.isInComp()) {
                return (T) top;
            }
            // Released twice at once: it stays with the comp list, which will bring it back.
            doubleReleases++;
            top = cache;
        }
        return null;
    }

    /** Takes over the whole comp list; true when it held something for the cache. */
    final boolean splice() {
        Recyclable next = (Recyclable) COMP.getAndSet(this, null);
        if (next == null) {
            return false;
        }
        splices++;
        while (next != null) {
            Recyclable returned = next;
            next = returned.nextInComp;
            returned.nextInComp = null;
            // After the link was read: from here on another thread may push it again.
            returned.leaveComp();
            if (returned.inCache) {
                doubleReleases++;
            } else {
                accept(returned);
            }
        }
        return true;
    }

    @SuppressWarnings("unchecked") // only give puts objects in, and it takes a T
    private void accept(Recyclable returned) {
        push(returned);
        onReturn((T) returned);
    }

    /**
     * Gives an object back, on any thread.
     *
     * @throws IllegalStateException if it has been given back already
     */
    final void give(T returned) {
        if (Thread.currentThread() == owner) {
            if (returned.inCache || returned.isInComp()) {
                throw releasedTwice(returned);
            }
            push(returned);
            onReturn(returned);
        } else {
            giveFromElsewhere(returned);
        }
    }

    private void push(Recyclable returned) {
        returned.nextInCache = cache;
        returned.inCache = true;
        cache = returned;
    }

    private void giveFromElsewhere(T returned) {
        // inCache is the owner's: read here it may be old, but true only if the owner has had it back.
        if (returned.inCache || !returned.claimForComp()) {
            throw releasedTwice(returned);
        }
        Recyclable top;
        do {
            top = comp;
            returned.nextInComp = top;
        } while (!COMP.compareAndSet(this, top, returned));
        onReturnElsewhere();
    }

    private static IllegalStateException releasedTwice(Recyclable returned) {
        return new IllegalStateException(returned + " has been released already");
    }

    /** Adds a new object on the owner's thread. */
    final void add(T fresh) {
        push(fresh);
    }

    /** Called on the owner's thread for each object that comes back. */
    void onReturn(T returned) {}

    /** Called on the releasing thread after an object was pushed to the comp list. */
    void onReturnElsewhere() {}

    final long hits() {
        return hits;
    }

    final long splices() {
        return splices;
    }

    final long doubleReleases() {
        return doubleReleases;
    }
}
