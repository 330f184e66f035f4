package io.uring4j;

import io.uring4j.sys.NativeAccess;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a ring is set up. Immutable: each method returns a changed copy.
 *
 * <p>{@link #best} lets the library take the fastest flags that the kernel has; {@link Ring#flags()}
 * then tells which those were. {@link #plain} takes only what is named. A flag that is named by
 * {@link #with} is insisted on: a kernel that lacks it refuses the ring.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_setup.2.html">io_uring_setup(2)</a>
 */
public final class RingConfig {
    /** The most submission entries that a kernel allows. */
    public static final int MAX_SUBMISSION_ENTRIES = 32768;

    /** The most completion entries that a kernel allows. */
    public static final int MAX_COMPLETION_ENTRIES = 2 * MAX_SUBMISSION_ENTRIES;

    private final int submissionEntries;
    private final boolean best;
    private final Set<SetupFlag> insisted = EnumSet.noneOf(SetupFlag.class);
    private int completionEntries;
    private int threadIdleMillis;
    private int threadCpu;
    private @Nullable Ring workers;
    private @Nullable MemorySegment memory;
    private Duration closeTimeout = Duration.ofSeconds(5);

    private RingConfig(int submissionEntries, boolean best) {
        this.submissionEntries = submissionEntries;
        this.best = best;
    }

    /**
     * The fastest set-up that this kernel has, for a ring that one thread owns. What is taken, when
     * it is there: SINGLE_ISSUER with DEFER_TASKRUN (else COOP_TASKRUN), TASKRUN_FLAG, NO_SQARRAY,
     * SUBMIT_ALL, and a registered ring descriptor.
     *
     * @param submissionEntries the size of the submission queue, 1 to {@value #MAX_SUBMISSION_ENTRIES};
     *     the kernel rounds it up to a power of two
     * @return the configuration
     * @throws IllegalCallerException if the JVM denies native access; the message names the option
     */
    public static RingConfig best(int submissionEntries) {
        NativeAccess.require();
        return new RingConfig(submissionEntries, true);
    }

    /**
     * A ring with no flag but those that are named later, as liburing's {@code io_uring_queue_init}
     * sets it up.
     *
     * @param submissionEntries the size of the submission queue, 1 to {@value #MAX_SUBMISSION_ENTRIES};
     *     the kernel rounds it up to a power of two
     * @return the configuration
     * @throws IllegalCallerException if the JVM denies native access; the message names the option
     */
    public static RingConfig plain(int submissionEntries) {
        NativeAccess.require();
        return new RingConfig(submissionEntries, false);
    }

    private RingConfig copy() {
        RingConfig copy = new RingConfig(submissionEntries, best);
        copy.insisted.addAll(insisted);
        copy.completionEntries = completionEntries;
        copy.threadIdleMillis = threadIdleMillis;
        copy.threadCpu = threadCpu;
        copy.workers = workers;
        copy.memory = memory;
        copy.closeTimeout = closeTimeout;
        return copy;
    }

    /**
     * Insists on flags. Those that carry a value are set by a method of their own
     * ({@link #completionEntries}, {@link #submissionThread}, {@link #submissionThreadCpu},
     * {@link #sharedWorkers}).
     *
     * @param flags the flags that the ring must have
     * @return a changed copy
     */
    public RingConfig with(SetupFlag... flags) {
        return with(List.of(flags));
    }

    /**
     * Insists on flags.
     *
     * @param flags the flags that the ring must have
     * @return a changed copy
     */
    public RingConfig with(Collection<SetupFlag> flags) {
        RingConfig copy = copy();
        copy.insisted.addAll(flags);
        return copy;
    }

    /**
     * Sets the size of the completion queue; twice the submission queue's unless set.
     *
     * @param entries at least the submission queue's size, at most {@value #MAX_COMPLETION_ENTRIES};
     *     the kernel rounds it up to a power of two
     * @return a changed copy
     */
    public RingConfig completionEntries(int entries) {
        RingConfig copy = with(SetupFlag.CQSIZE);
        copy.completionEntries = entries;
        return copy;
    }

    /**
     * Lets a kernel thread submit (SQPOLL).
     *
     * @param idleMillis how long the thread looks for entries before it sleeps, in ms; 0 for the
     *     kernel's default of one second
     * @return a changed copy
     */
    public RingConfig submissionThread(int idleMillis) {
        RingConfig copy = with(SetupFlag.SQPOLL);
        copy.threadIdleMillis = idleMillis;
        return copy;
    }

    /**
     * Binds the submission thread to a CPU (SQ_AFF). Needs {@link #submissionThread}.
     *
     * @param cpu the CPU's number, from 0
     * @return a changed copy
     */
    public RingConfig submissionThreadCpu(int cpu) {
        RingConfig copy = with(SetupFlag.SQ_AFF);
        copy.threadCpu = cpu;
        return copy;
    }

    /**
     * Shares the worker threads, and with SQPOLL the submission thread, of another ring (ATTACH_WQ).
     *
     * @param ring an open ring
     * @return a changed copy
     */
    public RingConfig sharedWorkers(Ring ring) {
        RingConfig copy = with(SetupFlag.ATTACH_WQ);
        copy.workers = Objects.requireNonNull(ring);
        return copy;
    }

    /**
     * Puts both queues into memory of the caller (NO_MMAP, from Linux 6.5). Before Linux 6.14 the
     * kernel wants each part within one page, or in huge pages. The memory must stay until the ring is closed and no
     * other thread asks the ring anything; unlike with mapped rings, nothing else guards it.
     *
     * <p>After {@link Ring#close} it is the caller's again. The kernel goes on writing to a ring for some 20 ms after it was
     * closed: so private memory (of the C heap, of an arena) gets fresh pages, of zeros; for other memory (shared, huge
     * pages) close waits, and reports when it can't know. When {@link Ring#open} fails, shared memory should not be used for
     * anything else before a second has passed.
     *
     * @param memory native, writable memory that starts on a page, of at least {@link #memorySize} bytes
     * @return a changed copy
     */
    public RingConfig memory(MemorySegment memory) {
        RingConfig copy = with(SetupFlag.NO_MMAP);
        copy.memory = Objects.requireNonNull(memory);
        return copy;
    }

    /**
     * Sets how long {@link Ring#close} waits for requests to end; 5 seconds unless set.
     *
     * @param timeout not negative
     * @return a changed copy
     */
    public RingConfig closeTimeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("close timeout " + timeout + " is negative");
        }
        RingConfig copy = copy();
        copy.closeTimeout = timeout;
        return copy;
    }

    /**
     * How much memory {@link #memory} needs for this configuration.
     *
     * @return the size in bytes, a multiple of the page size
     */
    public long memorySize() {
        return RingMemory.requiredSize(this);
    }

    /** {@return the wanted size of the submission queue, before the kernel rounds it} */
    public int submissionEntries() {
        return submissionEntries;
    }

    /** {@return the wanted size of the completion queue, before the kernel rounds it} */
    public int completionEntries() {
        return completionEntries == 0 ? 2 * submissionEntries : completionEntries;
    }

    int threadIdleMillis() {
        return threadIdleMillis;
    }

    int threadCpu() {
        return threadCpu;
    }

    @Nullable Ring workers() {
        return workers;
    }

    @Nullable MemorySegment memory() {
        return memory;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    boolean isBest() {
        return best;
    }

    boolean has(SetupFlag flag) {
        return insisted.contains(flag);
    }

    /** The flags to ask for on a kernel that has the given ones; throws when an insisted one isn't there. */
    Set<SetupFlag> resolve(Set<SetupFlag> available) {
        validate();
        for (SetupFlag flag : insisted) {
            if (!available.contains(flag)) {
                throw new UnsupportedOperationException(
                        "this kernel lacks IORING_SETUP_" + flag + ", which needs Linux " + flag.since());
            }
        }
        EnumSet<SetupFlag> chosen = EnumSet.copyOf(insisted.isEmpty() ? EnumSet.noneOf(SetupFlag.class) : insisted);
        if (best) {
            EnumSet<SetupFlag> wanted = EnumSet.of(SetupFlag.SUBMIT_ALL, SetupFlag.NO_SQARRAY, SetupFlag.SINGLE_ISSUER);
            if (!has(SetupFlag.SQPOLL)) {
                boolean deferred = available.contains(SetupFlag.DEFER_TASKRUN) && !has(SetupFlag.COOP_TASKRUN);
                wanted.add(deferred ? SetupFlag.DEFER_TASKRUN : SetupFlag.COOP_TASKRUN);
                wanted.add(SetupFlag.TASKRUN_FLAG);
            }
            wanted.retainAll(available);
            chosen.addAll(wanted);
        }
        return chosen;
    }

    private void validate() {
        boolean clamp = has(SetupFlag.CLAMP);
        requireArgument(
                submissionEntries >= 1 && (clamp || submissionEntries <= MAX_SUBMISSION_ENTRIES),
                "submission entries " + submissionEntries + " not in 1.." + MAX_SUBMISSION_ENTRIES);
        if (has(SetupFlag.CQSIZE)) {
            requireArgument(
                    completionEntries >= submissionEntries && (clamp || completionEntries <= MAX_COMPLETION_ENTRIES),
                    "completion entries " + completionEntries + " not in " + submissionEntries + ".."
                            + MAX_COMPLETION_ENTRIES + " (set them with completionEntries(n))");
        }
        requireArgument(threadIdleMillis >= 0, "submission thread idle time " + threadIdleMillis + " ms is negative");
        requireArgument(threadCpu >= 0, "CPU " + threadCpu + " is negative");
        requireArgument(!has(SetupFlag.ATTACH_WQ) || workers != null, "ATTACH_WQ needs sharedWorkers(ring)");
        requireCompanion(SetupFlag.SQ_AFF, SetupFlag.SQPOLL);
        requireCompanion(SetupFlag.REGISTERED_FD_ONLY, SetupFlag.NO_MMAP);
        requireCompanion(SetupFlag.HYBRID_IOPOLL, SetupFlag.IOPOLL);
        requireArgument(
                !has(SetupFlag.SQE_MIXED) || submissionEntries > 1,
                "SQE_MIXED needs two submission entries at least, for a large one");
        requireArgument(
                !has(SetupFlag.CQE_MIXED) || !has(SetupFlag.CQSIZE) || completionEntries > 1,
                "CQE_MIXED needs two completion entries at least, for a large one");
        refuseTogether(SetupFlag.CQE32, SetupFlag.CQE_MIXED);
        refuseTogether(SetupFlag.SQE128, SetupFlag.SQE_MIXED);
        refuseTogether(SetupFlag.SQPOLL, SetupFlag.DEFER_TASKRUN);
        refuseTogether(SetupFlag.SQPOLL, SetupFlag.COOP_TASKRUN);
        refuseTogether(SetupFlag.SQPOLL, SetupFlag.TASKRUN_FLAG);
        refuseTogether(SetupFlag.SQPOLL, SetupFlag.SQ_REWIND);
        if (!best) {
            requireCompanion(SetupFlag.DEFER_TASKRUN, SetupFlag.SINGLE_ISSUER);
            requireCompanion(SetupFlag.SQ_REWIND, SetupFlag.NO_SQARRAY);
            requireArgument(
                    !has(SetupFlag.TASKRUN_FLAG) || has(SetupFlag.COOP_TASKRUN) || has(SetupFlag.DEFER_TASKRUN),
                    "TASKRUN_FLAG needs COOP_TASKRUN or DEFER_TASKRUN");
        }
    }

    private void requireCompanion(SetupFlag flag, SetupFlag companion) {
        requireArgument(!has(flag) || has(companion), flag + " needs " + companion);
    }

    private void refuseTogether(SetupFlag one, SetupFlag other) {
        requireArgument(!has(one) || !has(other), one + " and " + other + " exclude each other");
    }

    private static void requireArgument(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
