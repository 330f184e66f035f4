package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_cqring_offsets;
import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_cqe;
import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_sqe;
import io.uring4j.sys.Libc;
import io.uring4j.sys.Mapping;
import io.uring4j.sys.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory that a ring shares with the kernel. It is unmapped when nothing can name it any more, which
 * the collector finds out; when the ring is closed, plain memory takes its place ({@link #retire}). So an
 * access by address ({@link RawMemory}) never meets a hole, not even one that races with the close.
 *
 * <pre>
 *  submission ring: head | tail | mask | entries | flags | dropped | array[entries]
 *  completion ring: head | tail | mask | entries | overflow | flags | cqe[entries]
 *  sqes:            io_uring_sqe[entries]
 * </pre>
 *
 * <p>The offsets in the rings are the kernel's to choose: it returns them in io_uring_params. From
 * 5.4 on (SINGLE_MMAP) both rings are one mapping.
 *
 * @param submission the mapping that holds the submission ring
 * @param completion the mapping that holds the completion ring, perhaps the same
 * @param entries the submission entries
 * @param callers whether it belongs to the caller, who may free it once the ring is closed, and the kernel has let go of it
 */
record RingMemory(MemorySegment submission, MemorySegment completion, MemorySegment entries, boolean callers) {
    static final long SQE_BYTES = io_uring_sqe.layout().byteSize();
    static final long CQE_BYTES = io_uring_cqe.layout().byteSize();

    /** More than any kernel has needed in front of the completion entries. */
    private static final long RING_HEADER_BYTES = 1024;

    /** Maps what a setup call without NO_MMAP made. */
    static RingMemory map(int fd, MemorySegment params) throws UringException {
        Arena arena = Arena.ofAuto();
        MemorySegment sqOffsets = io_uring_params.sq_off(params);
        MemorySegment cqOffsets = io_uring_params.cq_off(params);
        long sqBytes = Integer.toUnsignedLong(io_sqring_offsets.array(sqOffsets))
                + (long) io_uring_params.sq_entries(params) * Integer.BYTES;
        long cqBytes = Integer.toUnsignedLong(io_cqring_offsets.cqes(cqOffsets))
                + io_uring_params.cq_entries(params) * completionStride(params);
        MemorySegment entries = map(
                fd, Abi.IORING_OFF_SQES(), io_uring_params.sq_entries(params) * submissionStride(params), arena);
        if ((io_uring_params.features(params) & Feature.SINGLE_MMAP.bit()) != 0) {
            MemorySegment both = map(fd, Abi.IORING_OFF_SQ_RING(), Math.max(sqBytes, cqBytes), arena);
            return new RingMemory(both, both, entries, false);
        }
        return new RingMemory(
                map(fd, Abi.IORING_OFF_SQ_RING(), sqBytes, arena),
                map(fd, Abi.IORING_OFF_CQ_RING(), cqBytes, arena),
                entries,
                false);
    }

    private static MemorySegment map(int fd, long offset, long size, Arena arena) throws UringException {
        return checked(Mapping.ofDescriptor(fd, offset, size, arena));
    }

    private static MemorySegment checked(Mapping mapping) throws UringException {
        if (mapping.failed()) {
            throw new UringException("mmap", mapping.errno());
        }
        return mapping.segment();
    }

    /** Memory for NO_MMAP: the caller's, or pages of our own. The rings come first, then the entries. */
    static RingMemory provide(RingConfig config, MemorySegment params) throws UringException {
        MemorySegment memory = config.memory();
        long needed = requiredSize(config);
        if (memory == null) {
            memory = checked(Mapping.anonymous(needed, Arena.ofAuto()));
        } else if (!memory.isNative()
                || memory.isReadOnly()
                || memory.byteSize() < needed
                || memory.address() % Libc.PAGE_SIZE != 0) {
            throw new IllegalArgumentException("a ring of " + config.submissionEntries() + " entries needs " + needed
                    + " bytes of native, writable memory that starts on a page, not " + memory);
        }
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("segment's arena is closed");
        }
        long ringBytes = ringSize(config);
        MemorySegment rings = memory.asSlice(0, ringBytes);
        MemorySegment entries = memory.asSlice(ringBytes, needed - ringBytes);
        // Older kernels (6.12) begin with what they find there.
        rings.fill((byte) 0);
        io_cqring_offsets.user_addr(io_uring_params.cq_off(params), rings.address());
        io_sqring_offsets.user_addr(io_uring_params.sq_off(params), entries.address());
        return new RingMemory(rings, rings, entries, config.memory() != null);
    }

    /**
     * Lets go of what the kernel shares, and leaves plain memory in its place. False if that can't be done, with memory of
     * the caller that isn't private to the process: the kernel writes to it until it has let go of the ring.
     */
    boolean retire() {
        if (callers) {
            return retireCallers();
        }
        // A refusal leaves the mapping, which is as harmless and goes when nothing names it.
        Mapping.replaceByPlainMemory(entries);
        Mapping.replaceByPlainMemory(submission);
        if (!completion.equals(submission)) {
            Mapping.replaceByPlainMemory(completion);
        }
        return true;
    }

    /** Goes by addresses: the arena may be another thread's. Memory that was freed too early is somebody else's by now. */
    private boolean retireCallers() {
        if (!submission.scope().isAlive()) {
            return false;
        }
        Mapping.renewPages(entries.address(), entries.byteSize());
        Mapping.renewPages(submission.address(), submission.byteSize());
        long left = 0;
        for (long offset = 0; offset < RING_HEADER_BYTES; offset += Long.BYTES) {
            left |= RawMemory.getLong(submission.address(), offset);
        }
        // The sizes of the rings are there as long as it is the kernel's memory, and never 0.
        return left == 0;
    }

    static long requiredSize(RingConfig config) {
        long stride = config.has(SetupFlag.SQE128) ? 2 * SQE_BYTES : SQE_BYTES;
        return ringSize(config) + wholePages(powerOfTwo(config.submissionEntries()) * stride);
    }

    private static long ringSize(RingConfig config) {
        long stride = config.has(SetupFlag.CQE32) ? 2 * CQE_BYTES : CQE_BYTES;
        return wholePages(RING_HEADER_BYTES
                + powerOfTwo(config.completionEntries()) * stride
                + powerOfTwo(config.submissionEntries()) * Integer.BYTES);
    }

    private static long powerOfTwo(int entries) {
        return entries <= 1 ? 1 : Long.highestOneBit(entries - 1L) << 1;
    }

    private static long wholePages(long bytes) {
        return (bytes + Libc.PAGE_SIZE - 1) / Libc.PAGE_SIZE * Libc.PAGE_SIZE;
    }

    static long submissionStride(MemorySegment params) {
        return has(params, SetupFlag.SQE128) ? 2 * SQE_BYTES : SQE_BYTES;
    }

    static long completionStride(MemorySegment params) {
        return has(params, SetupFlag.CQE32) ? 2 * CQE_BYTES : CQE_BYTES;
    }

    static boolean has(MemorySegment params, SetupFlag flag) {
        return (io_uring_params.flags(params) & flag.bit()) != 0;
    }
}
