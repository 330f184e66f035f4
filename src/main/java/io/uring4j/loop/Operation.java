package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferLease;
import io.uring4j.sys.Deadline;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a loop, made by one of the loop's methods and started by one of three calls:
 *
 * <pre>{@code
 * loop.read(fd, buffer, 0).start(handler, connection);     // callback: nothing is allocated
 * loop.read(fd, buffer, 0).future().thenAccept(...);       // a CompletableFuture
 * int count = loop.read(fd, buffer, 0).await();            // parks a virtual thread
 * }</pre>
 *
 * <p>What it refers to, memory above all, is kept until it has ended, and must not be changed until then. It is started
 * once, by the thread that made it; on the loop's own thread before the handler or task that made it returns, for what
 * is not started by then is taken back. Objects are recycled: don't keep one that was started. What {@link #start}
 * returns, the token, stays valid as a name, and cancels nothing else when the operation has ended.
 */
public final class Operation extends OperationState {
    int fd;
    int length;
    int flags;
    int number;
    int otherFd;
    long offset;
    long otherOffset;

    @Nullable MemorySegment memory;
    @Nullable MemorySegment otherMemory;
    @Nullable Object other;
    @Nullable BufferLease lease;
    @Nullable OperationArena arena;

    /** Of the loop that a message goes to. */
    @Nullable Doorbell claimed;

    /** The next of its chain, or in the list that it rests in. */
    @Nullable Operation next;

    /** When a limit of time ends, in nanoseconds of the monotonic clock. */
    long deadline;

    boolean timerPending;
    boolean timedOut;
    boolean ended;
    int result;
    int resultFlags;
    int transferred;

    @Nullable RuntimeException failure;
    private @Nullable Thread waiter;
    private volatile boolean done;

    /** The kernel may never be done with it. */
    private boolean kept;

    Operation(EventLoop loop, int kind) {
        super(loop, kind);
    }

    /** Begins anew. */
    Operation make(Preparation newPreparation, int newMode) {
        if (preparation != newPreparation) {
            preparation = newPreparation;
        }
        status = newMode | MADE;
        return this;
    }

    Operation on(int descriptor) {
        fd = descriptor;
        return this;
    }

    /** Sets memory that the kernel reads. */
    Operation reading(MemorySegment segment, int bytes) {
        arena = LastingMemory.readable(segment, bytes);
        memory = segment;
        length = bytes;
        status |= HOLDS;
        return this;
    }

    /** Sets memory that the kernel writes to. */
    Operation writing(MemorySegment segment, int bytes) {
        arena = LastingMemory.writable(segment, bytes);
        memory = segment;
        length = bytes;
        status |= HOLDS;
        return this;
    }

    /** Sets what the kernel reads to the filled part of a buffer, which the operation releases at its end. */
    Operation reading(BufferLease taken) {
        memory = taken.offset() == 0 ? taken.memory() : taken.bytes();
        length = taken.length();
        lease = taken;
        status |= HOLDS;
        return this;
    }

    /** Sets memory of the loop's own making. */
    Operation with(MemorySegment segment) {
        memory = segment;
        status |= HOLDS;
        return this;
    }

    Operation at(long position) {
        offset = position;
        return this;
    }

    Operation flags(int bits) {
        flags = bits;
        return this;
    }

    /**
     * The descriptor is a direct one: a slot of the ring's registered files. From Linux 5.1.
     *
     * @return this operation
     */
    public Operation direct() {
        requireMade();
        status |= DIRECT;
        return this;
    }

    /**
     * Goes to one of the kernel's worker threads at once, without a first attempt on the loop's thread: for what is
     * known to take its time. Of no effect together with a time limit, which kernels don't start then. From Linux 5.6.
     *
     * @return this operation
     */
    public Operation async() {
        requireMade();
        status |= ASYNC;
        return this;
    }

    /**
     * Transfers all bytes: after a part the rest follows by itself. The result is then the number of all, less only at
     * the end of what is read; or the error that ended it, however many came before.
     *
     * @return this operation
     * @throws IllegalStateException if it is not a read, write, send or receive of one buffer
     */
    public Operation fully() {
        requireMade();
        if ((status & TRANSFER) == 0) {
            throw new IllegalStateException(preparation.call() + " doesn't transfer a number of bytes that is known");
        }
        status |= FULLY;
        transferred = 0;
        return this;
    }

