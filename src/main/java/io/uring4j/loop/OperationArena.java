package io.uring4j.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An arena that can be closed by any thread, and whose {@link #close} waits for the operations that use its memory. So
 * it can be given to operations of loops, which refuse other arenas that can be closed.
 */
public final class OperationArena implements Arena {
    private static final Map<MemorySegment.Scope, OperationArena> OPEN = new ConcurrentHashMap<>();
    private static final int CLOSING = 1 << 31;

    private final Arena arena = Arena.ofShared();

    /** How many operations use the memory, and {@link #CLOSING}. */
    private final AtomicInteger users = new AtomicInteger();

    private volatile @Nullable Thread closer;

    private OperationArena() {}

    /** {@return a new arena} */
    public static OperationArena open() {
        OperationArena opened = new OperationArena();
        OPEN.put(opened.scope(), opened);
        return opened;
    }

    static @Nullable OperationArena of(MemorySegment.Scope scope) {
        return OPEN.get(scope);
    }

    /** Keeps the memory for an operation. */
    void hold() {
        int seen;
        do {
            seen = users.get();
            if (seen < 0) {
                throw new IllegalStateException("arena is closed");
            }
        } while (!users.compareAndSet(seen, seen + 1));
    }

    void letGo() {
        if (users.decrementAndGet() == CLOSING) {
            // Null before the closer has looked at the count itself.
            LockSupport.unpark(closer);
        }
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
        return arena.scope();
    }

    /** {@return how many operations use the memory} */
    public int users() {
        return users.get() & ~CLOSING;
    }

    /**
     * Frees the memory, after all operations that use it have ended: cancel them first, or this takes as long as they
     * do. New ones are refused from now on.
     *
     * @throws IllegalStateException if it is closed already; or on a loop's thread while operations use it, since they
     *     might be that loop's, which couldn't end them: it then stays open
     */
    @Override
    public void close() {
        if (EventLoop.current() != null) {
            if (!users.compareAndSet(0, CLOSING)) {
                throw new IllegalStateException(
                        users.get() < 0 ? "arena is closed" : users() + " operations use the arena's memory");
            }
        } else {
            if ((users.getAndAccumulate(CLOSING, (a, b) -> a | b) & CLOSING) != 0) {
                throw new IllegalStateException("arena is closed");
            }
            closer = Thread.currentThread();
            awaitUsers();
        }
        OPEN.remove(scope());
        arena.close();
    }

    /** An interruption is kept for later: the memory can't be freed earlier for it. */
    private void awaitUsers() {
        boolean interrupted = false;
        while (users.get() != CLOSING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
