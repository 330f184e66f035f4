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
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Random work on some loops, and a model of it: each operation must end exactly once, with a result that it can have;
 * each read must bring bytes of its own pipe or pair of sockets, no more than were written there, and all that it asked
 * for if it asked for all; and each message between loops must come once if it was sent, and else not at all.
 */
final class RandomWork {
    private static final int MOST_LIVE = 1500;
    private static final int PIPES = 24;
    private static final int MOST_BYTES = 16;
    private static final int ENOUGH_BYTES = 1024;
    private static final int LONGEST_CHAIN = 4;
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
    private final Set<Integer> messages = ConcurrentHashMap.newKeySet();
    private final AtomicInteger messagesSent = new AtomicInteger();
    private final AtomicInteger messagesReceived = new AtomicInteger();
    private int nextMark;
    private int nextMessage;

    RandomWork(long seed, List<EventLoop> loops) {
        this.random = new Random(seed);
        this.loops = loops;
        for (int i = 0; i < PIPES; i++) {
            channels.add(new Channel());
        }
    }

    /** A pipe, or a pair of sockets, whose bytes all have one value. */
    private final class Channel {
        private final boolean sockets = random.nextBoolean();
        private final int readEnd;
        private final int writeEnd;
        private final byte mark = (byte) nextMark++;
        private final EventLoop loop = loops.get(random.nextInt(loops.size()));
        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger writes = new AtomicInteger();
        private final AtomicLong read = new AtomicLong();
        private final AtomicLong written = new AtomicLong();
        private volatile boolean writeClosed;

        Channel() {
            if (sockets) {
                SocketPair pair = SocketPair.open();
                readEnd = pair.one();
                writeEnd = pair.other();
            } else {
                Pipe pipe = Pipe.open();
                readEnd = pipe.readEnd();
                writeEnd = pipe.writeEnd();
            }
        }

        Operation read(MemorySegment buffer) {
            return sockets ? loop.receive(readEnd, buffer) : loop.read(readEnd, buffer, -1);
        }

        Operation write(MemorySegment buffer) {
            return sockets ? loop.send(writeEnd, buffer) : loop.write(writeEnd, buffer, -1);
        }
    }

    private enum Kind {
        NOP,
        READ,
        WRITE,
        SLEEP,
        MESSAGE,
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
        private final boolean full;
        private final AtomicInteger ends = new AtomicInteger();
        private volatile long token;
        private volatile @Nullable CompletableFuture<Integer> future;

        /** The one before it in its chain. */
        private volatile @Nullable Ticket before;

        Ticket(Kind kind, EventLoop loop, Channel channel, int bytes, boolean limited) {
            this(kind, loop, channel, bytes, limited, false);
        }

        Ticket(Kind kind, EventLoop loop, Channel channel, int bytes, boolean limited, boolean full) {
            this.kind = kind;
            this.loop = loop;
            this.channel = channel;
            this.limited = limited;
            this.full = full;
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
            Ticket earlier = before;
            if (earlier != null && earlier.ends.get() == 0) {
                faults.add(kind + " of a chain has ended before the " + earlier.kind + " in front of it");
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
                        case SLEEP, MESSAGE -> result == 0 || cancelled(result);
                        case CANCEL -> result == 0
                                || Errno.ENOENT.is(result)
                                || Errno.EALREADY.is(result)
                                || cancelled(result);
                    };
            if (!fine) {
                faults.add(kind + " has ended with " + (result < 0 ? Errno.nameOf(result) : "" + result));
            }
            if (full && result >= 0 && result < buffer.byteSize() && !(kind == Kind.READ && channel.writeClosed)) {
                faults.add(kind + " of all bytes has ended after " + result);
            }
            if (kind == Kind.MESSAGE && result == 0) {
                messagesSent.incrementAndGet();
            }
            if (kind == Kind.READ && result > 0) {
                channel.read.addAndGet(result);
                for (int i = 0; i < result; i++) {
                    if (buffer.get(ValueLayout.JAVA_BYTE, i) != channel.mark) {
                        faults.add("bytes of another channel");
                        return;
                    }
                }
            }
        }