    /**
     * Limits the time from now on. When it is over, the operation is cancelled and the result is minus
     * {@link Errno#ETIME}. From Linux 5.5.
     *
     * <p>It isn't the time after which the operation has ended: that is when the kernel is done with its memory. A
     * {@linkplain EventLoop#sendZeroCopy zero-copy send} to a peer that doesn't read goes on beyond any limit, until the
     * peer has taken the bytes or the connection has ended.
     *
     * @param limit not negative
     * @return this operation
     * @throws IllegalStateException if it is a timer, or may have several results
     */
    public Operation within(Duration limit) {
        requireMade();
        if ((status & (MULTISHOT | TIMER)) != 0) {
            throw new IllegalStateException(preparation.call() + " can't have a time limit: cancel it");
        }
        if (limit.isNegative()) {
            throw new IllegalArgumentException("time limit " + limit + " is negative");
        }
        status |= TIMED;
        deadline = Deadline.after(limit);
        return this;
    }

    /**
     * Starts the operation; a handler gets what comes of it, on the loop's thread, never within this call. When the kernel
     * lacks the operation, that is minus {@link Errno#EOPNOTSUPP}.
     *
     * @param <A> what is attached
     * @param resultHandler gets the result
     * @param attached is handed to it
     * @return the token, by which {@link EventLoop#cancel} finds the operation
     * @throws IllegalStateException if it was started before
     * @throws RejectedExecutionException if the loop has ended or is about to, or its queue is full
     *     and other threads are not to wait
     */
    @SuppressWarnings("unchecked") // the handler gets the attachment that came with it
    public <A extends @Nullable Object> long start(ResultHandler<? super A> resultHandler, A attached) {
        requireMade();
        // References are stored only when they change: that costs more than to look.
        if (handler != resultHandler) {
            handler = (ResultHandler<Object>) Objects.requireNonNull(resultHandler);
        }
        if (attachment != attached) {
            attachment = attached;
        }
        return loop.start(this);
    }

    /**
     * Starts the operation without an attachment, as {@link #start(ResultHandler, Object)}.
     *
     * @param resultHandler gets the result
     * @return the token
     */
    public long start(ResultHandler<? super @Nullable Object> resultHandler) {
        return this.<@Nullable Object>start(resultHandler, null);
    }

    /**
     * Starts the operation. The future is completed on the loop's thread, when the operation has ended: with the result
     * if it is 0 or more, else with a {@link UringException}, or if it was cancelled with a
     * {@link java.util.concurrent.CancellationException}. To cancel the future cancels the operation, and takes effect
     * when that has ended.
     *
     * @return the future
     * @throws IllegalStateException if it was started before, or may have several results
     * @throws RejectedExecutionException as {@link #start(ResultHandler, Object)}
     */
    public CompletableFuture<Integer> future() {
        requireMade();
        OperationFuture future = new OperationFuture(loop, preparation.call());
        attachTo(future);
        future.startedAs(loop.start(this));
        return future;
    }

    void attachTo(OperationFuture future) {
        requireSingleResult();
        handler = future;
        attachment = null;
    }

    /**
     * Starts the operation and waits for its end. A virtual thread parks meanwhile, and holds no other thread. When the
     * thread is interrupted, the operation is cancelled; this returns only when it has ended, for until then the kernel
     * may use its memory.
     *
     * @return the result, 0 or more
     * @throws UringException if the operation has failed; {@link UringException#error} tells why, such as
     *     {@link Errno#ECONNRESET}, or {@link Errno#ETIME} when its time was over
     * @throws InterruptedException if the thread was interrupted and the operation cancelled for that. When it had
     *     ended otherwise all the same, this returns or throws what came of it, and the thread stays interrupted
     * @throws IllegalStateException if it was started before, may have several results, or on a loop's thread, be it
     *     another loop's: one can't wait for itself, and two could wait for each other
     * @throws RejectedExecutionException as {@link #start(ResultHandler, Object)}
     */
    public int await() throws UringException, InterruptedException {
        requireMade();
        requireSingleResult();
        if (EventLoop.current() != null) {
            throw new IllegalStateException("a loop's thread can't wait for an operation: use a handler or future");
        }
        requireElsewhere();
        status |= AWAITED;
        waiter = Thread.currentThread();
        done = false;
        loop.startInterruptibly(this);
        boolean interrupted = false;
        while (!done) {
            LockSupport.park(this);
            if (Thread.interrupted() && !interrupted) {
                interrupted = true;
                loop.cancelQuietly(token);
            }
        }
        return outcome(interrupted);
    }

