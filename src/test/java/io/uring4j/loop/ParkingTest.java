package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A virtual thread that waits for an operation gives its carrier to others; in a JVM that has one carrier. */
@Tag("host") // starts a JVM, which takes long where a processor is emulated
class ParkingTest {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    private Path folder;

    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource(type.getSimpleName() + ".class").toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length()))).toString();
    }

    @Test
    @Timeout(120)
    void manyVirtualThreadsWaitAtOnceOnOneCarrier() throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        JAVA,
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                        "-XX:-UsePerfData",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        folderOf(EventLoop.class) + ":" + folderOf(ManyWaiters.class),
                        ManyWaiters.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(90, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(output);
        assertThat(ended).as("has ended, after: " + text).isTrue();
        assertThat(text).isEqualTo("read at once by 500\nbytes 500\ninterrupted 500\n");
    }
}
