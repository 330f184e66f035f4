package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Cqe;
import io.uring4j.OpenFlags;
import io.uring4j.Opcode;
import io.uring4j.Ring;
import io.uring4j.SocketAddresses;
import io.uring4j.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slabs that are registered once serve as fixed buffers, while groups go on using them. */
class SlabRegistrationTest {
    private static final int SIZE = 4096;

    /** Slabs of 4 buffers, all carved, and registered in order. */
    private static RegisteredBuffers register(Ring ring, BufferCache cache) throws IOException {
        cache.reserve(16);
        return RegisteredBuffers.register(ring, cache.slabs().toArray(MemorySegment[]::new));
    }

    private static BufferCache cache() {
        return new BufferCache(BufferCache.Settings.of(SIZE, 16).withSlabBuffers(4));
    }

    private static int open(Ring ring, Arena arena, Path file, int flags) throws IOException {
        ring.submissions()
                .next()
                .openat(OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom(file.toString()), flags, 0600);
        int fd = Reaped.next(ring).result();
        assertThat(fd).isNotNegative();
        return fd;
    }

    private static void close(Ring ring, int fd) throws IOException {
        ring.submissions().next().close(fd);
        assertThat(Reaped.next(ring).result()).isZero();
    }

    @Test
    void leasesAreFilledByFixedReadsAndEmptiedByFixedWrites(@TempDir Path directory) throws Exception {
        Path source = Files.write(directory.resolve("source"), Pattern.of(0, 16 * SIZE));
        Path copy = directory.resolve("copy");
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = cache();
                Ring ring = Setup.BEST.open();
                RegisteredBuffers table = register(ring, cache)) {
            assertThat(table.capacity()).isEqualTo(4);
            int from = open(ring, arena, source, OpenFlags.READ_ONLY);
            int to = open(ring, arena, copy, OpenFlags.WRITE_ONLY | OpenFlags.CREATE);
            List<BufferLease> leases = BufferCacheTest.acquire(cache, 16);
            for (int i = 0; i < 16; i++) {
                BufferLease lease = leases.get(i);
                ring.submissions()
                        .next()
                        .readFixed(from, lease.memory(), SIZE, (long) i * SIZE, cache.slabOf(lease))
                        .userData(i);
            }
            assertThat(Reaped.next(ring, 16)).allMatch(reaped -> reaped.result() == SIZE);
            for (int i = 0; i < 16; i++) {
                BufferLease lease = leases.get(i);
                ring.submissions()
                        .next()
                        .writeFixed(to, lease.memory(), SIZE, (long) i * SIZE, cache.slabOf(lease))
                        .userData(i);
            }
            assertThat(Reaped.next(ring, 16)).allMatch(reaped -> reaped.result() == SIZE);
            leases.forEach(BufferLease::release);
            close(ring, from);
            close(ring, to);
        }
        assertThat(Files.readAllBytes(copy)).isEqualTo(Pattern.of(0, 16 * SIZE));
    }

    /** What a group has received goes out again, from the same memory, without a copy or a pinning. */
    @Test
    void receivedBufferIsWrittenOnWhereItLies(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("file");
        GroupKind.requireBufferRings();
        try (Arena arena = Arena.ofConfined();
                BufferCache cache = cache();
                Ring ring = Setup.BEST.open();
                RegisteredBuffers table = register(ring, cache);
                BufferRing group = BufferRing.open(ring, 1, cache, 8);
                SocketOrPipe stream = SocketOrPipe.ofMessages()) {
            assertThat(table.buffer(0)).isEqualTo(cache.slabs().getFirst());
            int to = open(ring, arena, file, OpenFlags.WRITE_ONLY | OpenFlags.CREATE);
            for (int i = 0; i < 40; i++) {
                stream.write(Pattern.of(i * 1000L, 1000));
                ring.submissions().next().recv(stream.fd(), MemorySegment.NULL, 0, 0).selectBuffer(1);
                Reaped received = Reaped.next(ring);
                try (BufferLease lease = group.take(received.result(), received.flags())) {
                    ring.submissions()
                            .next()
                            .writeFixed(to, lease.memory(), lease.length(), i * 1000L, cache.slabOf(lease));
                    assertThat(Reaped.next(ring).result()).isEqualTo(1000);
                }
            }
            close(ring, to);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(Pattern.of(0, 40_000));
    }

    /** Over TCP, since local sockets have no zero-copy send. */
    @Test
    void zeroCopySendHasTheLeaseUntilItsNotification() throws Exception {
        try (BufferCache cache = cache();
                Ring ring = Setup.BEST.open();
                RegisteredBuffers table = register(ring, cache);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Arena arena = Arena.ofConfined()) {
            Assumptions.assumeTrue(ring.capabilities().has(Opcode.SEND_ZC), "this kernel lacks SEND_ZC (6.0)");
            assertThat(table.capacity()).isEqualTo(4);
            int fd = connect(ring, arena, server);
            try (Socket peer = server.accept()) {
                for (int i = 0; i < 20; i++) {
                    BufferLease lease = cache.acquire();
                    Pattern.write(lease.memory(), i);
                    ring.submissions()
                            .next()
                            .sendZeroCopy(fd, lease.memory(), SIZE, 0)
                            .fixedBuffer(cache.slabOf(lease))
                            .userData(lease.id());
                    Reaped sent = Reaped.next(ring);
                    assertThat(sent.result()).isEqualTo(SIZE);
                    assertThat(sent.hasMore()).isTrue();
                    assertThat(peer.getInputStream().readNBytes(SIZE)).isEqualTo(Pattern.of(i, SIZE));
                    Reaped notification = Reaped.next(ring);
                    assertThat(notification.flags() & Cqe.NOTIFICATION).isNotZero();
                    assertThat(notification.userData()).isEqualTo(lease.id());
                    lease.release();
                }
            }
            close(ring, fd);
        }
    }

    private static int connect(Ring ring, Arena arena, ServerSocket server) throws IOException {
        ring.submissions().next().socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
        int fd = Reaped.next(ring).result();
        MemorySegment address =
                SocketAddresses.of(arena, (InetSocketAddress) server.getLocalSocketAddress());
        ring.submissions().next().connect(fd, address);
        assertThat(Reaped.next(ring).result()).isZero();
        return fd;
    }
}
