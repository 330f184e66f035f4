package io.uring4j;

import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_sqe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/** A submission queue in plain memory, of a kernel that has everything: the test plays the kernel. */
final class PlainQueue {
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int FLAGS = 12;
    private static final int DROPPED = 16;
    private static final int ARRAY = 64;

    final SubmissionQueue queue;
    private final MemorySegment ring;
    private final MemorySegment entries;

    PlainQueue(Arena arena, int capacity, SetupFlag... flags) {
        this(arena, capacity, everything(), flags);
    }

    /** The same, of a kernel that has only so much. */
    PlainQueue(Arena arena, int capacity, Capabilities capabilities, SetupFlag... flags) {
        MemorySegment params = io_uring_params.allocate(arena);
        for (SetupFlag flag : flags) {
            io_uring_params.flags(params, io_uring_params.flags(params) | flag.bit());
        }
        io_uring_params.sq_entries(params, capacity);
        MemorySegment offsets = io_uring_params.sq_off(params);
        io_sqring_offsets.head(offsets, HEAD);
        io_sqring_offsets.tail(offsets, TAIL);
        io_sqring_offsets.ring_mask(offsets, MASK);
        io_sqring_offsets.flags(offsets, FLAGS);
        io_sqring_offsets.dropped(offsets, DROPPED);
        io_sqring_offsets.array(offsets, ARRAY);
        ring = arena.allocate(ARRAY + (long) capacity * Integer.BYTES, Long.BYTES);
        ring.set(ValueLayout.JAVA_INT, MASK, capacity - 1);
        entries = arena.allocate(capacity * RingMemory.submissionStride(params), Long.BYTES);
        queue = new SubmissionQueue(params, new RingMemory(ring, ring, entries, true), capabilities);
    }

    static Capabilities everything() {
        return everything(EnumSet.allOf(SqeFlag.class));
    }

    static Capabilities everything(Set<SqeFlag> sqeFlags) {
        return new Capabilities(
                EnumSet.allOf(Opcode.class),
                EnumSet.allOf(RegisterOpcode.class),
                EnumSet.allOf(SetupFlag.class),
                EnumSet.allOf(Feature.class),
                EnumSet.allOf(EnterFlag.class),
                sqeFlags,
                EnumSet.allOf(Modifier.class),
                Capabilities.Source.QUERY);
    }

    /** What the program has written, by 64 bytes. */
    MemorySegment slot(int index) {
        return entries.asSlice(index * RingMemory.SQE_BYTES, RingMemory.SQE_BYTES);
    }

    Opcode opcodeAt(int index) {
        return Opcode.values()[Byte.toUnsignedInt(io_uring_sqe.opcode(slot(index)))];
    }

    long userDataAt(int index) {
        return io_uring_sqe.user_data(slot(index));
    }

    int tail() {
        return ring.get(ValueLayout.JAVA_INT, TAIL);
    }

    /** As the kernel does when it has read so many slots. */
    void take(int slots) {
        ring.set(ValueLayout.JAVA_INT, HEAD, ring.get(ValueLayout.JAVA_INT, HEAD) + slots);
    }
}
