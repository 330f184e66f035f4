package io.uring4j.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of a thread. */
final class ThreadStatus {
    private static final String CPUS = "Cpus_allowed_list:";

    private ThreadStatus() {}

    /** The directory of the current thread. */
    static Path directory() {
        try {
            return Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The CPUs that the current thread may run on, such as {@code 0-3}. */
    static String cpus() {
        try {
            return Files.readAllLines(directory().resolve("status")).stream()
                    .filter(line -> line.startsWith(CPUS))
                    .map(line -> line.substring(CPUS.length()).strip())
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
