package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.__kernel_timespec;
import io.uring4j.abi.io_uring_mem_region_reg;
import io.uring4j.abi.io_uring_reg_wait;
import io.uring4j.abi.io_uring_region_desc;
import io.uring4j.sys.Libc;
import io.uring4j.sys.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that holds the arguments of timed waits and is registered with a ring, so that the kernel
 * needn't copy them at each wait: {@link Ring#waitRegistered}. It must be registered while the ring is
 * disabled (R_DISABLED), once, and lives as long as the ring. From Linux 6.13.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_region.3.html">io_uring_register_region(3)</a>
 */
public final class WaitRegion {
    static final long ENTRY_BYTES = io_uring_reg_wait.layout().byteSize();
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final MemorySegment entries;
    private final int capacity;

    private WaitRegion(MemorySegment entries) {
        this.entries = entries;
        this.capacity = (int) (entries.byteSize() / ENTRY_BYTES);
    }

    /**
     * Registers a region of whole pages.
     *
     * @param ring a ring that isn't enabled yet
     * @param entries how many arguments it must hold at least, from 1
     * @return the region
     * @throws UringException with EINVAL if the ring is enabled, EBUSY if it has a region already
     */
    public static WaitRegion register(Ring ring, int entries) throws UringException {
        if (entries < 1) {
            throw new IllegalArgumentException("a region for " + entries + " waits");
        }
        ring.capabilities().require(RegisterOpcode.REGISTER_MEM_REGION);
        long bytes = (entries * ENTRY_BYTES + Libc.PAGE_SIZE - 1) / Libc.PAGE_SIZE * Libc.PAGE_SIZE;
        Mapping mapping = Mapping.anonymous(bytes, ring.arena());
        if (mapping.failed()) {
            throw new UringException("mmap", mapping.errno());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = io_uring_region_desc.allocate(arena);
            io_uring_region_desc.user_addr(descriptor, mapping.segment().address());
            io_uring_region_desc.size(descriptor, bytes);
            io_uring_region_desc.flags(descriptor, Abi.IORING_MEM_REGION_TYPE_USER());
            MemorySegment registration = io_uring_mem_region_reg.allocate(arena);
            io_uring_mem_region_reg.region_uptr(registration, descriptor.address());
            io_uring_mem_region_reg.flags(registration, Abi.IORING_MEM_REGION_REG_WAIT_ARG());
            ring.register(RegisterOpcode.REGISTER_MEM_REGION, registration, 1);
        }
        return new WaitRegion(mapping.segment());
    }

    /** {@return how many arguments the region holds} */
    public int capacity() {
        return capacity;
    }

    /**
     * Sets an argument.
     *
     * @param index which, from 0
     * @param timeoutNanos how long the wait takes at most, in nanoseconds, not negative
     * @param minimumMicros how long it goes on when some completions are ready but fewer than asked for,
     *     in microseconds; 0 for no such time
     * @throws IndexOutOfBoundsException if the region holds no such argument
     */
    public void set(int index, long timeoutNanos, int minimumMicros) {
        if (timeoutNanos < 0 || minimumMicros < 0) {
            throw new IllegalArgumentException("times " + timeoutNanos + " ns, " + minimumMicros + " µs: one is negative");
        }
        MemorySegment entry = entries.asSlice(index * ENTRY_BYTES, ENTRY_BYTES);
        MemorySegment time = io_uring_reg_wait.ts(entry);
        __kernel_timespec.tv_sec(time, timeoutNanos / NANOS_PER_SECOND);
        __kernel_timespec.tv_nsec(time, timeoutNanos % NANOS_PER_SECOND);
        io_uring_reg_wait.min_wait_usec(entry, minimumMicros);
        io_uring_reg_wait.flags(entry, Abi.IORING_REG_WAIT_TS());
    }
}
