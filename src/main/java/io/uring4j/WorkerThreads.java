package io.uring4j;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * The kernel threads (io-wq) that run what can't run without blocking.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_iowq_max_workers.3.html">io_uring_register_iowq_max_workers(3)</a>
 */
public final class WorkerThreads {
    private WorkerThreads() {}

    /**
     * How many worker threads there may be.
     *
     * @param bounded for work that ends in bounded time, such as file reads
     * @param unbounded for work that may take for ever, such as socket reads
     */
    public record Limits(int bounded, int unbounded) {
        /** Checks that neither is negative. */
        public Limits {
            if (bounded < 0 || unbounded < 0) {
                throw new IllegalArgumentException("worker limits " + bounded + " and " + unbounded + " must not be negative");
            }
        }
    }

    /**
     * Limits the number of worker threads. From Linux 5.15.
     *
     * @param ring the ring that the threads work for
     * @param limits the new limits; 0 leaves one as it is
     * @return the limits before
     * @throws UringException if the kernel refuses
     */
    public static Limits limit(Ring ring, Limits limits) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocateFrom(ValueLayout.JAVA_INT, limits.bounded(), limits.unbounded());
            ring.register(RegisterOpcode.REGISTER_IOWQ_MAX_WORKERS, pair, 2);
            return new Limits(
                    pair.getAtIndex(ValueLayout.JAVA_INT, 0), pair.getAtIndex(ValueLayout.JAVA_INT, 1));
        }
    }

    /**
     * Binds the worker threads to CPUs. From Linux 5.14.
     *
     * @param ring the ring that the threads work for
     * @param cpus the CPUs' numbers, at least one
     * @throws UringException with EINVAL if one of them is not there
     */
    public static void bindTo(Ring ring, BitSet cpus) throws UringException {
        if (cpus.isEmpty()) {
            throw new IllegalArgumentException("worker threads need at least one CPU");
        }
        int last = lastPossibleCpu();
        if (cpus.length() - 1 > last) {
            // The kernel only looks at the bits of CPUs that can be, and takes a mask of others for empty.
            throw new UringException(
                    "io_uring_register(IORING_REGISTER_IOWQ_AFF)",
                    Errno.EINVAL.number(),
                    "The machine's CPUs are 0 to " + last);
        }
        try (Arena arena = Arena.ofConfined()) {
            long[] words = cpus.toLongArray();
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, words);
            ring.register(RegisterOpcode.REGISTER_IOWQ_AFF, mask, words.length * Long.BYTES);
        }
    }

    /** The last number of a list such as "0-3,5". */
    private static int lastPossibleCpu() {
        try {
            String list = Files.readString(Path.of("/sys/devices/system/cpu/possible")).strip();
            return Integer.parseInt(list.substring(1 + Math.max(list.lastIndexOf('-'), list.lastIndexOf(','))));
        } catch (IOException e) {
            // Without sysfs the kernel's own check has to do.
            return Integer.MAX_VALUE;
        }
    }

    /**
     * Lets the worker threads run on any CPU. From Linux 5.14.
     *
     * @param ring the ring that the threads work for
     * @throws UringException if the kernel refuses
     */
    public static void unbind(Ring ring) throws UringException {
        ring.register(RegisterOpcode.UNREGISTER_IOWQ_AFF, MemorySegment.NULL, 0);
    }
}
