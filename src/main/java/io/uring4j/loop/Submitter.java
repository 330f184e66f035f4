package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.SubmissionQueue;
import io.uring4j.TimeoutFlags;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts operations into the submission queue, on the loop's thread. When that is full, what is in it goes to the kernel
 * at once; what still finds no room waits here, in order.
 */
final class Submitter {
    private final Ring ring;
    private final SubmissionQueue queue;
    private final Timespecs timespecs;

    /** Operations and chains, by their first. */
    private final ArrayDeque<Operation> waiting = new ArrayDeque<>();

    /** Operations that couldn't be prepared; they end when the turn is over, since a handler must not run within a start. */
    private final ArrayDeque<Operation> refused = new ArrayDeque<>();

    /** How many entries there is surely room for. */
    private int room;

    private long fullQueues;

    Submitter(Ring ring) {
        this.ring = ring;
        this.queue = ring.submissions();
        this.timespecs = new Timespecs(queue.capacity());
        this.room = queue.spaceLeft();
    }

    MemorySegment timespec(long nanos) {
        return timespecs.of(nanos);
    }

    /**
     * Prepares an operation, or all of a chain, or lets it wait.
     *
     * @throws RuntimeException if a single operation can't be prepared: the kernel lacks it
     */
    void submit(Operation operation) {
        int entries = (operation.mode & (Operation.TIMED | Operation.CHAINED)) == 0 ? 1 : entriesOf(operation);
        if (waiting.isEmpty() && hasRoom(entries)) {
            prepareAll(operation);
        } else {
            waiting.addLast(operation);
        }
    }

    /** As {@link #submit}, for an operation that nobody is told of but by its end. */
    void submitOrRefuse(Operation operation) {
        try {
            submit(operation);
        } catch (RuntimeException e) {
            refuse(operation, e);
        }
    }

    private void refuse(Operation operation, RuntimeException reason) {
        operation.failure = reason;
        operation.result = -(reason instanceof UnsupportedOperationException ? Errno.EOPNOTSUPP : Errno.EINVAL).number();
        refused.addLast(operation);
    }

    static int entriesOf(Operation first) {
        int count = 0;
        for (Operation operation = first; operation != null; operation = operation.next) {
            count += operation.entries();
        }
        return count;
    }

    private boolean hasRoom(int entries) {
        if (room >= entries) {
            return true;
        }
        fullQueues++;
        try {
            ring.submit();
        } catch (UringException e) {
            // The loop's own next call meets it too, and ends the loop.
        }
        room = queue.spaceLeft();
        return room >= entries;
    }

    private void prepareAll(Operation first) {
        if ((first.mode & Operation.CHAINED) == 0) {
            prepare(first);
            return;
        }
        Operation operation = first;
        while (operation != null) {
            Operation following = operation.next;
            operation.next = null;
            try {
                prepare(operation);
            } catch (RuntimeException e) {
                breakChain(operation, e, following);
                return;
            }
            operation = following;
        }
    }

    /** The entry before is linked to the next, whatever that is: it must be one that belongs to nobody. */
    private void breakChain(Operation failed, RuntimeException reason, @Nullable Operation rest) {
        queue.next().nop().userData(UserData.NOBODY);
        room--;
        refuse(failed, reason);
        Operation operation = rest;
        while (operation != null) {
            Operation following = operation.next;
            operation.next = null;
            operation.result = -Errno.ECANCELED.number();
            refused.addLast(operation);
            operation = following;
        }
    }

    private void prepare(Operation operation) {
        Sqe entry = queue.next();
        operation.preparation.fill(entry, operation);
        entry.userData(operation.token);
        room--;
        if (operation.modifiers != 0) {
            modify(entry, operation.modifiers);
        }
        if ((operation.mode & Operation.TIMED) != 0) {
            limitTime(entry, operation);
        }
    }

    private static void modify(Sqe entry, int modifiers) {
        if ((modifiers & Operation.DIRECT) != 0) {
            entry.fixedFile();
        }
        if ((modifiers & Operation.ASYNC) != 0) {
            entry.async();
        }
        link(entry, modifiers);
    }

    private static void link(Sqe entry, int modifiers) {
        if ((modifiers & Operation.LINK) != 0) {
            entry.link();
        }
        if ((modifiers & Operation.HARD_LINK) != 0) {
            entry.hardLink();
        }
    }

    private void limitTime(Sqe entry, Operation operation) {
        entry.link();
        Sqe limit = queue.next().linkTimeout(timespec(operation.deadline), TimeoutFlags.ABSOLUTE);
        link(limit.userData(operation.token | UserData.TIME_LIMIT), operation.modifiers);
        room--;
        operation.timerPending = true;
        operation.timedOut = false;
        operation.ended = false;
    }

    /** Prepares an entry that belongs to no operation, behind all others; false if there is no room. */
    boolean prepareOwn(Consumer<Sqe> preparation) {
        if (!waiting.isEmpty() || !hasRoom(1)) {
            return false;
        }
        preparation.accept(queue.next());
        room--;
        return true;
    }

    /** What couldn't be prepared since this was last asked. */
    @Nullable Operation nextRefused() {
        return refused.pollFirst();
    }

    /** Prepares what waits, as far as there is room, after the kernel has taken entries. */
    void afterSubmission() {
        room = queue.spaceLeft();
        while (!waiting.isEmpty() && room >= entriesOf(waiting.getFirst())) {
            Operation operation = waiting.removeFirst();
            try {
                prepareAll(operation);
            } catch (RuntimeException e) {
                refuse(operation, e);
            }
        }
    }

    /** Looks at the room anew, after somebody else has prepared entries. */
    void refreshRoom() {
        room = queue.spaceLeft();
    }

    /** Whether there is something left to prepare, or to be told of. */
    boolean hasBacklog() {
        return !waiting.isEmpty() || !refused.isEmpty();
    }

    boolean isStuck() {
        return !waiting.isEmpty() && room == 0;
    }

    /** How often the submission queue was full. */
    long fullQueues() {
        return fullQueues;
    }

    int capacity() {
        return queue.capacity();
    }
}
