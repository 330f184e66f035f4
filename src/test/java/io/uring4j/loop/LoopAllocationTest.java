package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.AllocatedBytes;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operations by callback allocate nothing on the Java heap. */
@Tag("host") // what it measures takes the optimizing compiler
@Timeout(120)
class LoopAllocationTest {
    private static final int DEPTH = 32;
    private static final int OPERATIONS = 20_000;
    private static final int ROUNDS = 50;

    @AutoClose
    private final Pipes pipe = new Pipes();

    /** A steady load, each operation started by the handler of the one before; counts what the thread allocates. */
    private final class Load implements ResultHandler<Load> {
        private final EventLoop loop;
        private final MemorySegment room = Memory.room(64);
        private final CompletableFuture<Long> least = new CompletableFuture<>();
        private int started;
        private int ended;
        private int round;
        private long before;

        Load(EventLoop loop) {
            this.loop = loop;
        }

        void begin() throws ReflectiveOperationException {
            started = 0;
            ended = 0;
            before = AllocatedBytes.soFar();
            for (int i = 0; i < DEPTH; i++) {
                startNext();
            }
        }

        private void startNext() {
            switch (started++ & 3) {
                case 0 -> loop.nop().start(this, this);
                case 1 -> loop.write(pipe.writeEnd(), room, 1, -1).start(this, this);
                case 2 -> loop.read(pipe.readEnd(), room, 1, -1).start(this, this);
                default -> loop.nop().within(LIMIT).start(this, this);
            }
        }

        @Override
        public void completed(int result, int flags, Load load) {
            if (started < OPERATIONS) {
                startNext();
            }
            if (++ended == OPERATIONS) {
                endRound();
            }
        }

        private void endRound() {
            try {
                long allocated = AllocatedBytes.soFar() - before;
                if (allocated <= COST || ++round == ROUNDS) {
                    least.complete(allocated);
                } else {
                    begin();
                }
            } catch (ReflectiveOperationException e) {
                least.completeExceptionally(e);
            }
        }
    }

    private static final Duration LIMIT = Duration.ofHours(1);

    /** What it costs to ask, by reflection. */
    private static final long COST = 64;

    @Test
    void nothingIsAllocatedPerOperation() throws Exception {
        try (EventLoop loop = EventLoop.start()) {
            Load load = new Load(loop);
            loop.execute(() -> {
                try {
                    load.begin();
                } catch (ReflectiveOperationException e) {
                    load.least.completeExceptionally(e);
                }
            });
            assertThat(load.least.get()).as("bytes for %d operations", OPERATIONS).isLessThanOrEqualTo(COST);
        }
    }
}
