package io.uring4j.buffer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.Capabilities;
import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.SqeFlag;
import io.uring4j.UringException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The kinds of group over which a behaviour is tested. */
enum GroupKind {
    BUFFER_RING("a buffer ring"),
    KERNEL_MEMORY("a buffer ring in the kernel's memory", BufferQueue.Option.KERNEL_MEMORY),
    INCREMENTAL("an incremental buffer ring", BufferQueue.Option.INCREMENTAL),
    PROVIDED("provided buffers, silently"),
    PROVIDED_ALOUD("provided buffers with a completion for each entry, as before Linux 5.17");

    /** A group's id: not 0, which an entry has anyway. The kernel can't map memory of its own for ids from 2048 on. */
    static final int ID = 0x7fd;

    /** The size of a buffer. */
    static final int SIZE = 128;

    private final String title;
    private final BufferQueue.Option[] options;

    GroupKind(String title, BufferQueue.Option... options) {
        this.title = title;
        this.options = options;
    }

    /** All kinds on all kinds of ring, as arguments of a test. */
    static Stream<Arguments> onEveryRing() {
        return Stream.of(Setup.values()).flatMap(setup -> Stream.of(values()).map(kind -> Arguments.of(setup, kind)));
    }

    /** A cache of buffers for a group. */
    static BufferCache cache(int buffers) {
        return new BufferCache(BufferCache.Settings.of(SIZE, buffers));
    }

    boolean isRing() {
        return this != PROVIDED && this != PROVIDED_ALOUD;
    }

    /** Whether this kernel has what this kind is made of; of the options only {@link #open} tells. */
    boolean isSupported() throws UringException {
        Capabilities kernel = Capabilities.ofKernel();
        return isRing()
                ? kernel.has(RegisterOpcode.REGISTER_PBUF_RING)
                : this == PROVIDED_ALOUD || kernel.has(SqeFlag.CQE_SKIP_SUCCESS);
    }

    /** Skips the test when this kernel lacks what this kind is made of. */
    void require() throws UringException {
        assumeTrue(isSupported(), "this kernel lacks " + (isRing() ? "buffer rings (5.19)" : "CQE_SKIP_SUCCESS"));
    }

    /** Opens a group of this kind; skips the test when this kernel lacks it. */
    BufferGroup open(Ring ring, int id, BufferCache cache, int capacity) throws UringException {
        require();
        if (!isRing()) {
            return ProvidedBuffers.open(ring, id, cache, capacity, this == PROVIDED);
        }
        try {
            return BufferRing.open(ring, id, cache, capacity, options);
        } catch (UringException e) {
            assumeTrue(options.length == 0 || e.error() != Errno.EINVAL, "this kernel lacks " + title);
            throw e;
        }
    }

    static void requireBufferRings() throws UringException {
        assumeTrue(
                Capabilities.ofKernel().has(RegisterOpcode.REGISTER_PBUF_RING), "this kernel lacks buffer rings (5.19)");
    }

    /** The next completion that isn't the group's own. */
    static Reaped next(Ring ring, BufferGroup group) throws UringException {
        while (true) {
            Reaped reaped = Reaped.next(ring);
            if (!(group instanceof ProvidedBuffers provided && provided.onCompletion(reaped.userData(), reaped.result()))) {
                return reaped;
            }
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
