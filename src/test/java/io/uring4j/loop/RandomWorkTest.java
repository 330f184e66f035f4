package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Rounds;
import io.uring4j.notify.Descriptors;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random work, checked against a model: operations, chains, messages, cancellations, closes, hand-overs between threads,
 * interruptions.
 * {@code -During4j.seed} repeats a run's decisions, {@code -During4j.steps} makes it longer.
 */
class RandomWorkTest {
    private static final int STEPS = 100_000;
    private static final int SOAK_STEPS = 10_000_000;

    @Test
    @Timeout(120)
    void nothingIsLostDoubledOrMisdelivered() throws Exception {
        run(Integer.getInteger("uring4j.steps", Rounds.of(STEPS)), LoopConfig.standard().submissionEntries(16));
    }

    @Test
    @Timeout(120)
    void norWithoutNewFeaturesAndWithTinyQueues() throws Exception {
        run(
                Integer.getInteger("uring4j.steps", Rounds.of(STEPS)) / 4,
                LoopConfig.standard()
                        .submissionEntries(2)
                        .queueCapacity(2)
                        .withoutRequestCache()
                        .without(LoopFeature.values()));
    }

    @Test
    @Tag("soak")
    @Timeout(1200)
    void norInTenMillionSteps() throws Exception {
        run(
                Integer.getInteger("uring4j.steps", SOAK_STEPS),
                LoopConfig.standard().submissionEntries(64).idleTime(Duration.ofMillis(1)));
    }

    private static void run(int steps, LoopConfig config) throws Exception {
        long seed = Long.getLong("uring4j.seed", new Random().nextLong());
        System.out.println("random work: " + steps + " steps, -During4j.seed=" + seed);
        long descriptors = Descriptors.count();
        AtomicReference<RandomWork> receiver = new AtomicReference<>();
        LoopConfig receiving = config.onMessage((loop, value, tag) -> receiver.get().received(value, tag));
        List<EventLoop> loops = List.of(EventLoop.start(receiving.name("one")), EventLoop.start(receiving.name("two")));
        RandomWork work = new RandomWork(seed, loops);
        receiver.set(work);
        for (int i = 0; i < steps && work.faults().isEmpty(); i++) {
            work.step();
        }
        assertThat(work.faults()).as("seed %d", seed).isEmpty();
        work.finish();
        assertThat(work.faults()).as("seed %d", seed).isEmpty();
        assertThat(work.ended()).as("seed %d", seed).isEqualTo(work.started());
        for (EventLoop loop : loops) {
            LoopStats stats = loop.stats().get();
            assertThat(stats.live()).as("seed %d: %s", seed, stats).isZero();
            assertThat(stats.staleCompletions()).as("seed %d: %s", seed, stats).isZero();
            assertThat(stats.failures()).as("seed %d: %s", seed, stats).isZero();
            boolean isEven = loop.withRing(ring -> loop.tally().isEven()).get();
            assertThat(isEven).as("seed %d: %s", seed, stats).isTrue();
            assertThat(loop.shutdown(Duration.ZERO).get().isClean()).isTrue();
        }
        assertThat(Descriptors.count()).isEqualTo(descriptors);
    }
}
