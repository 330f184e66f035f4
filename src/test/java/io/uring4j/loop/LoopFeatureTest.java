package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.BareKernel;
import io.uring4j.Capabilities;
import io.uring4j.DirectSlot;
import io.uring4j.Errno;
import io.uring4j.PollEvents;
import io.uring4j.SetupFlag;
import io.uring4j.UringException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a loop is told to use or not is what it does, and what it says that it does. */
@Timeout(60)
class LoopFeatureTest {
    private static final LoopConfig CONFIG =
            LoopConfig.standard().submissionEntries(32).idleTime(Duration.ofHours(1));

    private static Capabilities kernel() throws UringException {
        return Capabilities.ofKernel();
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void whatIsDeniedIsNotUsedAndTheWorkIsDone(LoopFeature feature) throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.without(feature))) {
            assertThat(loop.describe().lines()).contains("  " + feature + ": " + feature.fallback());
            assertThat(new FeatureWork(loop).uses(feature)).as("is used").isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void whatTheKernelHasIsUsed(LoopFeature feature) throws Exception {
        assumeTrue(feature.isIn(kernel()), () -> "this kernel lacks " + feature);
        try (EventLoop loop = EventLoop.start(CONFIG.insistOn(feature))) {
            assertThat(loop.describe()).contains(feature + ": used");
            assertThat(new FeatureWork(loop).uses(feature)).as("is used").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void theOthersStayAsTheyWere(LoopFeature feature) throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.without(feature))) {
            for (LoopFeature other : LoopFeature.values()) {
                boolean denied = other == feature || other == LoopFeature.BUNDLES && feature == LoopFeature.BUFFER_RING;
                assertThat(loop.uses(other)).isEqualTo(!denied && other.isIn(kernel()));
            }
        }
    }

    @Test
    void loopWithoutAnyDoesAllTheWork() throws Exception {
        for (LoopFeature feature : LoopFeature.values()) {
            try (EventLoop loop = EventLoop.start(CONFIG.without(LoopFeature.values()))) {
                assertThat(new FeatureWork(loop).uses(feature)).as("%s is used", feature).isFalse();
            }
        }
    }

    @Test
    void withoutDeferralCompletionsComeInAnyCallWhereTheKernelHasThat() throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.without(LoopFeature.DEFERRED_COMPLETIONS))) {
            assertThat(loop.ring().flags().contains(SetupFlag.COOP_TASKRUN))
                    .isEqualTo(kernel().has(SetupFlag.COOP_TASKRUN));
            assertThat(loop.describe()).contains("ring " + loop.ring().flags());
        }
    }

    /** Those that a program starts itself, by the name of the feature. */
    @Test
    void operationsThatAreADeniedFeatureAreRefused() throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.without(LoopFeature.values()));
                EventLoop target = EventLoop.start(CONFIG);
                Pipes pipe = new Pipes()) {
            BlockingQueue<Integer> results = new LinkedBlockingQueue<>();
            List<Operation> operations = List.of(
                    loop.acceptMultishot(pipe.readEnd()),
                    loop.acceptMultishotDirect(pipe.readEnd()),
                    loop.pollMultishot(pipe.writeEnd(), PollEvents.OUT),
                    loop.tick(Duration.ofMillis(1)),
                    loop.message(target, 1, 2),
                    loop.messageFile(target, 0, DirectSlot.ALLOCATE, 2));
            operations.forEach(each -> each.start((result, flags, none) -> results.add(result)));
            for (int i = 0; i < operations.size(); i++) {
                assertThat(results.take()).isEqualTo(-Errno.EOPNOTSUPP.number());
            }
            assertThatThrownBy(() -> loop.message(target, 1, 2).await())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageMatching("(loop .* is set up without|this kernel lacks) RING_MESSAGES");
            CompletableFuture<Integer> future = loop.message(target, 1, 2).future();
            assertThatThrownBy(future::get).hasCauseInstanceOf(UnsupportedOperationException.class);
            assertThat(loop.nop().await()).isZero();
            LoopStats stats = loop.stats().get();
            assertThat(stats.staleCompletions()).isZero();
            assertThat(stats.live()).isZero();
        }
    }

    @Test
    void insistingOnAllThatTheKernelHasIsGranted() throws Exception {
        Capabilities kernel = kernel();
        LoopFeature[] there = Arrays.stream(LoopFeature.values())
                .filter(each -> each.isIn(kernel))
                .toArray(LoopFeature[]::new);
        try (EventLoop loop = EventLoop.start(CONFIG.insistOn(there))) {
            assertThat(there).allMatch(loop::uses);
        }
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void insistingOnWhatTheKernelLacksIsRefusedByName(LoopFeature feature) throws Exception {
        LoopConfig config = CONFIG.insistOn(feature);
        assertThatThrownBy(() -> config.resolve(BareKernel.capabilities()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("lacks " + feature);
        assertThat(CONFIG.resolve(BareKernel.capabilities())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void startIsRefusedByNameWhereThisKernelLacksOne(LoopFeature feature) throws Exception {
        assumeFalse(feature.isIn(kernel()), () -> "this kernel has " + feature);
        assertThatThrownBy(() -> EventLoop.start(CONFIG.insistOn(feature)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("lacks " + feature);
    }

    @ParameterizedTest
    @EnumSource(LoopFeature.class)
    void toInsistOnWhatIsDeniedIsRefused(LoopFeature feature) throws Exception {
        assumeTrue(feature.isIn(kernel()), () -> "this kernel lacks " + feature);
        assertThatThrownBy(() -> EventLoop.start(CONFIG.insistOn(feature).without(feature)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(feature + " is both denied and insisted on");
    }

    @Test
    void toInsistOnBundlesAndDenyTheirBuffersIsRefused() throws Exception {
        assumeTrue(LoopFeature.BUNDLES.isIn(kernel()), "this kernel lacks bundles");
        assertThatThrownBy(() -> EventLoop.start(
                        CONFIG.insistOn(LoopFeature.BUNDLES).without(LoopFeature.BUFFER_RING)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BUNDLES");
    }

    /** A refused operation takes an entry, too, where room is counted for the others. */
    @Test
    void refusalsAmongManyOperationsHarmNoOther() throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.submissionEntries(4).without(LoopFeature.MULTISHOT_TIMER))) {
            BlockingQueue<Integer> refused = new LinkedBlockingQueue<>();
            BlockingQueue<Integer> done = new LinkedBlockingQueue<>();
            loop.execute(() -> {
                for (int i = 0; i < 40; i++) {
                    if (i % 3 == 0) {
                        loop.tick(Duration.ofMillis(1)).start((result, flags, none) -> refused.add(result));
                    }
                    loop.nop().start((result, flags, none) -> done.add(result));
                }
            });
            for (int i = 0; i < 14; i++) {
                assertThat(refused.take()).isEqualTo(-Errno.EOPNOTSUPP.number());
            }
            for (int i = 0; i < 40; i++) {
                assertThat(done.take()).isZero();
            }
        }
    }

    @Test
    void refusalOfTheLastOfAChainThatFillsTheQueueHarmsNothing() throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG.submissionEntries(4).without(LoopFeature.RING_MESSAGES));
                EventLoop target = EventLoop.start(CONFIG)) {
            BlockingQueue<Integer> results = new LinkedBlockingQueue<>();
            ResultHandler<Object> handler = (result, flags, none) -> results.add(result);
            Chain chain = new Chain(loop);
            for (int i = 0; i < 3; i++) {
                chain.then(loop.nop(), handler, this);
            }
            CompletableFuture<Integer> last = chain.finish(loop.message(target, 1, 2));
            assertThatThrownBy(last::get).hasCauseInstanceOf(UnsupportedOperationException.class);
            for (int i = 0; i < 3; i++) {
                assertThat(results.take()).isZero();
            }
            assertThat(loop.nop().await()).isZero();
        }
    }
}