        /** What it is, and how full its pipe, for a person who looks for what has been lost. */
        @Override
        public String toString() {
            return kind + (limited ? " with a limit" : "") + (full ? " of all bytes" : "")
                    + (token == 0 ? " without a token" : "") + (channel.sockets ? ", sockets with " : ", pipe with ")
                    + channel.reads + " reads of " + channel.read + " bytes, " + channel.writes + " writes of "
                    + channel.written + " bytes" + (channel.writeClosed ? ", closed for writing" : "");
        }

        void startFuture(Supplier<Operation> making) {
            CompletableFuture<Integer> started = making.get().future();
            future = started;
            started.whenComplete(this::end);
        }

        /** The end of a future. */
        void end(@Nullable Integer result, @Nullable Throwable failure) {
            end(
                    switch (failure) {
                        case null -> Objects.requireNonNull(result);
                        case CancellationException e -> -Errno.ECANCELED.number();
                        case UringException e -> -e.errno();
                        default -> Integer.MIN_VALUE;
                    });
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
        if (choice < 15) {
            EventLoop loop = loops.get(random.nextInt(loops.size()));
            Ticket ticket = new Ticket(Kind.NOP, loop, channels.getFirst(), 1, false);
            launch(ticket, loop::nop);
        } else if (choice < 40) {
            read();
        } else if (choice < 65) {
            write();
        } else if (choice < 73) {
            chain();
        } else if (choice < 77) {
            message();
        } else if (choice < 83) {
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
        boolean full = random.nextInt(8) == 0;
        Ticket ticket = new Ticket(Kind.READ, channel.loop, channel, 1 + random.nextInt(MOST_BYTES), limited, full);
        Duration limit = limit();
        launch(ticket, () -> {
            Operation operation = channel.read(ticket.buffer);
            if (full) {
                operation.fully();
            }
            return limited ? operation.within(limit) : operation;
        });
    }

    private Duration limit() {
        return Duration.ofNanos(random.nextInt(2_000_000));
    }

    private void write() {
        Channel channel = channels.get(random.nextInt(PIPES));
        channel.writes.incrementAndGet();
        boolean full = random.nextInt(8) == 0;
        Ticket ticket = new Ticket(Kind.WRITE, channel.loop, channel, 1 + random.nextInt(MOST_BYTES), false, full);
        channel.written.addAndGet(ticket.buffer.byteSize());
        launch(ticket, () -> full ? channel.write(ticket.buffer).fully() : channel.write(ticket.buffer));
    }

    /**
     * Operations that start one after the other. Reads have a limit: without one, a write behind them that nobody can start
     * would keep the end that it writes to from being closed, which the read may wait for.
     */
    private void chain() {
        EventLoop loop = loops.get(random.nextInt(loops.size()));
        List<Channel> own = channels.stream().filter(each -> each.loop == loop).toList();
        int room = loop.submitter().capacity();
        List<Ticket> tickets = new ArrayList<>();
        List<Supplier<Operation>> makings = new ArrayList<>();
        int length = 1 + random.nextInt(LONGEST_CHAIN);
        for (int i = 0; i < length && room > 0; i++) {
            int choice = own.isEmpty() ? 0 : random.nextInt(4);
            Channel channel = own.isEmpty() ? channels.getFirst() : own.get(random.nextInt(own.size()));
            if (choice == 0) {
                tickets.add(new Ticket(Kind.NOP, loop, channel, 1, false));
                makings.add(loop::nop);
            } else if (choice == 1) {
                Duration time = limit();
                tickets.add(new Ticket(Kind.SLEEP, loop, channel, 1, false));
                makings.add(() -> loop.sleep(time));
            } else if (choice == 2 || room < 2) {
                channel.writes.incrementAndGet();
                Ticket ticket = new Ticket(Kind.WRITE, loop, channel, 1 + random.nextInt(MOST_BYTES), false);
                channel.written.addAndGet(ticket.buffer.byteSize());
                tickets.add(ticket);
                makings.add(() -> channel.write(ticket.buffer));
            } else {
                room--;
                channel.reads.incrementAndGet();
                Ticket ticket = new Ticket(Kind.READ, loop, channel, 1 + random.nextInt(MOST_BYTES), true);
                Duration limit = limit();
                tickets.add(ticket);
                makings.add(() -> channel.read(ticket.buffer).within(limit));
            }
            room--;
        }
        boolean anyway = random.nextBoolean();
        boolean byFuture = random.nextBoolean();
        if (random.nextBoolean()) {
            start(loop, tickets, makings, anyway, byFuture);
        } else {
            loop.execute(() -> start(loop, tickets, makings, anyway, byFuture));
        }
    }

    private static void start(
            EventLoop loop, List<Ticket> tickets, List<Supplier<Operation>> makings, boolean anyway, boolean byFuture) {
        Chain chain = new Chain(loop);
        int last = tickets.size() - 1;
        for (int i = 1; i <= last; i++) {
            tickets.get(i).before = tickets.get(i - 1);
        }
        for (int i = 0; i < last; i++) {
            Ticket each = tickets.get(i);
            Operation operation = makings.get(i).get();
            if (anyway) {
                chain.thenAnyway(operation, each, each);
            } else {
                chain.then(operation, each, each);
            }
        }
        Ticket ticket = tickets.get(last);
        Operation operation = makings.get(last).get();
        if (byFuture) {
            chain.finish(operation).whenComplete(ticket::end);
        } else {
            chain.finish(operation, ticket, ticket);
        }
    }

    private void message() {
        EventLoop loop = loops.getFirst();
        if (!loop.uses(LoopFeature.RING_MESSAGES)) {
            return;
        }
        EventLoop target = loops.getLast();
        int number = nextMessage++;
        messages.add(number);
        launch(new Ticket(Kind.MESSAGE, loop, channels.getFirst(), 1, false), () -> loop.message(target, number, ~number));
    }

    /** A message has come to a loop. */
    void received(int value, int tag) {
        if (tag != ~value || !messages.remove(value)) {
            faults.add("a message that nobody has sent, or a second time: " + value + ", " + tag);
        }
        messagesReceived.incrementAndGet();
    }

    private void cancel() {
        if (recent.isEmpty()) {
            return;
        }
        Ticket victim = recent.get(random.nextInt(recent.size()));
        CompletableFuture<Integer> future = victim.future;
        if (future != null) {
            future.cancel(true);
            return;
        }
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
                close(channel, channel.writeEnd);
            } else if (channel.writeClosed && channel.reads.get() == 0) {
                i.remove();
                if (channel.read.get() > channel.written.get()) {
                    faults.add("more was read than written");
                }
                close(channel, channel.readEnd);
            }
        }
    }

