package io.uring4j.loop;

import io.uring4j.Capabilities;
import io.uring4j.RingConfig;
import io.uring4j.SetupFlag;
import io.uring4j.sys.Deadline;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a loop is set up. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * EventLoop loop = EventLoop.start(LoopConfig.standard().name("storage").submissionEntries(512));
 * }</pre>
 */
public final class LoopConfig {
    private static final int SUBMISSION_ENTRIES = 256;
    private static final int QUEUE_CAPACITY = 4096;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration IDLE_TIME = Duration.ofMillis(200);

    private String name = "uring4j-loop";
    private int submissionEntries = SUBMISSION_ENTRIES;
    private int completionEntries;
    private int queueCapacity = QUEUE_CAPACITY;
    private BackPressure backPressure = BackPressure.BLOCK;
    private boolean requestCache = true;
    private Duration closeTimeout = CLOSE_TIMEOUT;
    private Duration idleTime = IDLE_TIME;
    private int cpu = -1;
    private FailureHandler failureHandler = LoopConfig::report;
    private @Nullable MessageHandler messageHandler;
    private EnumSet<LoopFeature> denied = EnumSet.noneOf(LoopFeature.class);
    private EnumSet<LoopFeature> insisted = EnumSet.noneOf(LoopFeature.class);

    /** What happens to another thread that submits when the loop's queue is full. */
    public enum BackPressure {
        /**
         * It waits; a virtual thread parks. Threads of other loops don't wait, since two loops could wait for each
         * other: they get an exception.
         */
        BLOCK,

        /** It gets a {@link java.util.concurrent.RejectedExecutionException}. */
        REJECT
    }

    /** Gets what handlers and tasks throw. */
    @FunctionalInterface
    public interface FailureHandler {
        /**
         * A handler or task has thrown, on the loop's thread.
         *
         * @param loop the loop, which goes on
         * @param failure what was thrown
         */
        void failed(EventLoop loop, Throwable failure);
    }

    /** Gets messages of other loops. */
    @FunctionalInterface
    public interface MessageHandler {
        /**
         * A message has come, on the loop's thread.
         *
         * @param loop the loop that it came to
         * @param value the value; for a descriptor the slot of the registered files that it is in
         * @param tag what the sender calls it
         */
        void received(EventLoop loop, int value, int tag);
    }

    private LoopConfig() {}

    /** {@return 256 submission entries, a queue for 4096 operations of other threads, and the best that the kernel has} */
    public static LoopConfig standard() {
        return new LoopConfig();
    }

    private LoopConfig copy() {
        LoopConfig copy = new LoopConfig();
        copy.name = name;
        copy.submissionEntries = submissionEntries;
        copy.completionEntries = completionEntries;
        copy.queueCapacity = queueCapacity;
        copy.backPressure = backPressure;
        copy.requestCache = requestCache;
        copy.closeTimeout = closeTimeout;
        copy.idleTime = idleTime;
        copy.cpu = cpu;
        copy.failureHandler = failureHandler;
        copy.messageHandler = messageHandler;
        copy.denied = EnumSet.copyOf(denied);
        copy.insisted = EnumSet.copyOf(insisted);
        return copy;
    }

    /**
     * Names the loop and its thread.
     *
     * @param text the name
     * @return a changed copy
     */
    public LoopConfig name(String text) {
        LoopConfig copy = copy();
        copy.name = Objects.requireNonNull(text);
        return copy;
    }

    /**
     * Sets the size of the submission queue: how many operations go to the kernel with one call at most.
     *
     * @param entries 2 to 32768; the kernel rounds it up to a power of two
     * @return a changed copy
     */
    public LoopConfig submissionEntries(int entries) {
        requireRange("submission entries", entries, 2, RingConfig.MAX_SUBMISSION_ENTRIES);
        LoopConfig copy = copy();
        copy.submissionEntries = entries;
        return copy;
    }

    /**
     * Sets the size of the completion queue; eight times the submission queue's unless set, within the kernel's limit.
     *
     * @param entries at least the submission queue's size
     * @return a changed copy
     */
    public LoopConfig completionEntries(int entries) {
        requireRange("completion entries", entries, 2, RingConfig.MAX_COMPLETION_ENTRIES);
        LoopConfig copy = copy();
        copy.completionEntries = entries;
        return copy;
    }

    /**
     * Sets the size of the queue in which other threads put operations.
     *
     * @param operations 1 to 2²⁰; rounded up to a power of two
     * @return a changed copy
     */
    public LoopConfig queueCapacity(int operations) {
        requireRange("queue capacity", operations, 1, 1 << 20);
        LoopConfig copy = copy();
        copy.queueCapacity = operations;
        return copy;
    }

    /**
     * Sets what happens to other threads when that queue is full; they wait unless set.
     *
     * @param choice what happens
     * @return a changed copy
     */
    public LoopConfig backPressure(BackPressure choice) {
        LoopConfig copy = copy();
        copy.backPressure = Objects.requireNonNull(choice);
        return copy;
    }

    /**
     * Makes the loop allocate an object for each operation in place of recycling them: to compare.
     *
     * @return a changed copy
     */
    public LoopConfig withoutRequestCache() {
        LoopConfig copy = copy();
        copy.requestCache = false;
        return copy;
    }

