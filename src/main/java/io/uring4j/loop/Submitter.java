package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.SubmissionQueue;
import io.uring4j.TimeoutFlags;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts operations into the submission queue, on the loop's thread. What is started in a turn is only noted, by its slot of
 * the {@link OperationTable}; when the turn is over all of it is prepared, in order. So each of the two is small enough, and
 * flat enough, for the compiler to inline whole: the accesses to an entry are long in bytecode and deep in calls, and with
 * handlers around them some would become calls, at 50 ns per operation. When the submission queue is full, it goes to the
 * kernel at once; what still finds no room waits here.
 */
final class Submitter {
    private static final int LEAST = 256;
    private static final int SEVERAL_ENTRIES = Operation.TIMED | Operation.CHAINED;

    private final Ring ring;
    private final SubmissionQueue queue;
    private final OperationTable table;
    private final Timespecs timespecs;

    /** Slots of operations, and of chains by their first; a ring whose counters only grow. */
    private int[] noted = new int[LEAST];

    private int notedHead;
    private int notedTail;

    /** Operations that couldn't be prepared. */
    private final ArrayDeque<Operation> refused = new ArrayDeque<>();

    /** How many entries there is surely room for. */
    private int room;

    private long fullQueues;

    Submitter(Ring ring, OperationTable table) {
        this.ring = ring;
        this.queue = ring.submissions();
        this.table = table;
        this.timespecs = new Timespecs(queue.capacity());
        this.room = queue.spaceLeft();
    }

    MemorySegment timespec(long nanos) {
        return timespecs.of(nanos);
    }

    /** Notes an operation that stands in the table, or a chain by its first, to be prepared. */
    void submit(Operation operation) {
        int tail = notedTail;
        if (tail - notedHead == noted.length) {
            grow();
            tail = notedTail;
        }
        noted[tail & noted.length - 1] = OperationTable.slot(operation.token);
        notedTail = tail + 1;
    }

    private void grow() {
        int count = noted.length;
        int[] larger = new int[2 * count];
        for (int i = 0; i < count; i++) {
            larger[i] = noted[notedHead + i & count - 1];
        }
        noted = larger;
        notedHead = 0;
        notedTail = count;
    }

    /** Prepares what was noted, as far as there is room. */
    void prepareNoted() {
        while (notedHead != notedTail) {
            Operation operation = table.resident(noted[notedHead & noted.length - 1]);
            if ((operation.status & SEVERAL_ENTRIES) == 0) {
                if (room == 0 && !makeRoom(1)) {
                    return;
                }
                notedHead++;
                prepareOne(operation);
            } else {
                int entries = entriesOf(operation);
                if (room < entries && !makeRoom(entries)) {
                    return;
                }
                notedHead++;
                prepareAll(operation);
            }
        }
    }

    static int entriesOf(Operation first) {
        int count = 0;
        for (Operation operation = first; operation != null; operation = operation.next) {
            count += operation.entries();
        }
        return count;
    }

    private boolean makeRoom(int entries) {
        fullQueues++;
        try {
            ring.submit();
        } catch (UringException e) {
            // The loop's own next call meets it too, and ends the loop.
        }
        room = queue.spaceLeft();
        return room >= entries;
    }

    private void prepareOne(Operation operation) {
        try {
            prepare(operation);
        } catch (RuntimeException e) {
            refuse(operation, e);
        }
    }

    private boolean prepareOrRefuse(Operation operation) {
        try {
            Sqe entry = prepare(operation);
            if (operation.is(Operation.TIMED)) {
                limitTime(entry, operation);
            }
            return true;
        } catch (RuntimeException e) {
            refuse(operation, e);
            return false;
        }
    }

    private void refuse(Operation operation, RuntimeException reason) {
        operation.failure = reason;
        operation.result = -(reason instanceof UnsupportedOperationException ? Errno.EOPNOTSUPP : Errno.EINVAL).number();
        refused.addLast(operation);
    }

    private void prepareAll(Operation first) {
        boolean chained = first.is(Operation.CHAINED);
        Operation operation = first;
        while (operation != null) {
            Operation following = operation.next;
            operation.next = null;
            if (!prepareOrRefuse(operation)) {
                if (chained) {
                    breakChain(following);
                }
                return;
            }
            operation = following;
        }
    }

    /** The entry before is linked to the next, whatever that is: it must be one that belongs to nobody. */
    private void breakChain(@Nullable Operation rest) {
        if (rest == null) {
            // What was refused has left such an entry, and there may be room for no other.
            return;
        }
        queue.next().nop().userData(UserData.NOBODY);
        room--;
        Operation operation = rest;
        while (operation != null) {
            Operation following = operation.next;
            operation.next = null;
            operation.result = -Errno.ECANCELED.number();
            refused.addLast(operation);
            operation = following;
        }
    }

    private Sqe prepare(Operation operation) {
        Sqe entry = queue.next();
        // At once: one that can't be filled, and is refused, stays in the queue as an entry that does nothing.
        room--;
        operation.preparation.fill(entry, operation);
        entry.userData(operation.token);
        if ((operation.status & Operation.MODIFIERS) != 0) {
            modify(entry, operation.status);
        }
        return entry;
    }

    private static void modify(Sqe entry, int status) {
        if ((status & Operation.DIRECT) != 0) {
            entry.fixedFile();
        }
        // As of Linux 6.18 the time limit of what goes to a worker thread at once never starts.
        if ((status & (Operation.ASYNC | Operation.TIMED)) == Operation.ASYNC) {
            entry.async();
        }
        link(entry, status);
    }

    private static void link(Sqe entry, int status) {
        if ((status & Operation.LINK) != 0) {
            entry.link();
        }
        if ((status & Operation.HARD_LINK) != 0) {
            entry.hardLink();
        }
    }

    private void limitTime(Sqe entry, Operation operation) {
        entry.link();
        Sqe limit = queue.next().linkTimeout(timespec(operation.deadline), TimeoutFlags.ABSOLUTE);
        link(limit.userData(operation.token | UserData.TIME_LIMIT), operation.status);
        room--;
        operation.timerPending = true;
        operation.timedOut = false;
        operation.ended = false;
    }

    /** Prepares an entry that belongs to no operation, behind all that was noted; false if there is no room. */
    boolean prepareOwn(Consumer<Sqe> preparation) {
        prepareNoted();
        if (notedHead != notedTail || room == 0 && !makeRoom(1)) {
            return false;
        }
        preparation.accept(queue.next());
        room--;
        return true;
    }

    /** The next of those that couldn't be prepared. */
    @Nullable Operation nextRefused() {
        return refused.pollFirst();
    }

    /** Looks at the room anew, after the kernel has taken entries or somebody else has prepared some. */
    void refreshRoom() {
        room = queue.spaceLeft();
    }

    /** Whether there is something left to prepare, or to be told of. */
    boolean hasBacklog() {
        return notedHead != notedTail || !refused.isEmpty();
    }

    /** Whether the kernel takes nothing. */
    boolean isStuck() {
        return notedHead != notedTail && room == 0;
    }

    /** Gives back room for what was a burst. */
    void trim() {
        if (notedHead == notedTail && noted.length > LEAST) {
            noted = Arrays.copyOf(noted, LEAST);
            notedHead = 0;
            notedTail = 0;
        }
    }

    /** How often the submission queue was full. */
    long fullQueues() {
        return fullQueues;
    }

    int capacity() {
        return queue.capacity();
    }
}
