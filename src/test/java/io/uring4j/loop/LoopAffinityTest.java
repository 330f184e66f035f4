package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.uring4j.Errno;
import io.uring4j.UringException;
import io.uring4j.sys.CpuAffinity;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CPUs that threads of loops may run on, as the kernel tells. */
@Timeout(60)
class LoopAffinityTest {
    private static final LoopConfig CONFIG = LoopConfig.standard().submissionEntries(8);

    private static BitSet allowed() {
        BitSet allowed = CpuAffinity.allowed();
        assumeFalse(allowed.isEmpty(), "the kernel doesn't tell which CPUs are allowed");
        return allowed;
    }

    private static String cpus(EventLoop loop) throws Exception {
        CompletableFuture<String> cpus = new CompletableFuture<>();
        loop.execute(() -> cpus.complete(ThreadStatus.cpus()));
        return cpus.get();
    }

    @Test
    void loopRunsOnTheCpuThatItIsPinnedTo() throws Exception {
        for (int cpu : allowed().stream().toArray()) {
            try (EventLoop loop = EventLoop.start(CONFIG.cpu(cpu))) {
                assertThat(cpus(loop)).isEqualTo(String.valueOf(cpu));
            }
        }
    }

    @Test
    void loopThatIsNotPinnedRunsWhereItsStarterMay() throws Exception {
        try (EventLoop loop = EventLoop.start(CONFIG)) {
            assertThat(cpus(loop)).isEqualTo(ThreadStatus.cpus());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8191, 8192, Integer.MAX_VALUE})
    void cpuThatIsNotThereIsRefused(int cpu) {
        assertThatThrownBy(() -> EventLoop.start(CONFIG.cpu(cpu)))
                .isInstanceOfSatisfying(UringException.class, e -> assertThat(e.error())
                        .isEqualTo(Errno.EINVAL))
                .hasMessageContaining("CPU " + cpu);
    }

    @Test
    void pinnedGroupHasALoopOnEachCpu() throws Exception {
        BitSet allowed = allowed();
        try (EventLoopGroup group = EventLoopGroup.startPinned(CONFIG.name("pinned"))) {
            Set<String> seen = new HashSet<>();
            for (EventLoop loop : group.loops()) {
                String cpu = cpus(loop);
                assertThat(loop.name()).isEqualTo("pinned-" + cpu);
                seen.add(cpu);
            }
            assertThat(seen).isEqualTo(new HashSet<>(allowed.stream().mapToObj(String::valueOf).toList()));
        }
    }

    @Test
    void groupThatIsNotPinnedHasAsManyLoopsAsWasSaid() throws Exception {
        try (EventLoopGroup group = EventLoopGroup.start(CONFIG.name("free"), 3)) {
            assertThat(group.loops()).extracting(EventLoop::name).containsExactly("free-0", "free-1", "free-2");
            for (EventLoop loop : group.loops()) {
                assertThat(cpus(loop)).isEqualTo(ThreadStatus.cpus());
            }
            for (int i = 0; i < 7; i++) {
                assertThat(group.next()).isSameAs(group.loops().get(i % 3));
            }
            assertThat(group.shutdown(Duration.ZERO).get()).hasSize(3).allMatch(LoopOutcome::isClean);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> EventLoopGroup.start(CONFIG, 0));
    }
}
