package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The kernel's worker threads, of which each submitting thread has its own. */
class WorkerThreadsTest {
    private static final Path THREADS = Path.of("/proc/self/task");

    @AutoClose
    private final Pipe in = new Pipe();

    @AutoClose
    private final Pipe out = new Pipe();

    /** Work without end, each piece of which occupies a thread. */
    private void splice(Ring ring, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ring.submissions().next().splice(in.readEnd(), -1, out.writeEnd(), -1, 1, 0);
        }
        ring.submit();
    }

    /** The worker threads of the current thread. */
    private static List<Path> workers() throws IOException {
        String name = "iou-wrk-" + Posix.gettid();
        List<Path> found = new ArrayList<>();
        try (Stream<Path> threads = Files.list(THREADS)) {
            for (Path thread : threads.toList()) {
                try {
                    if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                        found.add(thread);
                    }
                } catch (NoSuchFileException e) {
                    // It has ended meanwhile.
                }
            }
        }
        return found;
    }

    private static String cpusOf(Path thread) throws IOException {
        return Files.readAllLines(thread.resolve("status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow()
                .split("\\s+")[1];
    }

    private static BitSet cpu(int number) {
        BitSet cpus = new BitSet();
        cpus.set(number);
        return cpus;
    }

    @Covers(register = RegisterOpcode.REGISTER_IOWQ_MAX_WORKERS)
    @Test
    void noMoreThreadsWorkThanTheLimitAllows() throws Exception {
        Needs.kernelWith(RegisterOpcode.REGISTER_IOWQ_MAX_WORKERS);
        OtherThread.call(() -> {
            try (Ring ring = RingKind.PLAIN.open(16)) {
                WorkerThreads.limit(ring, new WorkerThreads.Limits(0, 3));
                splice(ring, 10);
                Waiting.until("three threads work", () -> workers().size() == 3);
                Thread.sleep(20);
                assertThat(workers()).hasSize(3);

                in.write("0123456789");
                assertThat(Completion.take(ring, 10)).extracting(Completion::result).containsOnly(1);
            }
            return null;
        });
    }

    @Covers(register = RegisterOpcode.REGISTER_IOWQ_MAX_WORKERS)
    @OverRingKinds
    void limitsBeforeAreReturned(RingKind kind) throws Exception {
        Needs.kernelWith(RegisterOpcode.REGISTER_IOWQ_MAX_WORKERS);
        OtherThread.call(() -> {
            try (Ring ring = kind.open(4)) {
                WorkerThreads.Limits asTheyAre = new WorkerThreads.Limits(0, 0);
                WorkerThreads.Limits first = WorkerThreads.limit(ring, asTheyAre);
                assertThat(first.bounded()).isPositive();
                assertThat(first.unbounded()).isPositive();
                assertThat(WorkerThreads.limit(ring, new WorkerThreads.Limits(2, 0))).isEqualTo(first);
                assertThat(WorkerThreads.limit(ring, new WorkerThreads.Limits(0, 5)))
                        .isEqualTo(new WorkerThreads.Limits(2, first.unbounded()));
                assertThat(WorkerThreads.limit(ring, asTheyAre)).isEqualTo(new WorkerThreads.Limits(2, 5));
            }
            return null;
        });
    }

    @Test
    void negativeLimitsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new WorkerThreads.Limits(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new WorkerThreads.Limits(0, -1));
    }

    @Covers(register = {RegisterOpcode.REGISTER_IOWQ_AFF, RegisterOpcode.UNREGISTER_IOWQ_AFF})
    @Test
    void threadsRunOnTheCpusThatTheyAreBoundTo() throws Exception {
        Needs.kernelWith(RegisterOpcode.REGISTER_IOWQ_AFF);
        String all = cpusOf(THREADS.resolve(Integer.toString(Posix.gettid())));
        assumeTrue(!all.matches("\\d+"), "this machine lets the tests run on one CPU only");
        int last = Integer.parseInt(all.substring(Math.max(all.lastIndexOf('-'), all.lastIndexOf(',')) + 1));
        OtherThread.call(() -> {
            try (Ring ring = RingKind.PLAIN.open(4)) {
                WorkerThreads.bindTo(ring, cpu(last));
                splice(ring, 1);
                Waiting.until("a thread works", () -> workers().size() == 1);
                Path bound = workers().getFirst();
                Waiting.until("it is bound", () -> cpusOf(bound).equals(Integer.toString(last)));

                WorkerThreads.unbind(ring);
                splice(ring, 1);
                Waiting.until("two threads work", () -> workers().size() == 2);
                Path free = workers().stream().filter(thread -> !thread.equals(bound)).findFirst().orElseThrow();
                Waiting.until("it isn't bound", () -> cpusOf(free).equals(all));
                in.write("ab");
                Completion.take(ring, 2);
            }
            return null;
        });
    }

    @Test
    void cpusThatAreNotThereAreRefused() throws IOException {
        Needs.kernelWith(RegisterOpcode.REGISTER_IOWQ_AFF);
        try (Ring ring = RingKind.PLAIN.open(4)) {
            assertThatIllegalArgumentException().isThrownBy(() -> WorkerThreads.bindTo(ring, new BitSet()));
            // One that the kernel's mask has room for, and one that it hasn't.
            for (int number : new int[] {63, 1000}) {
                assertThatExceptionOfType(UringException.class)
                        .as("CPU %d", number)
                        .isThrownBy(() -> WorkerThreads.bindTo(ring, cpu(number)))
                        .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
            }
        }
    }
}
