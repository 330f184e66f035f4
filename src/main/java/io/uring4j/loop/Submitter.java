package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.SubmissionQueue;
import io.uring4j.TimeoutFlags;
import io.uring4j.UringException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Objects;
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

    /** Slots of operations, and of chains by their first. */
    private int[] noted = new int[LEAST];

    private int notedStart;
    private int notedEnd;

    /** How many were noted that stand there no more. */
    private long notedBefore;

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
        int end = notedEnd;
        int[] slots = noted;
        // As the check of the index asks, so that one does for both.
        if (Integer.compareUnsigned(end, slots.length) >= 0) {
            makeRoomToNote();
            end = notedEnd;
            slots = noted;
        }
        slots[end] = OperationTable.slot(operation.token);
        notedEnd = end + 1;
    }

    private void makeRoomToNote() {
        int count = notedEnd - notedStart;
        int[] roomier = 2 * count > noted.length ? new int[2 * noted.length] : noted;
        System.arraycopy(noted, notedStart, roomier, 0, count);
        noted = roomier;
        notedBefore += notedStart;
        notedStart = 0;
        notedEnd = count;
    }

    /** Prepares what was noted, as far as there is room. */
    void prepareNoted() {
        while (notedStart != notedEnd) {
            int prepared = prepareSingles(Math.min(room, notedEnd - notedStart));
            if (prepared == 0 && !prepareNext()) {
                return;
            }
        }
        notedBefore += notedEnd;
        notedStart = 0;
        notedEnd = 0;
    }

    /** How many operations, and chains, were noted so far. */
    long noted() {
        return notedBefore + notedEnd;
    }

    /**
     * Prepares the next few, up to one that takes several entries or is refused.
     *
     * @return how many
     */
    private int prepareSingles(int most) {
        int[] slots = noted;
        int first = notedStart;
        int count = 0;
        @Nullable Operation operation = null;
        // Around the loop, not in it: what the compiler would have to keep at hand for a refusal would crowd the registers.
        try {
            while (count < most) {
                operation = table.resident(slots[first + count]);
                int status = operation.status;
                if ((status & (SEVERAL_ENTRIES | Operation.MODIFIERS)) == 0) {
                    count++;
                    prepare(operation);
                } else if ((status & SEVERAL_ENTRIES) == 0) {
                    count++;
                    modify(prepare(operation), status);
                } else {
                    break;
                }
            }
        } catch (RuntimeException e) {
            refuse(Objects.requireNonNull(operation), e);
        }
        notedStart = first + count;
        // Each has taken its entry: one that can't be filled stays in the queue as an entry that does nothing.
        room -= count;
        return count;
    }

    /** Prepares the next, whatever it takes; false if there is no room. */
    private boolean prepareNext() {
        Operation operation = table.resident(noted[notedStart]);
        int entries = entriesOf(operation);
        if (room < entries && !makeRoom(entries)) {
            return false;
        }
        notedStart++;
        prepareAll(operation);
        return true;
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

    private boolean prepareOrRefuse(Operation operation) {
        try {
            // At once: an entry that can't be filled stays in the queue, as one that does nothing.
            room--;
            Sqe entry = prepare(operation);
            modify(entry, operation.status);
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
        for (Operation operation = first; operation != null; operation = operation.next) {
            if (!prepareOrRefuse(operation)) {
                breakChain(operation.next);
                return;
            }
        }
    }

    /** The entry before is linked to the next, whatever that is: it must be one that belongs to nobody. */
    private void breakChain(@Nullable Operation rest) {
        if (rest == null) {
            // What was refused has left such an entry, and there may be room for no other.
            return;
        }
        queue.nextFlyweight().nop().userData(UserData.NOBODY);
        room--;
        for (Operation operation = rest; operation != null; operation = operation.next) {
            operation.result = -Errno.ECANCELED.number();
            refused.addLast(operation);
        }
    }

    private Sqe prepare(Operation operation) {
        Sqe entry = queue.nextFlyweight();
        operation.preparation.fill(entry, operation);
        return entry.userData(operation.token);
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
        Sqe limit = queue.nextFlyweight().linkTimeout(timespec(operation.deadline), TimeoutFlags.ABSOLUTE);
        link(limit.userData(operation.token | UserData.TIME_LIMIT), operation.status);
        room--;
        operation.timerPending = true;
        operation.timedOut = false;
        operation.ended = false;
    }

    /** Prepares an entry that belongs to no operation, behind all that was noted; false if there is no room. */
    boolean prepareOwn(Consumer<Sqe> preparation) {
        prepareNoted();
        if (notedStart != notedEnd || room == 0 && !makeRoom(1)) {
            return false;
        }
        preparation.accept(queue.nextFlyweight());
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
        return notedStart != notedEnd || !refused.isEmpty();
    }

    /** Whether the kernel takes nothing. */
    boolean isStuck() {
        return notedStart != notedEnd && room == 0;
    }

    /** Gives back room for what was a burst. */
    void trim() {
        if (notedEnd == 0 && noted.length > LEAST) {
            noted = new int[LEAST];
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
