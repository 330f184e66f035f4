package io.uring4j.loop;

import io.uring4j.Cqe;
import io.uring4j.PollEvents;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.sys.Libc;
import java.util.ArrayDeque;

/**
 * What a loop's thread does, turn by turn: it takes what other threads have for it, runs tasks, hands out completions,
 * prepares what came of all that, and enters the kernel once, to sleep there if nothing is left to do.
 */
final class Turns {
    private static final int MOST_PER_TURN = 4096;
    private static final int MOST_TASKS_PER_TURN = 1024;
    private static final long STUCK_NANOS = 1_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final EventLoop loop;
    private final Ring ring;
    private final Inbox inbox;
    private final Submitter submitter;
    private final Completer completer;
    private final Tally tally;
    private final RequestCache requests;
    private final Doorbell doorbell;
    private final LoopBuffers buffers;
    private final Waiters waiters;
    private final LoopShutdown shutdown;
    private final Idleness idleness;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final AtOnce atOnce = new AtOnce();
    private final boolean timedWaits;

    /** Whether the doorbell isn't heard until an entry is prepared for that. */
    private boolean pollNeeded;

    private long count;
    private long wakeUps;

    Turns(EventLoop loop, LoopConfig config) {
        this.loop = loop;
        this.ring = loop.ring();
        this.inbox = loop.inbox();
        this.submitter = loop.submitter();
        this.completer = loop.completer();
        this.tally = loop.tally();
        this.requests = loop.requests();
        this.doorbell = loop.doorbell();
        this.buffers = loop.buffers();
        this.waiters = loop.waiters();
        this.shutdown = loop.shutdown();
        this.idleness = new Idleness(config.idleNanos(), requests, submitter, tally);
        this.timedWaits = loop.uses(LoopFeature.TIMED_WAIT);
        this.pollNeeded = doorbell.needsPoll();
    }

    /** From the loop's start to its end. */
    void run() {
        Throwable failure = null;
        waiters.gather();
        try {
            while (!shutdown.isOver()) {
                next();
            }
        } catch (Throwable t) {
            failure = t;
        }
        waiters.stop();
        shutdown.end(failure);
    }

    private void next() throws UringException {
        count++;
        inbox.take(MOST_PER_TURN);
        runTasks();
        tally.completed(ring.completions().drain(completer, MOST_PER_TURN));
        prepare();
        waiters.wakeAll();
        shutdown.advance();
        if (!shutdown.isOver()) {
            enterKernel();
        }
    }

    /** Runs a task of the loop's own thread in the next turn. */
    void add(Runnable task) {
        tasks.addLast(task);
    }

    private void runTasks() {
        for (int i = 0; i < MOST_TASKS_PER_TURN; i++) {
            Runnable task = tasks.pollFirst();
            if (task == null) {
                return;
            }
            loop.run(task);
        }
    }

    /** Runs what waits to be run, for the last time. */
    void runLastTasks() {
        runTasks();
        tasks.clear();
    }

    private void prepare() throws UringException {
        submitter.prepareNoted();
        for (Operation refused = submitter.nextRefused(); refused != null; refused = submitter.nextRefused()) {
            completer.finishRefused(refused, refused.result);
        }
        loop.takeBackUnstarted();
        buffers.replenish();
        requests.endTurn();
    }

    private void enterKernel() throws UringException {
        if (pollNeeded) {
            pollNeeded = !submitter.prepareOwn(doorbell::preparePoll);
        }
        // Seldom: so that a turn, when compiled as one, holds the preparing of entries once.
        if (submitter.hasBacklog()) {
            submitter.prepareNoted();
        }
        if (!tasks.isEmpty() || submitter.hasBacklog()) {
            ring.submit();
            if (submitter.isStuck()) {
                rest(STUCK_NANOS);
            }
        } else if (!completesAtOnce()) {
            sleep();
        }
        submitter.refreshRoom();
    }

    /** Submits without waiting if that is likely to do; false if there is still something to wait for. */
    private boolean completesAtOnce() throws UringException {
        if (!atOnce.isLikely(ring.submissions().pending(), tally.live())) {
            return false;
        }
        ring.submit();
        boolean completed = ring.completions().ready() > 0;
        atOnce.turnedOut(completed);
        return completed;
    }

    private void sleep() throws UringException {
        if (shutdown.isAccepting()) {
            idleness.watch();
        }
        doorbell.fallAsleep();
        if (!inbox.isEmpty() || shutdown.isNews() || buffers.isNews()) {
            doorbell.wakeUp();
            ring.submit();
            return;
        }
        long limit = shutdown.patience();
        if (limit == Long.MAX_VALUE) {
            ring.submitAndWait(1);
        } else if (timedWaits) {
            ring.submitAndWait(1, limit);
        } else {
            ring.submit();
            rest(limit);
        }
        doorbell.wakeUp();
    }

    /** Waits for a completion, not for ever, without submitting anything. */
    private void rest(long nanos) throws UringException {
        if (timedWaits) {
            ring.waitFor(1, nanos);
        } else if (ring.completions().ready() == 0) {
            // A signal may end it early, and so may work that the ring does in its next call: the loop looks at all anyway.
            long millis = nanos / NANOS_PER_MILLI + 1;
            Libc.poll(ring.fd(), PollEvents.IN, (int) Math.min(millis, Integer.MAX_VALUE));
        }
    }

    /** A completion that belongs to no operation has come. */
    void received(long userData, int result, int flags) {
        long kind = UserData.kind(userData);
        if (kind == UserData.WAKE_UP) {
            wakeUps++;
            try {
                pollNeeded |= doorbell.heard(flags);
            } catch (UringException e) {
                completer.report(e);
                pollNeeded |= !Cqe.hasMore(flags);
            }
        } else if (kind == UserData.IDLE) {
            idleness.timePassed();
        } else if (kind == UserData.MESSAGE) {
            loop.receivedMessage(result, UserData.tag(userData));
        }
    }

    /** How many there were. */
    long count() {
        return count;
    }

    /** How often another thread has woken the loop. */
    long wakeUps() {
        return wakeUps;
    }
}
