package io.uring4j;

import io.uring4j.buffer.BufferQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A buffer ring whose buffers the kernel has all, with their memory. */
final class GroupBuffers implements AutoCloseable {
    /** Neither 0, which an entry has anyway, nor small, so that a sign or a byte too few would show. */
    static final int GROUP = 0xfedc;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final BufferQueue buffers;
    private final int size;

    /** Registers a group of so many buffers, a power of two, with the ids from 0 on. */
    GroupBuffers(Ring ring, int count, int size) throws UringException {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_RING);
        this.size = size;
        memory = arena.allocate((long) count * size);
        buffers = BufferQueue.register(ring, GROUP, count);
        for (int id = 0; id < count; id++) {
            buffers.add(id, at(id));
        }
        buffers.publish();
    }

    MemorySegment at(int id) {
        return memory.asSlice((long) id * size, size);
    }

    void giveBack(int id) {
        buffers.add(id, at(id));
        buffers.publish();
    }

    /** How many buffers the kernel has. */
    int available() throws UringException {
        Needs.kernelWith(RegisterOpcode.REGISTER_PBUF_STATUS);
        return buffers.available();
    }

    /** What a completion has left in the buffer that it names. */
    String text(Completion completion) {
        return Text.of(at(Cqe.bufferId(completion.flags())), completion.result());
    }

    /** The same, and gives the buffer back. */
    String take(Completion completion) {
        String text = text(completion);
        giveBack(Cqe.bufferId(completion.flags()));
        return text;
    }

    @Override
    public void close() throws UringException {
        buffers.close();
        arena.close();
    }
}