    private void close(Channel channel, int fd) {
        Ticket ticket = new Ticket(Kind.CLOSE, channel.loop, channel, 1, false);
        launch(ticket, () -> channel.loop.close(fd));
    }

    /**
     * Makes and starts an operation on this thread, on the loop's, or on a virtual one that waits; in the first two cases
     * with a handler or a future.
     */
    private void launch(Ticket ticket, Supplier<Operation> making) {
        int way = ticket.kind == Kind.CLOSE ? 0 : random.nextInt(20);
        if (way < 3 && ticket.kind != Kind.CLOSE) {
            ticket.startFuture(making);
        } else if (way < 6 && ticket.kind != Kind.CLOSE) {
            ticket.loop.execute(() -> ticket.startFuture(making));
        } else if (way < 11) {
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
        launch(ticket, () -> channel.write(ticket.buffer));
    }

    /** Ends all that is under way by closing every pipe. */
    void finish() throws Exception {
        dying.addAll(channels);
        try {
            Eventually.holds(() -> {
                endDying();
                return dying.isEmpty() && live.get() == 0 && messagesReceived.get() == messagesSent.get();
            });
        } catch (AssertionError e) {
            throw new AssertionError(whatIsOpen(), e);
        }
    }

    private String whatIsOpen() {
        return dying.size() + " channels and " + open.size() + " operations haven't ended, " + messagesReceived + " of "
                + messagesSent + " messages have come: " + open.stream().limit(20).toList();
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
