package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_rsrc_update;
import io.uring4j.sys.CallState;
import io.uring4j.sys.Libc;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A ring's descriptor, and its index among the descriptors that a thread has registered. An index
 * saves the kernel the reference counting of a descriptor that threads share; only the thread that
 * registered it can use it.
 */
final class RingDescriptor {
    private static final int NONE = -1;
    private static final int REGISTERED = EnterFlag.REGISTERED_RING.bit();

    private final int fd;
    private MemorySegment submitState;
    private MemorySegment waitState;

    /** Of the ring's arena: whoever names it in a call holds the ring open for that long. */
    private final MemorySegment held;

    private final boolean owned;
    private int index = NONE;
    private @Nullable Thread indexOwner;
    private long repeatedCalls;

    /** The thread that ends the ring, whose arena is closed by then. */
    private @Nullable Thread ender;

    /**
     * @param fd the descriptor, or the index if there is only that
     * @param owned whether calls of other threads than one are refused, so that none closes the ring beneath a call
     * @param arena the ring's: a call in flight keeps it open
     */
    RingDescriptor(int fd, boolean indexOnly, boolean owned, Arena arena) {
        this.owned = owned;
        this.fd = indexOnly ? NONE : fd;
        // One for each side, because a ring's two queues may be used by two threads.
        this.submitState = CallState.allocate(arena);
        this.waitState = CallState.allocate(arena);
        this.held = submitState;
        if (indexOnly) {
            useIndex(fd);
        }
    }

    private void useIndex(int registered) {
        index = registered;
        indexOwner = Thread.currentThread();
    }

    /** For the last calls of a ring, whose own arena is closed already. */
    void callWithMemoryOf(Arena arena) {
        ender = Thread.currentThread();
        submitState = CallState.allocate(arena);
        waitState = CallState.allocate(arena);
    }

    int fd() {
        return fd;
    }

    boolean isRegistered() {
        return index != NONE;
    }

    int submit(int toSubmit, int minComplete, int flags, long argument, long size) {
        if (owned && toSubmit > 0) {
            int taken = usesIndex()
                    ? UringCalls.enterBlindly(index, toSubmit, minComplete, flags | REGISTERED, argument, size)
                    : UringCalls.enterBlindly(fd, toSubmit, minComplete, flags, argument, size);
            if (taken >= 0) {
                return taken;
            }
            // Nothing was taken: only then such a call fails. So it can be made again, to learn why.
            repeatedCalls++;
        }
        return enter(submitState, toSubmit, minComplete, flags, argument, size);
    }

    /** How many submissions entered the kernel twice, since the first call failed. */
    long repeatedCalls() {
        return repeatedCalls;
    }

    int await(int minComplete, int flags, long argument, long size) {
        return enter(waitState, 0, minComplete, flags, argument, size);
    }

    private int enter(MemorySegment state, int toSubmit, int minComplete, int flags, long argument, long size) {
        if (usesIndex()) {
            return UringCalls.enter(state, index, toSubmit, minComplete, flags | REGISTERED, argument, size);
        }
        return UringCalls.enter(state, fd, toSubmit, minComplete, flags, argument, size);
    }

    private boolean usesIndex() {
        return index != NONE && (fd == NONE || Thread.currentThread() == indexOwner);
    }

    /** io_uring_register(2) for this ring, from any thread: the ring can't be closed meanwhile. */
    int register(int opcode, long argument, int count) {
        int number = fd == NONE ? index : fd;
        int code = fd == NONE ? opcode | Abi.IORING_REGISTER_USE_REGISTERED_RING() : opcode;
        // One that comes late finds the arena closed; only who closed it goes on without.
        return Thread.currentThread() == ender
                ? UringCalls.register(number, code, argument, count)
                : UringCalls.register(held, number, code, argument, count);
    }

    /** Registers the descriptor with the current thread. */
    int registerWithThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = io_uring_rsrc_update.allocate(arena);
            io_uring_rsrc_update.offset(update, NONE);
            io_uring_rsrc_update.data(update, fd);
            int result = register(RegisterOpcode.REGISTER_RING_FDS.code(), update.address(), 1);
            if (result == 1) {
                useIndex(io_uring_rsrc_update.offset(update));
            }
            return result;
        }
    }

    /** Lets go of the index; does nothing on a thread other than its owner, whose end lets go of it too. */
    int unregisterFromThread() {
        if (index == NONE || Thread.currentThread() != indexOwner) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = io_uring_rsrc_update.allocate(arena);
            io_uring_rsrc_update.offset(update, index);
            int result = register(RegisterOpcode.UNREGISTER_RING_FDS.code(), update.address(), 1);
            index = NONE;
            indexOwner = null;
            return result;
        }
    }

    void close() {
        unregisterFromThread();
        if (fd != NONE) {
            Libc.close(fd);
        }
    }
}
