package io.uring4j.loop;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A program that runs out of descriptors, or of memory, and tells on its output how its loop has borne it. */
final class UnderPressure {
    private static final int CLIENTS = 4;
    private static final int BURST = 20_000;

    private UnderPressure() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "descriptors" -> withoutDescriptors();
            case "memory" -> withoutMemory();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void withoutDescriptors() throws Exception {
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        try (EventLoop loop = EventLoop.start();
                LocalSocket listener = LocalSocket.listen(any, 16)) {
            AtomicInteger accepted = new AtomicInteger();
            Acceptor acceptor = Acceptor.start(loop, listener.fd(), fd -> accepted.incrementAndGet());
            // What is loaded later would need descriptors.
            loop.stats().get();
            Eventually.holds(() -> acceptor.pauses() == 0);
            InetSocketAddress address = (InetSocketAddress) listener.address();
            Deque<RandomAccessFile> hoard = hoard();
            for (int i = 0; i < CLIENTS; i++) {
                hoard.removeLast().close();
                loop.connect(LocalSocket.streamTo(address).release(), address).await();
            }
            Eventually.holds(() -> acceptor.pauses() >= 2);
            long before = loop.stats().get().turns();
            Thread.sleep(300);
            long turns = loop.stats().get().turns() - before;
            System.out.println("accepted=" + accepted + " spins=" + (turns > 50));
            for (RandomAccessFile each : hoard) {
                each.close();
            }
            Eventually.holds(() -> accepted.get() == CLIENTS);
            System.out.println("accepted=" + accepted);
            acceptor.close();
        }
    }

    private static Deque<RandomAccessFile> hoard() {
        Deque<RandomAccessFile> hoard = new ArrayDeque<>();
        try {
            while (true) {
                hoard.add(new RandomAccessFile("/dev/null", "r"));
            }
        } catch (IOException e) {
            return hoard;
        }
    }

    private static void withoutMemory() throws Exception {
        try (EventLoop loop = EventLoop.start(LoopConfig.standard().idleTime(Duration.ofHours(1)))) {
            CountDownLatch done = new CountDownLatch(BURST);
            loop.execute(() -> {
                for (int i = 0; i < BURST; i++) {
                    loop.nop().start((result, flags, latch) -> latch.countDown(), done);
                }
            });
            done.await();
            System.out.println("reclaimable=" + (loop.stats().get().requests().loop().reclaimable() > BURST / 2));
            System.out.println("out of memory=" + fillMemory());
            RequestCacheStats.Kind kind = loop.stats().get().requests().loop();
            System.out.println("trimmed=" + (kind.trimmed() > BURST / 2) + " reclaimable=" + kind.reclaimable());
            System.out.println("lives=" + (loop.nop().await() == 0));
        }
    }

    private static boolean fillMemory() {
        List<byte[]> all = new ArrayList<>();
        try {
            while (true) {
                all.add(new byte[1 << 20]);
            }
        } catch (OutOfMemoryError e) {
            all.clear();
            return true;
        }
    }
}