    private int outcome(boolean interrupted) throws UringException, InterruptedException {
        int outcome = result;
        RuntimeException thrown = failure;
        String call = preparation.call();
        if (!kept) {
            failure = null;
            waiter = null;
            rest();
            loop.requests().putBackElsewhere(this);
        }
        if (interrupted) {
            if (Errno.ECANCELED.is(outcome) && thrown == null) {
                throw new InterruptedException(call + " was cancelled");
            }
            Thread.currentThread().interrupt();
        }
        if (thrown != null) {
            throw thrown;
        }
        if (outcome < 0) {
            throw new UringException(call, outcome);
        }
        return outcome;
    }

    /**
     * Hands the result to the thread that waits, which puts this back as soon as it looks.
     *
     * @return the thread, which is to be woken
     */
    Thread endWait(int outcome) {
        Thread thread = Objects.requireNonNull(waiter);
        result = outcome;
        done = true;
        return thread;
    }

    /** Tells whoever waits that the end won't be seen; what the kernel may still use is kept. */
    void abandonWaiter() {
        if ((status & AWAITED) != 0) {
            Thread thread = waiter;
            kept = true;
            done = true;
            LockSupport.unpark(thread);
        } else if (handler instanceof OperationFuture future) {
            future.completeExceptionally(Objects.requireNonNull(failure));
        }
    }

    /** Becomes part of a chain. */
    void joinChain() {
        requireMade();
        requireSingleResult();
        if ((status & (FULLY | CHAINED)) != 0) {
            throw new IllegalStateException((status & CHAINED) != 0
                    ? "operation is part of a chain already"
                    : "operation would have to be repeated, which a chain can't wait for");
        }
        status |= CHAINED;
        next = null;
    }

    /** Whether something else must end before this may. */
    boolean isHeldUp() {
        return timerPending || (status & BEHIND) != 0;
    }

    /** All before it in its chain have ended; true if it has only waited for that. */
    boolean moveUp() {
        status &= ~BEHIND;
        return ended;
    }

    private void requireMade() {
        if ((status & MADE) == 0) {
            throw new IllegalStateException("operation was started already, or taken back because it wasn't started "
                    + "before its handler or task had returned");
        }
    }

    /** Refuses what was made on the loop's thread: another one must not even touch it. */
    void requireElsewhere() {
        if (!isElsewhere()) {
            throw new IllegalStateException("operation was made on the loop's thread, and must be started there");
        }
    }

    private void requireSingleResult() {
        if ((status & MULTISHOT) != 0) {
            throw new IllegalStateException(preparation.call() + " may have several results: use a handler");
        }
    }

    /** How many entries of the submission queue it takes. */
    int entries() {
        return (status & TIMED) != 0 ? 2 : 1;
    }

    /** Notes a part that was transferred; true when more is to follow. */
    boolean goesOnAfter(int bytes) {
        transferred += bytes;
        if (bytes >= length) {
            return false;
        }
        MemorySegment rest = Objects.requireNonNull(memory).asSlice(bytes);
        memory = rest;
        length -= bytes;
        if (offset >= 0) {
            offset += bytes;
        }
        return true;
    }

    /** From the start on, what is used can't vanish. */
    void hold() {
        if (arena != null) {
            arena.hold();
        }
        Doorbell target = claimed;
        if (target != null && !target.claim()) {
            claimed = null;
            throw new RejectedExecutionException("the loop that the message is for has ended");
        }
    }

    /** Holds what this and all behind it in a chain use; nothing of it when some is gone. */
    void holdAll() {
        Operation each = this;
        try {
            for (; each != null; each = each.next) {
                if (each.is(HOLDS)) {
                    each.hold();
                }
            }
        } catch (RuntimeException e) {
            for (Operation held = this; held != each; held = held.next) {
                held.keepLease();
                held.letGo();
            }
            throw e;
        }
    }

    /** The start has failed: the buffer stays the caller's. */
    void keepLease() {
        lease = null;
    }

    /** Lets go of what was kept until the end. */
    void letGo() {
        memory = null;
        otherMemory = null;
        other = null;
        status &= ~HOLDS;
        if (claimed != null) {
            claimed.letGo();
            claimed = null;
        }
        if (arena != null) {
            arena.letGo();
            arena = null;
        }
        if (lease != null) {
            BufferLease taken = lease;
            lease = null;
            taken.release();
        }
    }

    /** Lets go of what was kept for a start that never came: nothing was held yet. */
    void abandon() {
        arena = null;
        claimed = null;
        lease = null;
        letGo();
        next = null;
        rest();
    }

    /** {@return what it is and how it stands, for a person who debugs} */
    @Override
    public String toString() {
        return "Operation[" + preparation.call() + ", fd=" + fd + ", "
                + (is(STARTED) ? "started" : is(MADE) ? "made" : "resting") + ", token="
                + Long.toHexString(token) + "]";
    }
}
