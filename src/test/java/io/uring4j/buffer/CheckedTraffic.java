package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Modifier;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A sender floods connections with a pattern; a ring receives it into the buffers of one group, of which there are
 * too few; releasers, on platform threads, virtual threads and the ring's, give them back in random order.
 *
 * <p>Checked are: at the receipt, that each byte is the connection's next one, so none is lost or doubled; that no
 * buffer is received into while it is leased; right before the release, that all bytes are still the same. Then
 * the bytes are overwritten, which would show if anybody else had them.
 */
final class CheckedTraffic {
    private static final int CONNECTIONS = 6;

    /** In fewer, the releasers may keep up. */
    private static final long RECEIVES_THAT_EXHAUST = 10_000;

    /** How many times as many there may be until the group has run out: releasers may keep up for a while. */
    private static final long PATIENCE = 50;

    private static final int RELEASERS = 3;
    private static final int SIZE = 128;
    private static final int BUFFERS = 96;
    private static final int CAPACITY = 64;
    private static final int GROUP = 11;
    private static final int CHUNK = 16 * SIZE + 37;
    private static final long WAKE = CONNECTIONS;

    /** More than all buffers hold, and little beside a socket's: what is on its way at the end has to be received, too. */
    private static final long MOST_AHEAD = 16 * CHUNK;

    private static final long PAUSE_NANOS = 50_000;
    private static final long PROGRESS = 1_000_000;

    /** Prime, so that no buffer size divides it: a byte in the wrong place shows. */
    private static final int PERIOD = 65521;

    private final GroupKind kind;
    private final Transport transport;
    private final long receives;
    private final MemorySegment pattern = Arena.ofAuto().allocate(PERIOD + CHUNK);
    private final AtomicIntegerArray leased = new AtomicIntegerArray(BUFFERS);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Connection> connections = new ArrayList<>();
    private final List<Releaser> releasers = new ArrayList<>();
    private final List<Thread> virtualThreads = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(6);
    private Setup setup = Setup.BEST;
    private boolean printProgress;
    private boolean mixed;
    private volatile boolean enough;
    private BooleanSupplier hasRunOut = () -> true;
    private long received;

    CheckedTraffic(GroupKind kind, Transport transport, long receives) {
        this.kind = kind;
        this.transport = transport;
        this.receives = receives;
        Pattern.write(pattern.asSlice(0, PERIOD), 0);
        MemorySegment.copy(pattern, 0, pattern, PERIOD, CHUNK);
    }

    CheckedTraffic on(Setup ringSetup) {
        setup = ringSetup;
        return this;
    }

    /** Not with the receiver that users have, but in all the ways that a group has. */
    CheckedTraffic mixingVisitsAndBundles() {
        mixed = true;
        return this;
    }

    CheckedTraffic printingProgress() {
        printProgress = true;
        return this;
    }

    private MemorySegment expected(int connection, long position, int length) {
        return pattern.asSlice((connection * 7919L + position) % PERIOD, length);
    }

    /** What the bytes go over. */
    enum Transport {
        /** With multishot receives. */
        TCP,

        /** Within the machine, with one-shot receives, see {@link BufferedReceiver#oneShot}. */
        LOCAL;

        private Wire open() {
            return this == TCP ? new TcpWire() : new LocalWire();
        }
    }

    /** A connection from the sender to the ring. */
    private interface Wire {
        int fd();

        void write(MemorySegment bytes);

        void finish();

        void close();
    }

    private static final class LocalWire implements Wire {
        private final SocketOrPipe stream = SocketOrPipe.ofBytes();

        @Override
        public int fd() {
            return stream.fd();
        }

        @Override
        public void write(MemorySegment bytes) {
            stream.write(bytes);
        }

