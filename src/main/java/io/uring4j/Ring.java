package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_clock_register;
import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.sys.RingMappings;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An io_uring: one descriptor, a {@linkplain SubmissionQueue submission queue} and a
 * {@linkplain CompletionQueue completion queue} in memory that is shared with the kernel.
 *
 * <p>Entries are prepared with {@code submissions().next()}; {@link #submit} and its relatives pass
 * them on; {@code completions()} reads what came back. Only the methods of this class enter the
 * kernel, and each says when.
 *
 * <p><b>Threads.</b> A ring with {@link SetupFlag#SINGLE_ISSUER}, as {@link RingConfig#best} makes it,
 * belongs to the thread that opened or {@linkplain #enable enabled} it; other threads are refused: by the
 * methods of this class, and by the completion queue when it looks for more. The submission queue doesn't look at
 * the thread, since each entry would pay for that: don't prepare entries elsewhere, they would go out among the owner's. On
 * any other ring one thread at a time may submit, and one, perhaps another, may reap; a call that waits
 * is part of reaping, and one that submits and waits of both. A virtual thread is refused, since its
 * carrier changes: let a platform thread own the ring.
 *
 * <p><b>Memory.</b> What entries point at is the caller's to keep alive, see {@link Sqe}. The ring's
 * own memory can't be touched after {@link #close}: every use is answered with an exception.
 *
 * <p><b>Flow control.</b> When the kernel is short of memory, or holds completions that didn't fit
 * (EAGAIN, EBUSY), a submission takes fewer entries than are pending: the rest stays in the queue for
 * the next call, after completions have been read. Signals (EINTR) are dealt with here.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/io_uring.7.html">io_uring(7)</a>
 */
public final class Ring implements AutoCloseable {
    private final RingConfig config;
    private final Capabilities capabilities;
    private final Set<SetupFlag> flags;
    private final Arena arena;
    private RingMemory memory;
    private final RingDescriptor descriptor;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final RingEntry entry;
    private final boolean singleIssuer;
    private final RingOwner owner = new RingOwner();
    private boolean enabled;
    private volatile boolean closed;

    /** The thread that is ending the requests of a closed ring, and may still use it. */
    private @Nullable Thread closer;

    private Ring(RingSetup setup) {
        this.config = setup.config();
        this.memory = setup.memory();
        this.capabilities = setup.capabilities();
        this.arena = setup.arena();
        this.flags = setup.flags();
        this.singleIssuer = flags.contains(SetupFlag.SINGLE_ISSUER);
        this.descriptor = new RingDescriptor(
                setup.fd(), flags.contains(SetupFlag.REGISTERED_FD_ONLY), singleIssuer, arena);
        this.submissions = new SubmissionQueue(setup.params(), memory, capabilities);
        this.completions = new CompletionQueue(setup.params(), memory, owner);
        this.entry = new RingEntry(this, capabilities, descriptor, submissions, completions, arena);
        this.enabled = !flags.contains(SetupFlag.R_DISABLED);
        // Without a descriptor there is only an index of this thread's, which names another ring elsewhere.
        if (singleIssuer && enabled || flags.contains(SetupFlag.REGISTERED_FD_ONLY)) {
            owner.take();
        }
    }

    /**
     * Opens a ring with the fastest set-up that the kernel has.
     *
     * @param submissionEntries the size of the submission queue, 1 to 32768; the kernel rounds it up to
     *     a power of two
     * @return the ring, which the current thread owns
     * @throws UringException if the kernel refuses; the message says why and what to do
     * @throws IllegalArgumentException if the size is out of range
     */
    public static Ring open(int submissionEntries) throws UringException {
        return open(RingConfig.best(submissionEntries));
    }

    /**
     * Opens a ring.
     *
     * @param config how to set it up
     * @return the ring
     * @throws UringException if the kernel refuses; the message says why and what to do
     * @throws IllegalArgumentException if sizes are out of range, or flags contradict each other
     * @throws UnsupportedOperationException if the kernel lacks a flag that the configuration insists on
     * @throws IllegalStateException if a virtual thread would become the owner
     */
    public static Ring open(RingConfig config) throws UringException {
        return open(config, Capabilities.ofKernel());
    }

    /** Opens a ring as on a kernel that has only so much: what the library does without the rest can so be tried here. */
    static Ring open(RingConfig config, Capabilities capabilities) throws UringException {
        RingSetup setup = RingSetup.of(config, capabilities);
        if (setup.ownsThread()) {
            refuseVirtualThread();
        }
        try {
            setup.enterKernel();
            Ring ring = new Ring(setup);
            ring.requireFreshQueues();
            if (config.isBest() && ring.owner.thread() != null && ring.capabilities.has(RegisterOpcode.REGISTER_RING_FDS)) {
                // Fails when the thread has registered all that it may; the descriptor then serves.
                ring.descriptor.registerWithThread();
            }
            return ring;
        } catch (UringException | RuntimeException e) {
            setup.undo();
            throw e;
        }
    }

    /** The kernel starts its counters at 0; anything else means that the offsets were misunderstood. */
    private void requireFreshQueues() {
        if (submissions.pending() != 0 || completions.ready() != 0 || submissions.dropped() != 0) {
            throw new IllegalStateException("kernel returned a ring that is not empty: " + this);
        }
    }

    private static void refuseVirtualThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread can't use a ring itself: the kernel ties requests to the "
                    + "carrier thread, which changes; let a platform thread own the ring");
        }
    }

    /** {@return the queue of entries to submit} */
    public SubmissionQueue submissions() {
        return submissions;
    }

    /** {@return the queue of completions} */
    public CompletionQueue completions() {
        return completions;
    }

    /** {@return the flags that the ring was set up with, chosen or insisted on} */
    public Set<SetupFlag> flags() {
        return flags;
    }

    /** {@return what the kernel has} */
    public Capabilities capabilities() {
        return capabilities;
    }

    /**
     * The ring's descriptor, to poll it or to name it to other rings. It belongs to the ring: don't close it.
     *
     * @return the descriptor
     * @throws IllegalStateException if the ring is closed, or has none (REGISTERED_FD_ONLY)
     */
    public int fd() {
        requireOpen();
        if (descriptor.fd() < 0) {
            throw new IllegalStateException("a ring with REGISTERED_FD_ONLY has no descriptor");
        }
        return descriptor.fd();
    }

    /**
     * Passes all pending entries to the kernel. Enters the kernel once; not at all when nothing is
     * pending and nothing to be gathered (see {@link #peek}), or when a submission thread is awake to take
     * the entries.
     *
     * @return how many entries the kernel took; with a submission thread, how many this call passed to it
     * @throws UringException if the kernel refuses the call
     */
    public int submit() throws UringException {
        requireThread();
        return entry.submit();
    }

    /**
     * Passes all pending entries to the kernel and waits until so many completions are ready. Enters
     * the kernel once, when all goes well.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @return how many entries the kernel took
     * @throws UringException if the kernel refuses the call
     */
    public int submitAndWait(int completionCount) throws UringException {
        requireThread();
        return entry.submitAndWait(completionCount);
    }

    /**
     * Passes all pending entries to the kernel and waits until so many completions are ready or the
     * time is up; {@code completions().ready()} tells which. Enters the kernel once, when all goes well.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @param timeoutNanos how long to wait at most, in nanoseconds, not negative
     * @return how many entries the kernel took
     * @throws UringException if the kernel refuses the call
     */
    public int submitAndWait(int completionCount, long timeoutNanos) throws UringException {
        requireThread();
        return entry.submitAndWait(completionCount, timeoutNanos);
    }

    /**
     * Waits until so many completions are ready. Enters the kernel only when fewer are.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @throws UringException if the kernel refuses the call
     */
    public void waitFor(int completionCount) throws UringException {
        requireThread();
        entry.waitFor(completionCount);
    }

    /**
     * Waits until so many completions are ready or the time is up. Enters the kernel only when fewer
     * are ready.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @param timeoutNanos how long to wait at most, in nanoseconds, not negative
     * @return whether so many are ready
     * @throws UringException if the kernel refuses the call
     */
    public boolean waitFor(int completionCount, long timeoutNanos) throws UringException {
        requireThread();
        return entry.waitFor(completionCount, timeoutNanos);
    }

    /**
     * Waits until so many completions are ready or the time is up, but ends after the minimum time as
     * soon as at least one is ready: a batch gets time to build up, at a bounded cost in latency. Enters
     * the kernel only when fewer are ready. From Linux 6.12.
     *
     * @param completionCount how many completions to wait for, 1 to the completion queue's capacity
     * @param timeoutNanos how long to wait at most, in nanoseconds, not negative
     * @param minimumMicros how long to wait for a batch, in microseconds, not negative
     * @return how many completions are ready
     * @throws UringException if the kernel refuses the call
     * @throws UnsupportedOperationException if the kernel lacks minimum waits
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_submit_and_wait_min_timeout.3.html">io_uring_submit_and_wait_min_timeout(3)</a>
     */
    public int waitForBatch(int completionCount, long timeoutNanos, int minimumMicros) throws UringException {
        requireThread();
        return entry.waitForBatch(completionCount, timeoutNanos, minimumMicros);
    }

    /**
     * Waits until so many completions are ready or a point in time has come. Enters the kernel only when
     * fewer are ready. From Linux 6.12.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @param deadlineNanos the point in time, in nanoseconds of the ring's clock: the monotonic one, as
     *     {@link System#nanoTime} on Linux, unless {@link #useClock} has set another
     * @return whether so many are ready
     * @throws UringException if the kernel refuses the call
     * @throws UnsupportedOperationException if the kernel lacks absolute timeouts
     */
    public boolean waitUntil(int completionCount, long deadlineNanos) throws UringException {
        requireThread();
        return entry.waitUntil(completionCount, deadlineNanos);
    }

    /**
     * Waits as a registered argument says. Enters the kernel only when fewer completions are ready. From
     * Linux 6.13.
     *
     * @param completionCount how many completions to wait for, 0 to the completion queue's capacity
     * @param index which argument of the ring's {@link WaitRegion}
     * @return whether so many are ready
     * @throws UringException with EFAULT if the region holds no such argument, EINVAL without a region
     * @throws UnsupportedOperationException if the kernel lacks registered waits
     */
    public boolean waitRegistered(int completionCount, int index) throws UringException {
        requireThread();
        return entry.waitRegistered(completionCount, index);
    }

    /**
     * Waits until the submission thread has made room in the submission queue. Enters the kernel only
     * when the queue is full. From Linux 5.10.
     *
     * @return how many entries fit now
     * @throws UringException if the kernel refuses the call
     * @throws IllegalStateException if the ring has no submission thread
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_sqring_wait.3.html">io_uring_sqring_wait(3)</a>
     */
    public int waitForSpace() throws UringException {
        requireThread();
        return entry.waitForSpace();
    }

    /**
     * Sets whether waits count as I/O wait in the accounting of the system, as they do at first. From
     * Linux 6.15.
     *
     * @param counted whether they count
     * @throws UnsupportedOperationException if the kernel lacks NO_IOWAIT
     */
    public void countIoWait(boolean counted) {
        requireOpen();
        entry.countIoWait(counted);
    }

    /** The clocks that timed waits can use. */
    public enum Clock {
        /** Stands still while the machine is suspended. */
        MONOTONIC(Abi.CLOCK_MONOTONIC()),

        /** Goes on while the machine is suspended. */
        BOOTTIME(Abi.CLOCK_BOOTTIME());

        private final int id;

        Clock(int id) {
            this.id = id;
        }
    }

    /**
     * Chooses the clock of timed waits. From Linux 6.12.
     *
     * @param clock the clock
     * @throws UringException if the kernel refuses
     * @throws UnsupportedOperationException if the kernel lacks the choice
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_clock.3.html">io_uring_register_clock(3)</a>
     */
    public void useClock(Clock clock) throws UringException {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment argument = io_uring_clock_register.allocate(confined);
            io_uring_clock_register.clockid(argument, clock.id);
            register(RegisterOpcode.REGISTER_CLOCK, argument, 0);
        }
    }

    /**
     * Changes the sizes of both queues; what waits in them stays, in order. Entries that were handed out
     * and not submitted become invalid. Needs DEFER_TASKRUN and NO_SQARRAY. From Linux 6.13.
     *
     * @param submissionEntries the new size of the submission queue, 1 to 32768
     * @param completionEntries the new size of the completion queue, at least the submission queue's
     * @throws UringException with EOVERFLOW if what waits doesn't fit; the ring then stays as it is
     * @throws IllegalStateException if the ring is of a kind that can't be resized; or it has large entries, some wait,
     *     and the kernel is one before 7.0 that would mix them up
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_resize_rings.3.html">io_uring_resize_rings(3)</a>
     */
    public void resize(int submissionEntries, int completionEntries) throws UringException {
        requireThread();
        if (!flags.contains(SetupFlag.DEFER_TASKRUN)) {
            throw new IllegalStateException("only a ring with DEFER_TASKRUN can be resized");
        }
        if (flags.contains(SetupFlag.NO_MMAP)) {
            throw new IllegalStateException("a ring in memory of the program can't be resized");
        }
        if (!flags.contains(SetupFlag.NO_SQARRAY)) {
            // The kernel doesn't tell where it puts the new array.
            throw new IllegalStateException("only a ring with NO_SQARRAY can be resized");
        }
        boolean entriesWait = submissions.pending() > 0 || completions.ready() > 0;
        if (entriesWait && hasLargeEntries() && !ResizeTrial.keepsLargeEntries()) {
            throw new IllegalStateException("this kernel would mix up the large entries that wait: submit and read all, "
                    + "and resize the ring then");
        }
        resizeAsItIs(submissionEntries, completionEntries);
    }

    private boolean hasLargeEntries() {
        return flags.contains(SetupFlag.SQE128)
                || flags.contains(SetupFlag.CQE32)
                || flags.contains(SetupFlag.SQE_MIXED)
                || flags.contains(SetupFlag.CQE_MIXED);
    }

    /** Without a look at what the kernel makes of it. */
    void resizeAsItIs(int submissionEntries, int completionEntries) throws UringException {
        submissions.publish();
        completions.release();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(confined);
            io_uring_params.sq_entries(params, submissionEntries);
            io_uring_params.cq_entries(params, completionEntries);
            io_uring_params.flags(params, SetupFlag.CQSIZE.bit());
            register(RegisterOpcode.REGISTER_RESIZE_RINGS, params, 1);
            // The kernel reports only what resizing takes; the strides stay as they were set up.
            io_uring_params.flags(params, RingSetup.bits(flags));
            io_uring_params.features(params, Feature.SINGLE_MMAP.bit());
            RingMemory resized = RingMemory.map(descriptor.fd(), params);
            RingMemory old = memory;
            submissions.attach(params, resized);
            completions.attach(params, resized);
            memory = resized;
            old.retire();
        }
    }

    /**
     * Posts a completion to a ring without a ring of one's own, from any thread. From Linux 6.13.
     *
     * @param ring the descriptor of the ring
     * @param result the completion's result
     * @param data the completion's user data
     * @throws UringException with EBADFD if the descriptor isn't a ring or the ring is disabled
     * @throws UnsupportedOperationException if the kernel lacks this
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_sync_msg.3.html">io_uring_register_sync_msg(3)</a>
     */
    public static void post(int ring, int result, long data) throws UringException {
        Capabilities.ofKernel().require(RegisterOpcode.REGISTER_SEND_MSG_RING);
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment message = io_uring_sqe.allocate(confined);
            io_uring_sqe.opcode(message, (byte) Opcode.MSG_RING.code());
            io_uring_sqe.fd(message, ring);
            io_uring_sqe.len(message, result);
            io_uring_sqe.off(message, data);
            int answer = UringCalls.register(-1, RegisterOpcode.REGISTER_SEND_MSG_RING.code(), message.address(), 1);
            if (answer < 0) {
                throw new UringException("io_uring_register(IORING_REGISTER_SEND_MSG_RING)", answer);
            }
        }
    }

    /**
     * How many completions can be read. Enters the kernel only when none is ready and the kernel has
     * said that a call would bring some: completions that didn't fit, or deferred work; and on a ring
     * that can't be told so (IOPOLL, or DEFER_TASKRUN without TASKRUN_FLAG).
     *
     * @return how many completions are ready
     * @throws UringException if the kernel refuses the call
     */
    public int peek() throws UringException {
        requireThread();
        int ready = completions.ready();
        return ready > 0 || !entry.wouldGather() ? ready : entry.gather();
    }

    /**
     * Whether {@link #peek} may find completions: some are unread, or the kernel may hold some back. Any
     * thread may ask; what happens meanwhile may make the answer old. Doesn't enter the kernel.
     *
     * @return false when there was nothing to find
     * @throws IllegalStateException if the ring is closed
     */
    public boolean mayHaveCompletions() {
        requireOpen();
        return completions.isUnread() || entry.wouldGather();
    }

    /**
     * Enables a ring that was opened with R_DISABLED. With SINGLE_ISSUER the current thread becomes its
     * owner. From Linux 5.10.
     *
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if the ring is enabled already
     */
    public void enable() throws UringException {
        requireOpen();
        if (enabled) {
            throw new IllegalStateException("ring is enabled already");
        }
        if (singleIssuer) {
            refuseVirtualThread();
        }
        register(RegisterOpcode.REGISTER_ENABLE_RINGS, MemorySegment.NULL, 0);
        enabled = true;
        if (singleIssuer) {
            owner.take();
        }
    }

    /**
     * Registers the ring's descriptor with the current thread, which makes its calls a little cheaper.
     * {@link RingConfig#best} does so by itself. A thread can register 16 rings. From Linux 5.18.
     *
     * @throws UringException with EBUSY if the thread has registered 16 already
     * @throws IllegalStateException if the descriptor is registered already
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_ring_fd.3.html">io_uring_register_ring_fd(3)</a>
     */
    public void registerDescriptor() throws UringException {
        requireThread();
        capabilities.require(RegisterOpcode.REGISTER_RING_FDS);
        if (descriptor.isRegistered()) {
            throw new IllegalStateException("ring descriptor is registered already");
        }
        int result = descriptor.registerWithThread();
        if (result != 1) {
            throw new UringException("io_uring_register(IORING_REGISTER_RING_FDS)", result);
        }
    }

    /**
     * Takes back {@link #registerDescriptor}; only the thread that registered it can.
     *
     * @throws UringException if the kernel refuses
     * @throws IllegalStateException if the descriptor isn't registered
     */
    public void unregisterDescriptor() throws UringException {
        requireThread();
        if (!descriptor.isRegistered()) {
            throw new IllegalStateException("ring descriptor is not registered");
        }
        int result = descriptor.unregisterFromThread();
        if (result < 0) {
            throw new UringException("io_uring_register(IORING_UNREGISTER_RING_FDS)", result);
        }
    }

    /** {@return whether calls go through a registered descriptor} */
    public boolean isDescriptorRegistered() {
        return descriptor.isRegistered();
    }

    /**
     * io_uring_register(2) as it is, for what has no method of its own. The kernel may keep the address.
     *
     * @param opcode what to do
     * @param argument the opcode's argument, or {@link MemorySegment#NULL}
     * @param count the number of elements in the argument
     * @return 0 or more, as the opcode defines
     * @throws UringException if the kernel refuses
     * @throws UnsupportedOperationException if the kernel lacks the opcode
     * @throws IllegalStateException if the ring is closed, or belongs to another thread (SINGLE_ISSUER)
     * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_register.2.html">io_uring_register(2)</a>
     */
    public int register(RegisterOpcode opcode, MemorySegment argument, int count) throws UringException {
        requireOpen();
        capabilities.require(opcode);
        owner.require();
        if (!argument.isNative()) {
            throw new IllegalArgumentException("heap segment: the kernel needs native memory, as from an Arena");
        }
        if (!argument.scope().isAlive()) {
            throw new IllegalStateException("segment's arena is closed");
        }
        int result = descriptor.register(opcode.code(), argument.address(), count);
        if (result < 0) {
            throw new UringException("io_uring_register(IORING_" + opcode + ")", result);
        }
        return result;
    }

    /**
     * How many requests are in flight: those submitted less those whose last completion was read. An
     * estimate: requests that succeeded without a completion ({@link Sqe#skipSuccess}) count for ever, and
     * completions that belong to none (messages of other rings, tags of registered files and buffers) count
     * against it. What {@link CompletionQueue#drain} hands out counts when the handler has seen the batch.
     *
     * @return the estimate
     */
    public long inFlight() {
        return submissions.submittedCount() - completions.ended();
    }

    /** {@return what the ring has done so far} */
    public RingStats stats() {
        return entry.stats();
    }

    /**
     * Ends the ring: drops entries that weren't submitted and completions that weren't read, cancels
     * requests in flight, gives back memory and descriptor, and waits until the kernel has let go of the
     * ring. Registered files and buffers are let go too. Closing twice does nothing.
     *
     * <p>When this returns normally the kernel is done with all memory that requests pointed at.
     *
     * @throws UringException if requests have not ended within {@link RingConfig#closeTimeout}; the ring
     *     is closed all the same, but what those requests point at must not be freed or used again; also if the
     *     owner of a ring with DEFER_TASKRUN has ended before its requests, since no completion tells then
     * @throws IllegalStateException if the ring has an owner that lives, isn't the current thread, and
     *     has requests in flight; or if another thread is inside a call: the ring then stays open
     */
    @Override
    public void close() throws UringException {
        if (closed) {
            return;
        }
        RingShutdown shutdown = new RingShutdown(this, config.closeTimeout());
        shutdown.requireFeasible();
        try {
            // A downcall holds the arena of its arguments open: this finds any thread that is inside one.
            if (!singleIssuer) {
                arena.close();
            }
        } catch (IllegalStateException e) {
            throw new IllegalStateException("another thread is inside a call of this ring; close it when that is over", e);
        }
        closer = Thread.currentThread();
        closed = true;
        owner.end();
        try (Arena last = Arena.ofShared()) {
            entry.callWithMemoryOf(last);
            shutdown.cancelRequests(descriptor);
        } finally {
            closer = null;
            submissions.close();
            completions.close();
            if (!memory.retire()) {
                shutdown.watchForMemory(descriptor);
            }
            RingMappings.retireAll(this);
            descriptor.close();
        }
        if (!shutdown.awaitEnd()) {
            throw shutdown.report();
        }
    }

    /** {@return whether {@link #close} has ended the ring} */
    public boolean isClosed() {
        return closed;
    }

    /** Lives as long as the ring. */
    Arena arena() {
        return arena;
    }

    /** True when the current thread may enter the kernel for this ring. */
    boolean isUsableHere() {
        return enabled && !Thread.currentThread().isVirtual() && isOwnedHere();
    }

    /** True when the current thread may register things with the ring. */
    boolean isOwnedHere() {
        return !owner.isAnother();
    }

    /** True when the owner has ended, to whom alone the kernel listens. */
    boolean isOrphaned() {
        Thread thread = owner.thread();
        return thread != null && !thread.isAlive();
    }

    private void requireOpen() {
        if (closed && Thread.currentThread() != closer) {
            throw new IllegalStateException("ring is closed");
        }
    }

    private void requireThread() {
        requireOpen();
        Thread current = Thread.currentThread();
        if (owner.thread() != current) {
            refuseVirtualThread();
            owner.require();
            if (!enabled) {
                throw new IllegalStateException("ring is disabled (R_DISABLED): call enable() first");
            }
        }
    }

    /** {@return the flags, the counters, and what waits in both queues, for a person who debugs} */
    @Override
    public String toString() {
        if (closed) {
            return "Ring[closed]";
        }
        return "Ring[fd=" + descriptor.fd() + ", flags=" + flags + ", " + stats() + "\n " + submissions + "\n "
                + completions + "]";
    }
}
