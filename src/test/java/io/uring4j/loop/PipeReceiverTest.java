package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Errno;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading again and again from a pipe, by a multishot read and by one after the other. */
@Timeout(60)
class PipeReceiverTest {
    private static final int BUFFER_BYTES = 64;

    private static EventLoop start(boolean withFeatures) throws Exception {
        LoopConfig config = LoopConfig.standard().submissionEntries(8).completionEntries(8);
        return EventLoop.start(withFeatures ? config : config.without(LoopFeature.values()));
    }

    private static ReceiveBuffers buffers(EventLoop loop, int count) throws Exception {
        return ReceiveBuffers.open(loop, BufferCache.Settings.of(BUFFER_BYTES, count), count);
    }

    /** Keeps the text of what comes; and the buffers too, or gives them back. */
    private static final class Listener implements Receiver.Listener {
        private final StringBuffer text = new StringBuffer();
        private final CompletableFuture<Integer> end = new CompletableFuture<>();
        private final Queue<BufferLease> held = new ConcurrentLinkedQueue<>();
        private final boolean holds;

        Listener(boolean holds) {
            this.holds = holds;
        }

        @Override
        public void received(BufferLease lease) {
            text.append(Memory.text(lease.bytes(), lease.length()));
            if (holds) {
                held.add(lease);
            } else {
                lease.release();
            }
        }

        @Override
        public void ended(int result) {
            end.complete(result);
        }
    }

    private static String text(int length) {
        return "0123456789abcdef".repeat(length / 16);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allBytesComeInOrderAndThenTheEnd(boolean withFeatures) throws Exception {
        String text = text(64 * 1024);
        try (EventLoop loop = start(withFeatures);
                EventLoop writer = EventLoop.start();
                Pipes pipe = new Pipes()) {
            Listener listener = new Listener(false);
            Receiver.startReading(buffers(loop, 16), pipe.readEnd(), listener);
            for (int i = 0; i < 4; i++) {
                writer.write(pipe.writeEnd(), Memory.of(text), -1).fully().await();
            }
            pipe.closeWriteEnd();
            assertThat(listener.end.get()).isZero();
            assertThat(listener.text.toString()).isEqualTo(text.repeat(4));
            LoopStats stats = loop.stats().get();
            assertThat(stats.live()).isZero();
            assertThat(stats.staleCompletions()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readingWaitsForBuffersAndGoesOn(boolean withFeatures) throws Exception {
        String text = text(10 * BUFFER_BYTES);
        try (EventLoop loop = start(withFeatures);
                Pipes pipe = new Pipes()) {
            Listener listener = new Listener(true);
            Receiver.startReading(buffers(loop, 4), pipe.readEnd(), listener);
            loop.write(pipe.writeEnd(), Memory.of(text), -1).await();
            Eventually.holds(() -> listener.held.size() == 4);
            loop.nop().await();
            assertThat(listener.text.length()).isEqualTo(4 * BUFFER_BYTES);
            while (listener.text.length() < text.length()) {
                BufferLease first = listener.held.poll();
                if (first == null) {
                    Thread.sleep(1);
                } else {
                    first.release();
                }
            }
            assertThat(listener.text.toString()).isEqualTo(text);
            pipe.closeWriteEnd();
            listener.held.forEach(BufferLease::release);
            assertThat(listener.end.get()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readingCanBePausedAndEnded(boolean withFeatures) throws Exception {
        try (EventLoop loop = start(withFeatures);
                Pipes pipe = new Pipes()) {
            Listener listener = new Listener(false);
            Receiver receiver = Receiver.startReading(buffers(loop, 4), pipe.readEnd(), listener);
            loop.write(pipe.writeEnd(), Memory.of("one"), -1).await();
            Eventually.holds(() -> listener.text.toString().equals("one"));
            receiver.pause();
            // The pause, the cancellation that it asks for, and the end of what was cancelled.
            Eventually.holds(() -> loop.stats().get().live() == 0);
            loop.write(pipe.writeEnd(), Memory.of("two"), -1).await();
            loop.nop().await();
            assertThat(listener.text.toString()).isEqualTo("one");
            receiver.resume();
            Eventually.holds(() -> listener.text.toString().equals("onetwo"));
            receiver.close();
            assertThat(listener.end.get()).isEqualTo(-Errno.ECANCELED.number());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsNotOpenEndsItWithItsError(boolean withFeatures) throws Exception {
        try (EventLoop loop = start(withFeatures)) {
            Listener listener = new Listener(false);
            Receiver.startReading(buffers(loop, 4), 1_000_000, listener);
            assertThat(listener.end.get()).isEqualTo(-Errno.EBADF.number());
        }
    }
}