        @Override
        public void finish() {
            stream.finish();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    private static final class TcpWire implements Wire {
        private final TcpStream stream = new TcpStream();

        @Override
        public int fd() {
            return stream.fd();
        }

        @Override
        public void write(MemorySegment bytes) {
            stream.write(bytes);
        }

        @Override
        public void finish() {
            stream.finish();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    /** One connection, as the ring sees it. */
    private final class Connection implements MixedReceiver.Listener {
        private final int number;
        private final Wire wire;
        private long sent;

        /** Written by the receiving thread alone. */
        private volatile long position;

        private int end = 1;

        Connection(int number, Wire wire) {
            this.number = number;
            this.wire = wire;
        }

        @Override
        public void received(BufferLease lease) {
            Held held = new Held(number, position, lease);
            position += lease.length();
            held.check("received");
            if (kind != GroupKind.INCREMENTAL && !leased.compareAndSet(lease.id(), 0, 1)) {
                throw new AssertionError("received into buffer " + lease.id() + " while it is leased");
            }
            count();
            passOn(held);
        }

        @Override
        public void visited(MemorySegment memory, long offset, int length) {
            MemorySegment bytes = memory.asSlice(offset, length);
            long wrong = bytes.mismatch(expected(number, position, length));
            if (wrong != -1) {
                throw new AssertionError("visited: byte " + (position + wrong) + " of connection " + number + " is wrong");
            }
            position += length;
            bytes.fill((byte) 0xdd);
            count();
        }

        private void count() {
            received++;
            if (printProgress && received % PROGRESS == 0) {
                System.out.println(kind + ": " + received / PROGRESS + " million receives");
            }
            enough |= received >= receives && (hasRunOut.getAsBoolean() || received >= PATIENCE * receives);
        }

        @Override
        public void ended(int result) {
            end = result;
        }

        /** Whether there is enough on its way. */
        boolean isFull() {
            return sent - position > MOST_AHEAD;
        }

        void sendChunk() {
            if (!isFull()) {
                wire.write(expected(number, sent, CHUNK));
                sent += CHUNK;
            }
        }
    }

    /** A lease and what must be in it. */
    private final class Held {
        private final int connection;
        private final long position;
        private final BufferLease lease;

        Held(int connection, long position, BufferLease lease) {
            this.connection = connection;
            this.position = position;
            this.lease = lease;
        }

        void check(String when) {
            long wrong = lease.bytes().mismatch(expected(connection, position, lease.length()));
            if (wrong != -1) {
                throw new AssertionError(when + ": byte " + (position + wrong) + " of connection " + connection
                        + " is wrong, in " + lease);
            }
        }

        void release() {
            try {
                check("before the release");
                lease.bytes().fill((byte) 0xee);
                leased.set(lease.id(), 0);
                lease.release();
            } catch (Throwable t) {
                failure.compareAndSet(null, t);
            }
        }
    }

    /** A thread that keeps some leases for a while and gives them back in random order. */
    private static final class Releaser implements Runnable {
        /** So that it takes part at once; and beyond, leaves the processor, which may be the only one, to the others. */
        private static final int MOST_SPINS = 100;

        private final SplittableRandom random;
        private final ConcurrentLinkedQueue<Held> queue =
                new ConcurrentLinkedQueue<>();
        private final List<Held> kept = new ArrayList<>();
        private final Thread thread = Thread.ofPlatform().daemon().name("releaser").unstarted(this);
        private volatile boolean over;

        Releaser(int number) {
            this.random = new SplittableRandom(number);
        }

        @Override
        public void run() {
            int idle = 0;
            while (!over || !queue.isEmpty() || !kept.isEmpty()) {
                Held held = queue.poll();
                if (held != null) {
                    kept.add(held);
                }
                // When nothing comes any more, the kept ones may be what the others wait for.
                idle = held == null && kept.isEmpty() ? idle + 1 : 0;
                if (idle > MOST_SPINS) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                } else if (idle > 0) {
                    Thread.onSpinWait();
                    Thread.yield();
                } else if (held == null || kept.size() > random.nextInt(BUFFERS / RELEASERS)) {
                    releaseOne();
                }
            }
        }

        private void releaseOne() {
            int index = random.nextInt(kept.size());
            Held chosen = kept.get(index);
            kept.set(index, kept.getLast());
            kept.removeLast();
            chosen.release();
        }
    }

    private void passOn(Held held) {
        int choice = random.nextInt(16);
        if (choice < 3) {
            held.release();
        } else if (choice == 3) {
            virtualThreads.removeIf(thread -> !thread.isAlive());
            virtualThreads.add(Thread.startVirtualThread(held::release));
        } else {
            releasers.get(choice % RELEASERS).queue.add(held);
        }
    }

    void run() throws Exception {
        try (BufferCache cache = new BufferCache(BufferCache.Settings.of(SIZE, BUFFERS));
                Ring ring = setup.open(256);
                BufferGroup group = kind.open(ring, GROUP, cache, CAPACITY);
                SocketOrPipe wakeUps = SocketOrPipe.pipe()) {
            cache.onRelease(() -> wakeUps.write((byte) 1));
            if (receives >= RECEIVES_THAT_EXHAUST) {
                hasRunOut = () -> group.stats().exhausted() > 0;
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(new Connection(i, transport.open()));
            }
            for (int i = 0; i < RELEASERS; i++) {
                releasers.add(new Releaser(i));
                releasers.get(i).thread.start();
            }
            Thread sender = Thread.ofPlatform().daemon().name("sender").start(this::send);
            receiveAll(ring, group, wakeUps);
            sender.join();
            endReleasers();
            connections.forEach(connection -> connection.wire.close());
            assertThat(failure.get()).isNull();
            for (Connection connection : connections) {
                assertThat(connection.position).isEqualTo(connection.sent);
                assertThat(connection.end).isZero();
            }
            assertThat(received).isGreaterThanOrEqualTo(receives);
            // Linux 5.10 spends a buffer on the end of each stream, too.
            assertThat(group.stats().taken()).isBetween(received, received + CONNECTIONS);
            if (receives >= RECEIVES_THAT_EXHAUST) {
                assertThat(group.stats().exhausted()).as("the group ran out").isPositive();
            }
            assertThat(cache.stats().doubleReleases()).isZero();
            assertThat(cache.stats().splices()).isPositive();
        }
    }

    private void send() {
        try {
            while (!enough) {
                connections.forEach(Connection::sendChunk);
                if (connections.stream().allMatch(Connection::isFull)) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            connections.forEach(connection -> connection.wire.finish());
        } catch (Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    private void endReleasers() throws InterruptedException {
        for (Releaser releaser : releasers) {
            releaser.over = true;
            releaser.thread.join();
        }
        for (Thread thread : virtualThreads) {
            thread.join();
        }
    }

    /** A receiver of either kind. */
    private interface Reception {
        void onCompletion(int result, int flags);

        void resume() throws UringException;

        boolean isEnded();
    }

    private Reception mixed(Ring ring, BufferGroup group, Connection connection) throws UringException {
        // Before 7.1 kernels may be done with a buffer that such a bundle hasn't filled, and don't say so.
        boolean limitedBundles =
                kind != GroupKind.INCREMENTAL || ring.capabilities().has(Modifier.TIMEOUT_IN_ENTRY);
        MixedReceiver receiver = new MixedReceiver(
                ring, group, limitedBundles, connection.wire.fd(), connection.number, connection);
        receiver.resume();
        return new Reception() {
            @Override
            public void onCompletion(int result, int flags) {
                receiver.onCompletion(result, flags);
            }

            @Override
            public void resume() throws UringException {
                receiver.resume();
            }

            @Override
            public boolean isEnded() {
                return receiver.isEnded();
            }
        };
    }

    private Reception buffered(Ring ring, BufferGroup group, Connection connection) {
        int fd = connection.wire.fd();
        BufferedReceiver receiver = transport == Transport.LOCAL
                ? BufferedReceiver.oneShot(ring, group, fd, connection.number, connection)
                : new BufferedReceiver(ring, group, fd, connection.number, connection);
        receiver.arm();
        return new Reception() {
            @Override
            public void onCompletion(int result, int flags) {
                receiver.onCompletion(result, flags);
            }

            @Override
            public void resume() throws UringException {
                receiver.resume();
            }

            @Override
            public boolean isEnded() {
                return receiver.state() == BufferedReceiver.State.ENDED;
            }
        };
    }

    private void receiveAll(Ring ring, BufferGroup group, SocketOrPipe wakeUps) throws UringException {
        List<Reception> receivers = new ArrayList<>();
        for (Connection connection : connections) {
            receivers.add(mixed ? mixed(ring, group, connection) : buffered(ring, group, connection));
        }
        MemorySegment wakeUp = Arena.ofAuto().allocate(64);
        ring.submissions().next().read(wakeUps.fd(), wakeUp, 64, -1).userData(WAKE);
        boolean[] wokenUp = new boolean[1];
        while (!receivers.stream().allMatch(Reception::isEnded)) {
            ring.submitAndWait(1, Reaped.PATIENCE_NANOS);
            assertThat(failure.get()).isNull();
            assertThat(ring.completions().ready())
                    .as("completions: somebody is forgotten, %s, %s", group.stats(), ring)
                    .isPositive();
            ring.completions().drain((userData, result, flags) -> {
                if (userData == WAKE) {
                    wokenUp[0] = true;
                } else if (userData >= 0 && userData < CONNECTIONS) {
                    receivers.get((int) userData).onCompletion(result, flags);
                } else {
                    assertThat(((ProvidedBuffers) group).onCompletion(userData, result)).isTrue();
                }
            });
            group.replenish();
            for (Reception receiver : receivers) {
                receiver.resume();
            }
            if (wokenUp[0]) {
                wokenUp[0] = false;
                ring.submissions().next().read(wakeUps.fd(), wakeUp, 64, -1).userData(WAKE);
            }
        }
    }
}
