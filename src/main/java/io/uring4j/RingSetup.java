package io.uring4j;

import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.Libc;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The making of one ring: what is asked of the kernel, what it gives, and how to give all of it back. */
final class RingSetup {
    private static final int NONE = -1;

    private final RingConfig config;
    private final Capabilities capabilities;
    private final Set<SetupFlag> wanted;
    private final Arena arena;
    private final MemorySegment params;
    private int fd = NONE;
    private @Nullable RingMemory memory;

    private RingSetup(RingConfig config, Capabilities capabilities, Set<SetupFlag> wanted) {
        this.config = config;
        this.capabilities = capabilities;
        this.wanted = wanted;
        // A ring with an owner needs no guard against calls of other threads, which are refused; the guard
        // costs two atomic operations a call.
        this.arena = ownsThread() ? Arena.ofAuto() : Arena.ofShared();
        this.params = io_uring_params.allocate(arena);
    }

    /**
     * Decides on the flags.
     *
     * @throws UnsupportedOperationException if the kernel lacks one that the configuration insists on
     */
    static RingSetup of(RingConfig config, Capabilities capabilities) {
        return new RingSetup(config, capabilities, config.resolve(capabilities.setupFlags()));
    }

    /** Whether the ring ties itself to the thread that opens or enables it. */
    boolean ownsThread() {
        return wanted.contains(SetupFlag.SINGLE_ISSUER);
    }

    /** Sets the ring up and maps its memory. */
    void enterKernel() throws UringException {
        fillParams();
        boolean mapsNothing = wanted.contains(SetupFlag.NO_MMAP);
        memory = mapsNothing ? RingMemory.provide(config, params) : null;
        int result = UringCalls.setup(config.submissionEntries(), params);
        if (result < 0) {
            throw SetupDiagnosis.ofHost().explain(result);
        }
        fd = result;
        if (!mapsNothing) {
            memory = RingMemory.map(fd, params);
        }
    }

    private void fillParams() {
        io_uring_params.flags(params, bits(wanted));
        io_uring_params.cq_entries(params, config.completionEntries());
        io_uring_params.sq_thread_idle(params, config.threadIdleMillis());
        io_uring_params.sq_thread_cpu(params, config.threadCpu());
        Ring workers = config.workers();
        if (workers != null) {
            io_uring_params.wq_fd(params, workers.fd());
        }
    }

    static int bits(Set<SetupFlag> wanted) {
        int bits = 0;
        for (SetupFlag flag : wanted) {
            bits |= flag.bit();
        }
        return bits;
    }

    /** Gives back all that there is, when the ring doesn't come to be. */
    void undo() {
        if (!ownsThread()) {
            arena.close();
        }
        if (memory != null) {
            memory.retire();
        }
        if (fd != NONE && !wanted.contains(SetupFlag.REGISTERED_FD_ONLY)) {
            Libc.close(fd);
        }
    }

    RingConfig config() {
        return config;
    }

    Capabilities capabilities() {
        return capabilities;
    }

    Arena arena() {
        return arena;
    }

    /** What the kernel has filled in. */
    MemorySegment params() {
        return params;
    }

    /** The flags that the kernel has taken. */
    Set<SetupFlag> flags() {
        EnumSet<SetupFlag> found = EnumSet.noneOf(SetupFlag.class);
        for (SetupFlag flag : SetupFlag.values()) {
            if (RingMemory.has(params, flag)) {
                found.add(flag);
            }
        }
        return Collections.unmodifiableSet(found);
    }

    /** The descriptor, or the index in its place (REGISTERED_FD_ONLY). */
    int fd() {
        return fd;
    }

    RingMemory memory() {
        if (memory == null) {
            throw new IllegalStateException("ring isn't set up");
        }
        return memory;
    }
}
