package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that ends with requests in flight ends, as if it had none. */
class ProcessExitTest {
    /** A JVM takes its time on an emulated processor. */
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path directory;

    @OverRingKinds
    @Tag("host") // a JVM for each kind of ring; one is enough in a guest
    void programExitsWithRequestsInFlight(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            assertEnds("exit", ring);
        }
    }

    @Test
    void programOfTheBestRingExitsWithRequestsInFlight() throws Exception {
        programExitsWithRequestsInFlight(RingKind.BEST);
    }

    @ParameterizedTest
    @Tag("host")
    @ValueSource(strings = {"return", "halt"})
    void programReturnsOrHaltsWithRequestsInFlight(String end) throws Exception {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertEnds(end, ring);
        }
    }

    /** Of this JVM, whether it runs on the module path or not; with nothing else, or its cache of classes won't do. */
    private static String classPath() {
        String candidates = String.join(
                File.pathSeparator,
                "target/classes",
                "target/test-classes",
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", ""));
        return Stream.of(candidates.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty() && Files.exists(Path.of(entry)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** How this JVM was told to start quickly: it takes a child on an emulated processor seconds to start otherwise. */
    private static List<String> optionsOfThisJvm() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:"))
                .toList();
    }

    /** The child opens a ring like this one. */
    private void assertEnds(String how, Ring ring) throws IOException, InterruptedException {
        String flags = ring.flags().stream().map(SetupFlag::name).collect(Collectors.joining(","));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path said = directory.resolve("said");
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(optionsOfThisJvm());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                ExitWithRequests.class.getName(),
                how,
                flags));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("the process has ended").isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(ExitWithRequests.STATUS);
    }
}
