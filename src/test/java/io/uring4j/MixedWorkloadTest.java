package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;

/** Requests of many kinds at random: each ends exactly once, whatever happens to the others. */
class MixedWorkloadTest {
    private static final Duration TIME = Duration.ofMillis(400);
    private static final int MOST_IN_FLIGHT = 40;
    private static final int BUFFERS = 8;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final MemorySegment buffer = arena.allocate(256);
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);

    /** One run on one ring. */
    private final class Workload {
        private final Ring ring;
        private final Random random;
        private final Connection stream;
        private final Connection tcp;
        private final Pipe pipe;
        private final EventCounter counter;
        private final GroupBuffers buffers;

        /** What is in flight: the user data, and whether more than one completion may come. */
        private final Map<Long, Boolean> inFlight = new HashMap<>();

        private long last;

        Workload(
                Ring ring,
                Random random,
                Connection stream,
                Connection tcp,
                Pipe pipe,
                EventCounter counter,
                GroupBuffers buffers) {
            this.ring = ring;
            this.random = random;
            this.stream = stream;
            this.tcp = tcp;
            this.pipe = pipe;
            this.counter = counter;
            this.buffers = buffers;
        }

        void run() throws UringException {
            long end = System.nanoTime() + TIME.toNanos();
            while (System.nanoTime() < end) {
                int batch = 1 + random.nextInt(8);
                for (int i = 0; i < batch && inFlight.size() < MOST_IN_FLIGHT; i++) {
                    if (ring.submissions().spaceLeft() >= 4) {
                        add();
                    }
                }
                ring.submit();
                if (inFlight.size() >= MOST_IN_FLIGHT) {
                    // Half of the ways to wait for what can't come without help end with a cancellation.
                    cancelSome();
                    ring.submit();
                    ring.waitFor(1, 1_000_000);
                }
                reap();
            }
            endAll();
        }

        private void add() {
            switch (random.nextInt(15)) {
                case 0 -> start(next().nop(), false);
                case 1 -> start(next().nopResult(-5), false);
                case 2 -> start(next().read(pipe.readEnd(), buffer, 8, -1), false);
                case 3 -> start(next().read(pipe.readEnd(), buffer, 8, -1).async(), false);
                case 4 -> start(next().write(pipe.writeEnd(), buffer, 8, -1), false);
                case 5 -> start(next().recv(stream.fd(), buffer, 16, 0), false);
                case 6 -> start(next().send(stream.peer().fd(), buffer, 16, Sockets.MSG_DONTWAIT), false);
                case 7 -> start(next().timeout(time(), 0, 0), false);
                case 8 -> start(next().pollAdd(counter.fd(), PollEvents.IN), false);
                case 9 -> start(next().pollMultishot(counter.fd(), PollEvents.IN), true);
                case 10 -> start(next().write(counter.fd(), one, 8, -1), false);
                case 11 -> start(next().recvMultishot(tcp.fd(), 0, GroupBuffers.GROUP), true);
                case 12 -> start(next().sendZeroCopy(tcp.peer().fd(), buffer, 24, Sockets.MSG_DONTWAIT), true);
                case 13 -> chain();
                default -> cancelSome();
            }
        }

        private Sqe next() {
            return ring.submissions().next();
        }

        private MemorySegment time() {
            return Timespec.of(arena, Duration.ofNanos(random.nextInt(300_000)));
        }

        private void start(Sqe entry, boolean repeats) {
            inFlight.put(++last, repeats);
            entry.userData(last);
        }

        private void chain() {
            start(next().read(pipe.readEnd(), buffer, 1 + random.nextInt(8), -1).link(), false);
            start(next().linkTimeout(time(), 0).link(), false);
            start(next().nopResult(random.nextBoolean() ? 0 : -1).hardLink(), false);
            start(next().fsync(-1, 0), false);
        }

        /** Any that was submitted lately, whether it is still in flight or not. */
        private void cancelSome() {
            if (last == 0 || ring.submissions().spaceLeft() == 0) {
                return;
            }
            long target = inFlight.isEmpty() || random.nextBoolean()
                    ? Math.max(1, last - random.nextInt(50))
                    : inFlight.keySet().iterator().next();
            start(random.nextInt(4) == 0 ? next().timeoutRemove(target) : next().cancel(target, 0), false);
        }

        private void reap() {
            ring.completions().drain((userData, result, flags) -> {
                Boolean repeats = inFlight.get(userData);
                assertThat(repeats).as("a completion of %d, which isn't in flight", userData).isNotNull();
                if (Cqe.hasBuffer(flags)) {
                    buffers.giveBack(Cqe.bufferId(flags));
                }
                if (Cqe.hasMore(flags)) {
                    assertThat(repeats).as("more of %d", userData).isTrue();
                } else {
                    inFlight.remove(userData);
                }
            });
        }

        private void endAll() throws UringException {
            long deadline = System.nanoTime() + Completion.PATIENCE_NANOS;
            while (!inFlight.isEmpty()) {
                assertThat(System.nanoTime()).as("time to end %s", inFlight).isLessThan(deadline);
                if (ring.submissions().spaceLeft() > 0) {
                    start(next().cancelAny(CancelFlags.ALL), false);
                }
                ring.submit();
                ring.waitFor(1, 10_000_000);
                reap();
            }
            start(drainWhereItPasses(next().nop()), false);
            ring.submit();
            assertThat(ring.waitFor(1, Completion.PATIENCE_NANOS)).isTrue();
            reap();
            assertThat(inFlight).isEmpty();
            assertThat(ring.completions().ready()).isZero();
            assertThat(ring.completions().lost()).isZero();
            assertThat(ring.stats().submitted()).isEqualTo(last);
            assertThat(ring.inFlight()).isZero();
            assertThat(buffers.available()).as("buffers that are not lost").isEqualTo(BUFFERS);
        }
    }

    /** Before 6.16, for which PIPE stands, a drain loses count of requests with several completions, and never passes. */
    private static Sqe drainWhereItPasses(Sqe entry) throws UringException {
        return Capabilities.ofKernel().has(Opcode.PIPE) ? entry.drain() : entry;
    }

    @OverRingKinds
    @Covers({
        Opcode.READ, Opcode.WRITE, Opcode.RECV, Opcode.SEND, Opcode.SEND_ZC, Opcode.TIMEOUT, Opcode.LINK_TIMEOUT,
        Opcode.POLL_ADD, Opcode.ASYNC_CANCEL, Opcode.TIMEOUT_REMOVE, Opcode.NOP
    })
    void eachRequestEndsExactlyOnce(RingKind kind) throws IOException {
        Needs.kernelWith(Modifier.NOP_RESULT); // of 6.10: all of these are there
        long seed = Long.getLong("io.uring4j.seed", System.nanoTime());
        RingConfig config = kind.config(16);
        try (Ring ring = Ring.open(config);
                Connection stream = Connection.local();
                Connection tcp = Connection.tcp();
                Pipe pipe = new Pipe();
                EventCounter counter = new EventCounter();
                GroupBuffers buffers = new GroupBuffers(ring, BUFFERS, 32)) {
            new Workload(ring, new Random(seed), stream, tcp, pipe, counter, buffers).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with -Dio.uring4j.seed=" + seed, e);
        }
    }
}
