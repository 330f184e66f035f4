package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Opening and closing rings again and again, with requests in flight: nothing may be left behind. */
class RingCyclesTest {
    @Test
    void nothingIsLeftBehindByManyRings() throws Exception {
        openAndClose(Rounds.of(2_000));
    }

    @Test
    @Tag("soak")
    void nothingIsLeftBehindByVeryManyRings() throws Exception {
        openAndClose(10_000);
    }

    private static void openAndClose(int count) throws Exception {
        try (Arena arena = Arena.ofShared();
                Pipe pipe = new Pipe();
                PeerSocket listener = PeerSocket.listening()) {
            MemorySegment buffer = arena.allocate(64);
            MemorySegment hour = Timespec.of(arena, Duration.ofHours(1));
            List<RingKind> kinds = available();
            // Twice each, so that what is kept for good is there before it is counted.
            for (int i = 0; i < 2 * kinds.size(); i++) {
                cycle(kinds.get(i % kinds.size()), i, pipe, listener, buffer, hour);
            }
            List<String> descriptors = descriptors();
            List<String> mappings = mappings();

            for (int i = 0; i < count; i++) {
                cycle(kinds.get(i % kinds.size()), i, pipe, listener, buffer, hour);
            }

            // The collector may be what unmaps them.
            Waiting.until("the rings are unmapped", () -> {
                System.gc();
                return mappings().size() <= mappings.size();
            });
            // Other parts of the JVM may open a file meanwhile; not one per ring.
            assertThat(descriptors()).as("descriptors").hasSizeLessThan(descriptors.size() + 10);
            assertThat(descriptors().stream().filter(file -> file.contains("io_uring")).toList()).isEmpty();
            Waiting.until("the kernel threads of the rings have ended", () -> kernelThreads() == 0);
        }
    }

    private static List<RingKind> available() throws IOException {
        List<RingKind> kinds = new ArrayList<>();
        for (RingKind kind : RingKind.values()) {
            try (Ring ring = kind.open(1)) {
                assertThat(ring.isClosed()).isFalse();
                kinds.add(kind);
            } catch (TestAbortedException e) {
                // Lacking here; the others still serve.
            }
        }
        return kinds;
    }

    private static void cycle(
            RingKind kind, int number, Pipe pipe, PeerSocket listener, MemorySegment buffer, MemorySegment hour)
            throws IOException {
        try (Ring ring = kind.open(8)) {
            SubmissionQueue submissions = ring.submissions();
            switch (number % 5) {
                case 0 -> submissions.next().read(pipe.readEnd(), buffer, 16, -1);
                case 1 -> submissions.next().accept(listener.fd(), MemorySegment.NULL, MemorySegment.NULL, 0);
                case 2 -> {
                    if (ring.capabilities().has(Modifier.POLL_MULTISHOT)) {
                        submissions.next().pollMultishot(pipe.readEnd(), PollEvents.IN);
                    }
                }
                case 3 -> submissions.next().timeout(hour, 0, 0);
                default -> {}
            }
            submissions.next().nop();
            ring.submit();
        }
    }

    private static List<String> descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.map(RingCyclesTest::target).toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    /** Those of rings, and those of memory that the library gives to rings with NO_MMAP. */
    private static List<String> mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("io_uring") || line.contains("/dev/zero"))
                .toList();
    }

    private static long kernelThreads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> {
                        try {
                            return Files.readString(task.resolve("comm")).startsWith("iou-sqp");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
