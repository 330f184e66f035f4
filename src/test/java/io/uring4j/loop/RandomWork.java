package io.uring4j.loop;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.sys.Pipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Random work on some loops, and a model of it: each operation must end exactly once, with a result that it can have, and
 * each read must bring bytes of its own pipe, no more than were written there.
 */
final class RandomWork {
    private static final int MOST_LIVE = 1500;
    private static final int PIPES = 24;
    private static final int MOST_BYTES = 16;
    private static final int ENOUGH_BYTES = 1024;
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final Random random;
    private final List<EventLoop> loops;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Channel> dying = new ArrayList<>();
    private final List<Ticket> recent = new ArrayList<>();
    private final Set<Ticket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger live = new AtomicInteger();
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private int nextMark;

    RandomWork(long seed, List<EventLoop> loops) {
        this.random = new Random(seed);
        this.loops = loops;
        for (int i = 0; i < PIPES; i++) {
            channels.add(new Channel());
        }
    }

    /** A pipe, whose bytes all have one value. */
    private final class Channel {
        private final Pipe pipe = Pipe.open();
        private final byte mark = (byte) nextMark++;
        private final EventLoop loop = loops.get(random.nextInt(loops.size()));
        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger writes = new AtomicInteger();
        private final AtomicLong read = new AtomicLong();
        private final AtomicLong written = new AtomicLong();
        private boolean writeClosed;
    }

    private enum Kind {
        NOP,
        READ,
        WRITE,
        SLEEP,
        CANCEL,
        CLOSE
    }

    /** One operation, from its start to its only end. */
    private final class Ticket implements ResultHandler<Ticket> {
        private final Kind kind;
        private final EventLoop loop;
        private final Channel channel;
        private final MemorySegment buffer;
        private final boolean limited;
        private final AtomicInteger ends = new AtomicInteger();
        private volatile long token;

        Ticket(Kind kind, EventLoop loop, Channel channel, int bytes, boolean limited) {
            this.kind = kind;
            this.loop = loop;
            this.channel = channel;
            this.limited = limited;
            this.buffer = Memory.room(bytes);
            if (kind == Kind.WRITE) {
                buffer.fill(channel.mark);
            }
            open.add(this);
            live.incrementAndGet();
            started.incrementAndGet();
        }

        @Override
        public void completed(int result, int flags, Ticket attachment) {
            if (attachment != this) {
                faults.add("attachment of another operation");
            }
            end(result);
        }

        void end(int result) {
            if (ends.incrementAndGet() != 1) {
                faults.add(kind + " has ended " + ends + " times");
                return;
            }
            check(result);
            open.remove(this);
            switch (kind) {
                case READ -> channel.reads.decrementAndGet();
                case WRITE -> channel.writes.decrementAndGet();
                default -> {}
            }
            ended.incrementAndGet();
            live.decrementAndGet();
        }

        private void check(int result) {
            boolean fine =
                    switch (kind) {
                        case NOP, CLOSE -> result == 0 || cancelled(result);
                        case READ -> result >= 0 && result <= buffer.byteSize() || cancelled(result) || late(result);
                        case WRITE -> result > 0 && result <= buffer.byteSize() || cancelled(result);
                        case SLEEP -> result == 0 || cancelled(result);
                        case CANCEL -> result == 0
                                || Errno.ENOENT.is(result)
                                || Errno.EALREADY.is(result)
                                || cancelled(result);
                    };
            if (!fine) {
                faults.add(kind + " has ended with " + (result < 0 ? Errno.nameOf(result) : "" + result));
            }
            if (kind == Kind.READ && result > 0) {
                channel.read.addAndGet(result);
                for (int i = 0; i < result; i++) {
                    if (buffer.get(ValueLayout.JAVA_BYTE, i) != channel.mark) {
                        faults.add("bytes of another pipe");
                        return;
                    }
                }
            }
        }

        /** What it is, and how full its pipe, for a person who looks for what has been lost. */
        @Override
        public String toString() {
            return kind + (limited ? " with a limit" : "") + (token == 0 ? " without a token" : "") + ", pipe with "
                    + channel.reads + " reads of " + channel.read + " bytes, " + channel.writes + " writes of "
                    + channel.written + " bytes" + (channel.writeClosed ? ", closed for writing" : "");
        }

        private boolean late(int result) {
            return limited && Errno.ETIME.is(result);
        }

        private static boolean cancelled(int result) {
            return Errno.ECANCELED.is(result) || Errno.EINTR.is(result);
        }
    }

    void step() {
        if (live.get() > MOST_LIVE) {
            relieve();
        }
        int choice = random.nextInt(100);
        if (choice < 25) {
            EventLoop loop = loops.get(random.nextInt(loops.size()));
            Ticket ticket = new Ticket(Kind.NOP, loop, channels.getFirst(), 1, false);
            launch(ticket, loop::nop);
        } else if (choice < 50) {
            read();
        } else if (choice < 75) {
            write();
        } else if (choice < 82) {
            EventLoop loop = loops.get(random.nextInt(loops.size()));
            Duration time = Duration.ofNanos(random.nextInt(3_000_000));
            launch(new Ticket(Kind.SLEEP, loop, channels.getFirst(), 1, false), () -> loop.sleep(time));
        } else if (choice < 96) {
            cancel();
        } else {
            retire();
        }
    }

