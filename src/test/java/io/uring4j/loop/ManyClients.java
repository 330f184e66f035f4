package io.uring4j.loop;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Clients of an echo server that are all there at once, each with a virtual thread; also as a program of their own. */
final class ManyClients {
    static final String ALL_SERVED = "all served";
    private static final int PATIENCE_SECONDS = 100;

    private ManyClients() {}

    /** The arguments: the server's port, and how many clients. */
    public static void main(String[] arguments) throws Exception {
        try (EventLoop loop = EventLoop.start()) {
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
            run(loop, address, Integer.parseInt(arguments[1]));
            System.out.println(ALL_SERVED);
        }
    }

    static void run(EventLoop loop, InetSocketAddress address, int count) throws Exception {
        CountDownLatch connected = new CountDownLatch(count);
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            Thread.startVirtualThread(() -> session(loop, address, connected, end));
        }
        if (!connected.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(connected.getCount() + " of " + count + " aren't connected");
        }
        for (CompletableFuture<Void> end : ends) {
            end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static void session(
            EventLoop loop, InetSocketAddress address, CountDownLatch connected, CompletableFuture<Void> end) {
        try {
            int fd = LocalSocket.streamTo(address).release();
            loop.connect(fd, address).await();
            connected.countDown();
            // Only when all are there.
            connected.await();
            roundTrip(loop, fd);
            loop.close(fd).await();
            end.complete(null);
        } catch (Throwable t) {
            end.completeExceptionally(t);
        }
    }

    static void roundTrip(EventLoop loop, int fd) throws Exception {
        MemorySegment sent = Memory.room(64).fill((byte) fd);
        MemorySegment room = Memory.room(64);
        check(loop.send(fd, sent).fully().await() == 64);
        check(loop.receive(fd, room).fully().await() == 64);
        check(room.mismatch(sent) == -1);
    }

    /** The program has no library of assertions. */
    private static void check(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("not what was sent");
        }
    }
}
