package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.uring4j.buffer.BufferQueue;
import io.uring4j.buffer.RegisteredBuffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registered buffers and buffer rings against the limit of locked memory, in a process that has the limit and lacks the
 * privilege.
 */
class MemlockTest {
    private static final int PATIENCE_SECONDS = 60;
    private static final int LIMIT_BYTES = 256 << 10;
    private static final long TOO_MUCH = 4L << 20;

    @TempDir
    Path folder;

    /** Runs in the other process. */
    static final class Registering {
        private Registering() {}

        public static void main(String[] arguments) {
            try (Arena arena = Arena.ofConfined();
                    Ring ring = Ring.open(4)) {
                RegisteredBuffers.register(ring, arena.allocate(4096)).close();
                System.out.println("little is allowed");
                if (ring.capabilities().has(RegisterOpcode.REGISTER_PBUF_RING)) {
                    largestRing(ring);
                    largestRing(ring, BufferQueue.Option.KERNEL_MEMORY);
                }
                RegisteredBuffers.register(ring, arena.allocate(TOO_MUCH));
                System.out.println("much is allowed");
            } catch (UringException e) {
                System.out.println(e.error() + ": " + e.getMessage());
            }
        }
    }

    /** Its entries take twice the limit, but not all kernels count them. */
    private static void largestRing(Ring ring, BufferQueue.Option... options) throws UringException {
        String outcome = "allowed";
        try {
            BufferQueue.register(ring, 1, 1, options).close();
            BufferQueue.register(ring, 64, BufferQueue.MAX_ENTRIES, options).close();
        } catch (UringException e) {
            outcome = e.error() == Errno.EINVAL ? "not there" : e.getMessage();
        }
        System.out.println("buffer ring: " + outcome);
    }

    @Test
    void refusalSaysWhichLimitToRaise() throws Exception {
        List<String> limits = new ArrayList<>(List.of("prlimit", "--memlock=" + LIMIT_BYTES));
        if (System.getProperty("user.name").equals("root")) {
            limits.addAll(List.of("setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"));
        }
        assumeTrue(run(limits, "true") != null, "no prlimit and setpriv (util-linux) here");
        String output = run(
                limits,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                folderOf(Ring.class) + ":" + folderOf(MemlockTest.class),
                Registering.class.getName());

        assertThat(output)
                .contains("little is allowed")
                .contains("ENOMEM:", "RLIMIT_MEMLOCK allows 256 KiB", "ulimit -l", "CAP_IPC_LOCK")
                .doesNotContain("much is allowed");
        assertThat(output.lines().filter(line -> line.startsWith("buffer ring: ")))
                .allSatisfy(line -> assertThat(line)
                        .containsPattern("allowed$|not there$|ENOMEM .*RLIMIT_MEMLOCK allows 256 KiB: raise it"));
    }

    /** What the command prints; null when it fails. */
    private String run(List<String> limits, String... arguments) throws InterruptedException, IOException {
        List<String> command = new ArrayList<>(limits);
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            return null;
        }
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end: " + command);
        }
        return process.exitValue() == 0 ? Files.readString(output) : null;
    }

    /** The folder that a class was loaded from, whether or not it is patched into a module. */
    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource(file.substring(file.lastIndexOf('/') + 1)).toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length()))).toString();
    }
}
