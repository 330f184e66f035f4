package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Feature;
import io.uring4j.Needs;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lengths in the entries of a buffer ring, which kernels from 6.10 on may shorten. */
class EntryLengthTest {
    private static final int GROUP = 71;
    private static final int SIZE = 256;
    private static final int SHORT = 100;

    /** What has happened when a bundle is taken. */
    enum When {
        AT_ONCE,
        GROUP_CLOSED,
        RING_CLOSED
    }

    @BeforeEach
    void kernelHasIt() throws Exception {
        GroupKind.requireBufferRings();
    }

    private static Reaped receiveBundle(Ring ring, TcpStream stream) throws Exception {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP).bundle();
        return Reaped.next(ring);
    }

    /** Checks the bytes of a bundle, which begin at a position of the pattern; returns how many each buffer has. */
    private static List<Integer> lengths(BufferGroup group, Reaped reaped, long start) {
        List<Integer> lengths = new ArrayList<>();
        long[] position = {start};
        group.takeBundle(reaped.result(), reaped.flags(), lease -> {
            assertThat(lease.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(position[0], lease.length()));
            position[0] += lease.length();
            lengths.add(lease.length());
            lease.release();
        });
        assertThat(position[0]).isEqualTo(start + reaped.result());
        return lengths;
    }

    /** Kernels write the shorter length into the ring; here the test does. */
    @ParameterizedTest
    @CsvSource({
        "PLAIN, AT_ONCE",
        "PLAIN, GROUP_CLOSED",
        "PLAIN, RING_CLOSED",
        "KERNEL_MEMORY, AT_ONCE",
        "KERNEL_MEMORY, GROUP_CLOSED",
        "KERNEL_MEMORY, RING_CLOSED"
    })
    void bundleIsSplitAsTheEntriesWere(String memory, When when) throws Exception {
        Needs.kernelWith(Feature.RECVSEND_BUNDLE);
        List<BufferQueue.Option> options =
                memory.equals("PLAIN") ? List.of() : List.of(BufferQueue.Option.valueOf(memory));
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 4));
                Ring ring = Setup.BEST.open();
                TcpStream stream = new TcpStream()) {
            BufferQueue queue = BufferQueue.register(ring, GROUP, 4, options.toArray(BufferQueue.Option[]::new));
            try (BufferRing group = new BufferRing(ring, cache, queue, false)) {
                group.replenish();
                // Over the entry that stands there. Nothing is published, so the kernel's count of the buffers stays.
                int first = firstOf(cache.buffers());
                queue.add(first, cache.buffers().address(first), SHORT);
                stream.write(Pattern.of(0, SHORT + SIZE));
                stream.await(ring, SHORT + SIZE);
                Reaped reaped = receiveBundle(ring, stream);
                assertThat(reaped.result()).isEqualTo(SHORT + SIZE);
                switch (when) {
                    case AT_ONCE -> {}
                    case GROUP_CLOSED -> closeGroup(group);
                    case RING_CLOSED -> GroupCloseTest.closeRing(ring);
                }
                assertThat(lengths(group, reaped, 0)).containsExactly(SHORT, SIZE);
            }
        }
    }

    /** Before its try block ends. */
    private static void closeGroup(BufferGroup group) throws UringException {
        group.close();
    }

    private static int firstOf(Buffers buffers) {
        for (int id = 0; ; id++) {
            if (buffers.place(id) == 0) {
                return id;
            }
        }
    }

    /** Some kernels leave its entry as long as the limit, and another request of the group gets it. */
    @Test
    void limitOfABundleThatWaitsIsNotThatOfAnother() throws Exception {
        Needs.kernelWith(Feature.RECVSEND_BUNDLE);
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, 8));
                Ring ring = Setup.BEST.open();
                BufferRing group = BufferRing.open(ring, GROUP, cache, 8);
                TcpStream idle = new TcpStream();
                TcpStream busy = new TcpStream()) {
            int sent = 600;
            long position = 0;
            for (int round = 0; round < 20; round++) {
                busy.write(Pattern.of(position, sent));
                busy.await(ring, sent);
                ring.submissions()
                        .next()
                        .recv(idle.fd(), MemorySegment.NULL, SHORT, 0)
                        .selectBuffer(GROUP)
                        .bundle()
                        .userData(1);
                for (int left = sent; left > 0; ) {
                    Reaped reaped = receiveBundle(ring, busy);
                    assertThat(reaped.userData()).isZero();
                    lengths(group, reaped, position);
                    position += reaped.result();
                    left -= reaped.result();
                }
                idle.write(Pattern.of(7, SHORT));
                Reaped limited = Reaped.next(ring);
                assertThat(limited.userData()).isEqualTo(1);
                assertThat(lengths(group, limited, 7).stream().mapToInt(Integer::intValue).sum()).isEqualTo(SHORT);
            }
            assertThat(group.stats().heldByKernel()).isEqualTo(8);
        }
    }

    @Test
    void bufferThatIsAddedAgainHasItsWholeLength() throws Exception {
        try (Arena arena = Arena.ofShared();
                Ring ring = Setup.BEST.open();
                BufferQueue queue = BufferQueue.register(ring, GROUP, 1);
                SocketOrPipe stream = SocketOrPipe.ofBytes()) {
            MemorySegment buffer = arena.allocate(SIZE);
            queue.add(0, buffer.address(), SHORT);
            queue.publish();
            stream.write(Pattern.of(0, SHORT + SIZE));
            assertThat(receive(ring, stream).result()).isEqualTo(SHORT);
            queue.addAgain(SIZE);
            queue.publish();
            assertThat(receive(ring, stream).result()).isEqualTo(SIZE);
            assertThat(buffer.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(Pattern.of(SHORT, SIZE));
        }
    }

    private static Reaped receive(Ring ring, SocketOrPipe stream) throws Exception {
        ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(GROUP);
        return Reaped.next(ring);
    }
}