    /**
     * Sets how long the end of the loop waits for cancelled operations; 5 seconds unless set.
     *
     * @param timeout not negative
     * @return a changed copy
     */
    public LoopConfig closeTimeout(Duration timeout) {
        LoopConfig copy = copy();
        copy.closeTimeout = requireTime(timeout);
        return copy;
    }

    /**
     * Sets after what time without completions the loop gives back memory that it doesn't need; 200 ms unless set.
     *
     * @param time not negative
     * @return a changed copy
     */
    public LoopConfig idleTime(Duration time) {
        LoopConfig copy = copy();
        copy.idleTime = requireTime(time);
        return copy;
    }

    /**
     * Pins the loop's thread to a CPU.
     *
     * @param number the CPU's number, from 0
     * @return a changed copy
     */
    public LoopConfig cpu(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("CPU " + number + " is negative");
        }
        LoopConfig copy = copy();
        copy.cpu = number;
        return copy;
    }

    /**
     * Sets who gets what handlers and tasks throw; unless set, the uncaught exception handler of the loop's thread.
     *
     * @param handler called on the loop's thread
     * @return a changed copy
     */
    public LoopConfig onFailure(FailureHandler handler) {
        LoopConfig copy = copy();
        copy.failureHandler = Objects.requireNonNull(handler);
        return copy;
    }

    /**
     * Sets who gets messages of other loops; unless set, they are dropped.
     *
     * @param handler called on the loop's thread
     * @return a changed copy
     */
    public LoopConfig onMessage(MessageHandler handler) {
        LoopConfig copy = copy();
        copy.messageHandler = Objects.requireNonNull(handler);
        return copy;
    }

    /**
     * Does without features, as on a kernel that lacks them.
     *
     * @param features what not to use
     * @return a changed copy
     */
    public LoopConfig without(LoopFeature... features) {
        LoopConfig copy = copy();
        copy.denied.addAll(Set.of(features));
        return copy;
    }

    /**
     * Insists on features: {@link EventLoop#start(LoopConfig)} throws {@link UnsupportedOperationException} on a kernel that
     * lacks one, and {@link IllegalArgumentException} if the loop is to do {@linkplain #without without} it.
     *
     * @param features what must be there
     * @return a changed copy
     */
    public LoopConfig insistOn(LoopFeature... features) {
        LoopConfig copy = copy();
        copy.insisted.addAll(Set.of(features));
        return copy;
    }

    private static void report(EventLoop loop, Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }

    private static void requireRange(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " " + value + " not in " + least + ".." + most);
        }
    }

    private static Duration requireTime(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time " + time + " is negative");
        }
        return time;
    }

    /** What a loop uses on a kernel; throws when one that is insisted on isn't there. */
    Set<LoopFeature> resolve(Capabilities capabilities) {
        EnumSet<LoopFeature> used = EnumSet.noneOf(LoopFeature.class);
        for (LoopFeature feature : LoopFeature.values()) {
            if (feature.isIn(capabilities) && !denied.contains(feature)) {
                used.add(feature);
            }
        }
        if (!used.contains(LoopFeature.BUFFER_RING)) {
            used.remove(LoopFeature.BUNDLES);
        }
        for (LoopFeature feature : insisted) {
            requireUse(feature, used, capabilities);
        }
        return used;
    }

    private void requireUse(LoopFeature feature, Set<LoopFeature> used, Capabilities capabilities) {
        if (!feature.isIn(capabilities)) {
            throw new UnsupportedOperationException("this kernel lacks " + feature + ", which the loop insists on");
        }
        if (denied.contains(feature)) {
            throw new IllegalArgumentException(feature + " is both denied and insisted on");
        }
        if (!used.contains(feature)) {
            throw new IllegalArgumentException(feature + " is insisted on, but what it needs is denied");
        }
    }

    /** How to set up the ring of a loop that uses these features. */
    RingConfig ringConfig(Set<LoopFeature> used, Capabilities capabilities) {
        RingConfig best = ringConfig();
        boolean next = !used.contains(LoopFeature.DEFERRED_COMPLETIONS) && capabilities.has(SetupFlag.COOP_TASKRUN);
        return next ? best.with(SetupFlag.COOP_TASKRUN) : best;
    }

    private RingConfig ringConfig() {
        int wanted = completionEntries == 0
                ? Math.min(8 * submissionEntries, RingConfig.MAX_COMPLETION_ENTRIES)
                : Math.max(completionEntries, submissionEntries);
        return RingConfig.best(submissionEntries).completionEntries(wanted).closeTimeout(closeTimeout);
    }

    String name() {
        return name;
    }

    int queueCapacity() {
        return queueCapacity;
    }

    BackPressure backPressure() {
        return backPressure;
    }

    boolean hasRequestCache() {
        return requestCache;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    long idleNanos() {
        return Deadline.nanos(idleTime);
    }

    int cpu() {
        return cpu;
    }

    FailureHandler failureHandler() {
        return failureHandler;
    }

    @Nullable MessageHandler messageHandler() {
        return messageHandler;
    }
}