    private void read() {
        Channel channel = channels.get(random.nextInt(PIPES));
        channel.reads.incrementAndGet();
        boolean limited = random.nextInt(8) == 0;
        Ticket ticket = new Ticket(Kind.READ, channel.loop, channel, 1 + random.nextInt(MOST_BYTES), limited);
        Duration limit = Duration.ofNanos(random.nextInt(2_000_000));
        launch(ticket, () -> {
            Operation operation = channel.loop.read(channel.pipe.readEnd(), ticket.buffer, -1);
            return limited ? operation.within(limit) : operation;
        });
    }

    private void write() {
        Channel channel = channels.get(random.nextInt(PIPES));
        channel.writes.incrementAndGet();
        Ticket ticket = new Ticket(Kind.WRITE, channel.loop, channel, 1 + random.nextInt(MOST_BYTES), false);
        channel.written.addAndGet(ticket.buffer.byteSize());
        launch(ticket, () -> channel.loop.write(channel.pipe.writeEnd(), ticket.buffer, -1));
    }

    private void cancel() {
        if (recent.isEmpty()) {
            return;
        }
        Ticket victim = recent.get(random.nextInt(recent.size()));
        long token = victim.token;
        // Not started yet, or an operation whose cancellation would lose a descriptor to close.
        if (token != 0 && victim.kind != Kind.CLOSE) {
            Ticket ticket = new Ticket(Kind.CANCEL, victim.loop, channels.getFirst(), 1, false);
            launch(ticket, () -> victim.loop.cancel(token));
        }
    }

    /** Replaces a pipe by a new one, and ends the old one when nothing uses its numbers. */
    private void retire() {
        int index = random.nextInt(PIPES);
        dying.add(channels.get(index));
        channels.set(index, new Channel());
        endDying();
    }

    private void endDying() {
        for (Iterator<Channel> i = dying.iterator(); i.hasNext(); ) {
            Channel channel = i.next();
            if (!channel.writeClosed && channel.writes.get() == 0) {
                channel.writeClosed = true;
                close(channel, channel.pipe.writeEnd());
            } else if (channel.writeClosed && channel.reads.get() == 0) {
                i.remove();
                if (channel.read.get() > channel.written.get()) {
                    faults.add("more was read than written");
                }
                close(channel, channel.pipe.readEnd());
            }
        }
    }

    private void close(Channel channel, int fd) {
        Ticket ticket = new Ticket(Kind.CLOSE, channel.loop, channel, 1, false);
        launch(ticket, () -> channel.loop.close(fd));
    }

    /** Makes and starts an operation on this thread, on the loop's, or on a virtual one that waits. */
    private void launch(Ticket ticket, Supplier<Operation> making) {
        int way = ticket.kind == Kind.CLOSE ? 0 : random.nextInt(20);
        if (way < 9) {
            ticket.token = making.get().start(ticket, ticket);
        } else if (way < 18) {
            ticket.loop.execute(() -> ticket.token = making.get().start(ticket, ticket));
        } else {
            boolean interrupts = random.nextInt(4) == 0;
            Thread thread = Thread.startVirtualThread(() -> await(ticket, making));
            if (interrupts) {
                thread.interrupt();
            }
        }
        if (recent.size() < 200) {
            recent.add(ticket);
        } else {
            recent.set(random.nextInt(200), ticket);
        }
    }

    private static void await(Ticket ticket, Supplier<Operation> making) {
        try {
            ticket.end(making.get().await());
        } catch (InterruptedException e) {
            ticket.end(-Errno.ECANCELED.number());
        } catch (UringException e) {
            ticket.end(-e.errno());
        } catch (RuntimeException e) {
            ticket.end(Integer.MIN_VALUE);
        }
    }

    /** Lets go on what waits: fills the pipes, so that reads end. */
    private void relieve() {
        long start = System.nanoTime();
        while (live.get() > MOST_LIVE / 2) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError(whatIsOpen());
            }
            for (Channel channel : channels) {
                // Not while it holds enough: writes to a full pipe that nobody reads would wait for ever.
                if (channel.reads.get() > 0 && channel.written.get() - channel.read.get() < ENOUGH_BYTES) {
                    write(channel);
                }
            }
            endDying();
            Thread.onSpinWait();
            LockSupport.parkNanos(100_000);
        }
    }

    private void write(Channel channel) {
        channel.writes.incrementAndGet();
        Ticket ticket = new Ticket(Kind.WRITE, channel.loop, channel, MOST_BYTES, false);
        channel.written.addAndGet(MOST_BYTES);
        launch(ticket, () -> channel.loop.write(channel.pipe.writeEnd(), ticket.buffer, -1));
    }

    /** Ends all that is under way by closing every pipe. */
    void finish() throws Exception {
        dying.addAll(channels);
        try {
            Eventually.holds(() -> {
                endDying();
                return dying.isEmpty() && live.get() == 0;
            });
        } catch (AssertionError e) {
            throw new AssertionError(whatIsOpen(), e);
        }
    }

    private String whatIsOpen() {
        return dying.size() + " pipes and " + open.size() + " operations haven't ended: "
                + open.stream().limit(20).toList();
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    long started() {
        return started.get();
    }

    long ended() {
        return ended.get();
    }
}
