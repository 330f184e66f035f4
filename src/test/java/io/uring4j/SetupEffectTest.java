package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.sys.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Setup flags, by what can be seen of them from outside. */
class SetupEffectTest {
    private static final int BLOCK = 4096;

    @TempDir
    Path folder;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private static void assertWorks(Ring ring) throws IOException {
        ring.submissions().next().nop().userData(17);
        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(17, 0, 0));
    }

    /** A line of what the kernel says of a ring. */
    private static String told(Ring ring, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + ring.fd())).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    /** The number of the submission thread; the kernel tells -1 while it is busy, and its maker until it has begun. */
    private static String submissionThread(Ring ring) {
        String maker = Integer.toString(Posix.gettid());
        String[] thread = new String[1];
        Waiting.until("the kernel tells the thread", () -> {
            thread[0] = told(ring, "SqThread");
            return !thread[0].equals("-1") && !thread[0].equals(maker);
        });
        return thread[0];
    }

    private static String cpusOf(String thread) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/task", thread, "status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow()
                .split("\\s+")[1];
    }

    @Test
    void submissionThreadIsBoundToItsCpu() throws IOException {
        int cpus = Runtime.getRuntime().availableProcessors();
        assumeTrue(cpus > 1, "this machine has one CPU");
        for (int cpu = 0; cpu < 2; cpu++) {
            try (Ring ring = Ring.open(RingConfig.plain(4).submissionThread(50).submissionThreadCpu(cpu))) {
                String bound = Integer.toString(cpu);
                Waiting.until("the thread has bound itself", () -> cpusOf(submissionThread(ring)).equals(bound));
                assertWorks(ring);
            }
        }
    }

    @Test
    void attachedRingSharesTheSubmissionThread() throws IOException {
        try (Ring first = Ring.open(RingConfig.plain(4).submissionThread(50));
                Ring other = Ring.open(RingConfig.plain(4).submissionThread(50));
                Ring attached = Ring.open(RingConfig.plain(4).submissionThread(50).sharedWorkers(first))) {
            assertThat(submissionThread(attached))
                    .isEqualTo(submissionThread(first))
                    .isNotEqualTo(submissionThread(other));
            assertThat(attached.flags()).contains(SetupFlag.ATTACH_WQ);
            assertWorks(attached);
            assertWorks(first);
        }
    }

    @Test
    void attachedRingWithoutSubmissionThreadWorks() throws IOException {
        try (Ring first = RingKind.PLAIN.open(4);
                Ring attached = Ring.open(RingConfig.plain(4).sharedWorkers(first))) {
            attached.submissions().next().nop().async().userData(1);
            assertThat(Completion.submitAndTakeOne(attached)).isEqualTo(new Completion(1, 0, 0));
        }
    }

    @Test
    void ringWithoutDescriptorTakesNoneAndWorks() throws IOException {
        Needs.kernelWith(SetupFlag.REGISTERED_FD_ONLY);
        RingConfig config = RingConfig.plain(4).with(SetupFlag.NO_MMAP, SetupFlag.REGISTERED_FD_ONLY);
        Ring.open(config).close();
        long before = openDescriptors();
        try (Ring ring = Ring.open(config)) {
            assertThat(openDescriptors()).isEqualTo(before);
            assertThat(ring.isDescriptorRegistered()).isTrue();
            assertThatIllegalStateException().isThrownBy(ring::fd).withMessageContaining("REGISTERED_FD_ONLY");
            assertWorks(ring);
            assertThat(ring.waitFor(1, 1_000_000)).isFalse();
            assertThat(Personality.ofCurrentThread(ring).id()).as("registering works too").isPositive();
        }
        for (int i = 0; i < 40; i++) {
            // More than a thread can have at once: closing gives the place back.
            Ring.open(config).close();
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    @Test
    void deviceIsPolled() throws IOException {
        pollDevice(SetupFlag.IOPOLL);
    }

    @Test
    void deviceIsPolledAfterASleep() throws IOException {
        Needs.kernelWith(SetupFlag.HYBRID_IOPOLL);
        pollDevice(SetupFlag.IOPOLL, SetupFlag.HYBRID_IOPOLL);
    }

    private void pollDevice(SetupFlag... flags) throws IOException {
        byte[] content = new byte[4 * BLOCK];
        content[BLOCK] = 42;
        Path path = Files.write(folder.resolve("file"), content);
        MemorySegment buffer = arena.allocate(BLOCK, BLOCK);
        try (Ring ring = Ring.open(RingConfig.plain(4).with(flags))) {
            assertThat(ring.flags()).contains(flags);
            Needs.kernelWith("NOPs on rings that poll devices", Opcode.SOCKET);
            ring.submissions().next().nop().userData(1);
            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
            ring.submissions().next().openat(OpenFlags.CURRENT_DIRECTORY, arena.allocateFrom("/"), 0, 0);
            assertThat(Completion.submitAndTakeOne(ring).error()).as("can't be polled").isEqualTo(Errno.EINVAL);

            int fd = Posix.open(path, OpenFlags.READ_WRITE | OpenFlags.DIRECT);
            try {
                ring.submissions().next().read(fd, buffer, BLOCK, BLOCK);
                Completion completion = Completion.submitAndTakeOne(ring);
                if (completion.error() == Errno.EOPNOTSUPP) {
                    abort("the device of the temporary folder has no queues that can be polled");
                }
                assertThat(completion.result()).isEqualTo(BLOCK);
                assertThat(buffer.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
            } finally {
                Posix.close(fd);
            }
        }
    }

    @Test
    void ringsOfBothEntrySizesWorkInMemoryOfTheCaller() throws IOException {
        Needs.kernelWith(SetupFlag.NO_MMAP);
        for (SetupFlag[] flags : new SetupFlag[][] {{}, {SetupFlag.SQE128}, {SetupFlag.CQE32}, {SetupFlag.NO_SQARRAY}}) {
            RingConfig wanted = RingConfig.plain(8).with(flags);
            MemorySegment memory = arena.allocate(wanted.memorySize(), Libc.PAGE_SIZE);
            try (Ring ring = Ring.open(wanted.memory(memory))) {
                long mark = 0x1122_3344_5566_7788L;
                ring.submissions().next().nop().userData(mark);
                Completion.submitAndTakeOne(ring);
                long times = memory.elements(ValueLayout.JAVA_LONG)
                        .filter(word -> word.get(ValueLayout.JAVA_LONG, 0) == mark)
                        .count();
                assertThat(times).as("once in an entry, once in a completion").isEqualTo(2);
            }
        }
    }
}
