package io.uring4j.loop;

import io.uring4j.Capabilities;
import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.UringException;
import io.uring4j.sys.CpuAffinity;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A thread and a ring of its own, and operations on them. Each method that is named after an operation makes one, which
 * {@link Operation} tells how to start:
 *
 * <pre>{@code
 * try (EventLoop loop = EventLoop.start()) {
 *     int fd = loop.open(path, OpenFlags.READ_ONLY, 0).await();
 *     int count = loop.read(fd, buffer, 0).await();
 *     loop.close(fd).await();
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> All methods may be called from any thread. On the loop's own thread, where handlers and tasks run, an
 * operation goes straight into the submission queue, without synchronisation; from other threads it goes through a
 * bounded queue, and one of them wakes the loop if it sleeps. Handlers must not block: who does holds up all operations
 * of the loop. Several loops, one per core, are how a program scales.
 *
 * <p><b>Memory.</b> Operations take memory that can't vanish while the kernel uses it: of automatic arenas, of the global
 * one, of an {@link OperationArena}, of direct buffers, or leases of a {@link io.uring4j.buffer.BufferCache}. They keep it
 * until they have ended. Memory of other arenas is refused.
 *
 * <p><b>Results.</b> 0 from a read or receive is the end of the file or stream; {@link Errno#ECONNRESET} and the like a
 * broken connection; {@link Errno#ETIME} a {@linkplain Operation#within time limit} that was over;
 * {@link Errno#ECANCELED} a cancellation.
 */
public final class EventLoop
        implements FileOperations,
                PathOperations,
                SocketOperations,
                TransferOperations,
                TimeOperations,
                RingOperations,
                Executor,
                AutoCloseable {
    private final LoopConfig config;
    private final LoopThread thread;
    private final Ring ring;
    private final Set<LoopFeature> features;
    private final OperationTable table = new OperationTable();
    private final RequestCache requests;
    private final Submitter submitter;
    private final Tally tally;
    private final Completer completer;
    private final Doorbell doorbell;
    private final Inbox inbox;
    private final LoopBuffers buffers = new LoopBuffers(this);
    private final Waiters waiters = new Waiters();
    private final LoopShutdown shutdown;
    private final Turns turns;

    private volatile boolean ended;

    EventLoop(LoopConfig config, LoopThread thread) throws UringException {
        this.config = config;
        this.thread = thread;
        if (config.cpu() >= 0) {
            int answer = CpuAffinity.pin(config.cpu());
            if (answer < 0) {
                throw new UringException("sched_setaffinity", answer, "CPU " + config.cpu() + " can't be used here");
            }
        }
        Capabilities capabilities = Capabilities.ofKernel();
        this.features = Collections.unmodifiableSet(config.resolve(capabilities));
        this.ring = Ring.open(config.ringConfig(features, capabilities));
        try {
            this.doorbell = features.contains(LoopFeature.MESSAGE_WAKE_UP)
                    ? Doorbell.ofMessages(ring)
                    : Doorbell.ofEventFd(ring, features.contains(LoopFeature.MULTISHOT_POLL));
        } catch (UringException | RuntimeException e) {
            ring.close();
            throw e;
        }
        this.requests = new RequestCache(
                table, config.hasRequestCache(), kind -> new Operation(this, kind));
        this.submitter = new Submitter(ring, table);
        this.tally = new Tally(table, submitter);
        this.completer = new Completer(this, table, requests, submitter, tally, waiters);
        this.inbox = new Inbox(this, config);
        this.shutdown = new LoopShutdown(this);
        this.turns = new Turns(this, config);
    }

    /**
     * Starts a loop with the standard configuration.
     *
     * @return the loop
     * @throws UringException if the kernel refuses the ring; the message says why and what to do
     */
    public static EventLoop start() throws UringException {
        return start(LoopConfig.standard());
    }

    /**
     * Starts a loop.
     *
     * @param config how to set it up
     * @return the loop
     * @throws UringException if the kernel refuses the ring, or the CPU to pin to
     * @throws UnsupportedOperationException if the kernel lacks a feature that the configuration insists on
     * @throws IllegalArgumentException if the configuration insists on a feature and does without it
     */
    public static EventLoop start(LoopConfig config) throws UringException {
        LoopThread thread = new LoopThread(config);
        thread.start();
        return thread.awaitLoop();
    }

    /** {@return the loop whose thread this is, or null} */
    public static @Nullable EventLoop current() {
        return Thread.currentThread() instanceof LoopThread own ? own.loop() : null;
    }

    /** {@return whether the current thread is the loop's own} */
    public boolean isInLoop() {
        return Thread.currentThread() == thread;
    }

    /** An operation to be filled and started by the current thread. */
    Operation make(Preparation preparation, int mode) {
        if (!(Thread.currentThread() instanceof LoopThread own) || own.loop() != this) {
            return requests.takeElsewhere().make(preparation, mode | Operation.ELSEWHERE);
        }
        return own.takeOperation().make(preparation, mode);
    }

    Operation make(Preparation preparation) {
        return make(preparation, 0);
    }

    /** Starts what the current thread has made. */
    long start(Operation operation) {
        if (!(Thread.currentThread() instanceof LoopThread own)) {
            return startElsewhere(operation);
        }
        if (!own.maySubmitTo(this)) {
            if (own != thread) {
                return startElsewhere(operation);
            }
            requireCleaningUp(operation);
        }
        if ((operation.status & Operation.SPECIAL_START) != 0) {
            prepareStart(operation);
        }
        operation.started();
        long token = operation.token;
        own.submit(operation);
        return token;
    }

    private long startElsewhere(Operation operation) {
        try {
            return inbox.start(operation);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while waiting for room in the loop's queue", e);
        }
    }

    private void requireCleaningUp(Operation operation) {
        if (ended || !operation.preparation.cleansUp()) {
            throw rejected();
        }
    }

    /** Starts what another thread than the loop's has made, and will wait for. */
    void startInterruptibly(Operation operation) throws InterruptedException {
        inbox.start(operation);
    }

    private void prepareStart(Operation operation) {
        if (operation.is(Operation.HOLDS)) {
            operation.hold();
        }
        enter(operation);
    }

    /** Gives an operation that was made elsewhere its place in the table; others have one. */
    private void enter(Operation operation) {
        if (operation.isElsewhere()) {
            operation.token = table.take();
            table.bind(operation);
            tally.startedElsewhere();
        }
    }

    /** Starts a chain by its first operation, and notes the tokens of all. */
    void startChain(Operation first, long[] tokens) throws InterruptedException {
        if (!isInLoop()) {
            inbox.startChain(first, tokens);
            return;
        }
        if (!shutdown.isAccepting()) {
            throw rejected();
        }
        first.holdAll();
        int count = 0;
        for (Operation each = first; each != null; each = each.next) {
            enter(each);
            tally.startedBeside(1);
            each.started();
            tokens[count++] = each.token;
        }
        tally.startedBeside(-1);
        submitter.submit(first);
    }

    RejectedExecutionException rejected() {
        return new RejectedExecutionException("loop " + config.name() + (ended ? " has ended" : " is ending"));
    }

    /**
     * Cancels an operation without telling how that went: for whoever waits for its end anyway. Nothing is lost when
     * the queue is full.
     */
    void cancelQuietly(long token) {
        inbox.urge(() -> cancelNow(token));
    }

    /**
     * Runs a task on the loop's thread: soon, and never within this call. A task that comes while the loop ends may run on
     * the caller's thread; what it starts is refused then.
     *
     * @param task what to run; it must not block
     * @throws RejectedExecutionException if the loop has ended or is about to, or its queue is full and other threads
     *     are not to wait
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task);
        if (isInLoop()) {
            if (ended) {
                throw rejected();
            }
            turns.add(task);
            return;
        }
        Operation operation = requests.takeElsewhere().make(Preparation.TASK, Operation.ELSEWHERE);
        operation.other = task;
        operation.set(Operation.HOLDS);
        startElsewhere(operation);
    }

    /**
     * What is done with the loop's ring on its thread.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface RingAction<T extends @Nullable Object> {
        /**
         * Uses the ring, to register something above all; completions are the loop's, so submit nothing.
         *
         * @param ring the loop's ring
         * @return what comes of it
         * @throws UringException if the kernel refuses
         */
        T apply(Ring ring) throws UringException;
    }

    /**
     * Does something with the loop's ring on its thread: registers files or buffers, limits its worker threads. At once if
     * this is that thread.
     *
     * @param <T> what comes of it
     * @param action what to do
     * @return what comes of it, completed on the loop's thread
     * @throws RejectedExecutionException as {@link #execute}
     */
    public <T extends @Nullable Object> CompletableFuture<T> withRing(RingAction<T> action) {
        CompletableFuture<T> future = new CompletableFuture<>();
        if (isInLoop()) {
            complete(future, action);
        } else {
            execute(() -> complete(future, action));
        }
        return future;
    }

    private <T extends @Nullable Object> void complete(CompletableFuture<T> future, RingAction<T> action) {
        try {
            future.complete(action.apply(ring));
        } catch (Throwable t) {
            future.completeExceptionally(t);
        }
        if (!ended) {
            submitter.refreshRoom();
        }
    }

    /** Runs a task; what it throws is reported. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            completer.report(t);
        }
    }

    /** Takes back what was made on the loop's thread in this turn, and not started. */
    void takeBackUnstarted() {
        if (tally.isEven()) {
            return;
        }
        table.forEach(operation -> {
            if (operation.is(Operation.MADE) && !operation.isElsewhere()) {
                tally.takenBack();
                operation.abandon();
                requests.putBack(operation);
            }
        });
        assert tally.isEven() : "operations were miscounted";
    }

    /** Another ring has sent a message. */
    void receivedMessage(int value, int tag) {
        LoopConfig.MessageHandler handler = config.messageHandler();
        if (handler != null) {
            try {
                handler.received(this, value, tag);
            } catch (Throwable t) {
                completer.report(t);
            }
        }
    }

    /** Asks the kernel to cancel an operation; the loop's thread alone. */
    void cancelNow(long token) {
        noteCancellation(token);
        if (!submitter.prepareOwn(entry -> entry.cancel(token, 0).userData(UserData.NOBODY))) {
            inbox.urge(() -> cancelNow(token));
        }
    }

    /** An operation that is to be cancelled isn't continued by itself. */
    void noteCancellation(long token) {
        Operation operation = table.with(token);
        if (operation != null) {
            operation.set(Operation.CANCEL_REQUESTED);
        }
    }

    MemorySegment timespec(long nanos) {
        return submitter.timespec(nanos);
    }

    Tally tally() {
        return tally;
    }

    boolean uses(LoopFeature feature) {
        return features.contains(feature);
    }

    /** Why an operation is refused that is a feature which this loop doesn't use, as the kernel would that lacks it. */
    UnsupportedOperationException without(LoopFeature feature) {
        return new UnsupportedOperationException(
                feature.isIn(ring.capabilities())
                        ? "loop " + config.name() + " is set up without " + feature
                        : "this kernel lacks " + feature);
    }

    LoopConfig config() {
        return config;
    }

    Ring ring() {
        return ring;
    }

    RequestCache requests() {
        return requests;
    }

    OperationTable table() {
        return table;
    }

    Submitter submitter() {
        return submitter;
    }

    Completer completer() {
        return completer;
    }

    Inbox inbox() {
        return inbox;
    }

    Doorbell doorbell() {
        return doorbell;
    }

    LoopBuffers buffers() {
        return buffers;
    }

    Waiters waiters() {
        return waiters;
    }

    Turns turns() {
        return turns;
    }

    Thread thread() {
        return thread;
    }

    /** From now on nothing but what cleans up may be started; on the loop's thread. */
    void stopAccepting() {
        thread.stopAccepting();
    }

    void markEnded() {
        ended = true;
        // A producer that doesn't see this has put its operation where the last look finds it.
        VarHandle.fullFence();
    }

    /**
     * Ends the loop: no new operation is accepted; those that are under way get time to finish, but for timers and those
     * with several results, which are cancelled at once; then all are cancelled, and waited for as long as
     * {@link LoopConfig#closeTimeout} says; then memory and descriptors are given back. Handlers run until the end. To ask
     * again changes nothing. On the loop's thread, to close and shut down descriptors is allowed until the end.
     *
     * @param grace how long operations get to finish by themselves, not negative
     * @return how it went; completed when the loop has ended
     */
    public CompletableFuture<LoopOutcome> shutdown(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace of " + grace + " is negative");
        }
        return shutdown.request(grace);
    }

    /**
     * Ends the loop without grace, as {@link #shutdown}, and waits for that. On a loop's thread it doesn't wait: on the
     * loop's own the end comes when the handler or task has returned; and two loops that end each other would wait for each
     * other.
     */
    @Override
    public void close() {
        CompletableFuture<LoopOutcome> outcome = shutdown(Duration.ZERO);
        if (current() == null) {
            outcome.join();
        }
    }

    LoopShutdown shutdown() {
        return shutdown;
    }

    /** Whether operations may still be started. */
    boolean isAccepting() {
        return shutdown.isAccepting();
    }

    /** Ends an operation, or a chain, that came too late. */
    void refuse(Operation first) {
        shutdown.refuse(first);
    }

    /** Refuses what is still in the queue of a loop that has ended, on any thread. */
    void refuseQueued() {
        shutdown.refuseQueued();
    }

    /** Whether the end was asked for. */
    boolean isEnding() {
        return !shutdown.isAccepting() || shutdown.isNews();
    }

    /** {@return whether the loop has ended} */
    public boolean isEnded() {
        return ended;
    }

    /** {@return the loop's name} */
    public String name() {
        return config.name();
    }

    /**
     * What the loop has done; completed on its thread, at once if this is that thread.
     *
     * @return the counters
     * @throws RejectedExecutionException as {@link #execute}
     */
    public CompletableFuture<LoopStats> stats() {
        return withRing(own -> new LoopStats(
                tally.live(),
                tally.finished(),
                completer.stale(),
                completer.failures(),
                submitter.fullQueues(),
                turns.wakeUps(),
                turns.count(),
                requests.stats(tally.taken()),
                own.stats()));
    }

    /** {@return how the loop is set up: the ring's flags, and for each feature whether it is used or what is in its place} */
    public String describe() {
        StringBuilder text = new StringBuilder(config.name())
                .append(": ring ")
                .append(ring.flags())
                .append("\n  woken by ")
                .append(doorbell.describe());
        for (LoopFeature feature : LoopFeature.values()) {
            text.append("\n  ").append(feature).append(": ").append(uses(feature) ? feature.use() : feature.fallback());
        }
        return text.toString();
    }

    /** {@return the loop's name, and whether it has ended} */
    @Override
    public String toString() {
        return "EventLoop[" + config.name() + (ended ? ", ended]" : "]");
    }
}
