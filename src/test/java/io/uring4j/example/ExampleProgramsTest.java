package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples as somebody else's programs. */
@Tag("host") // the sources are here
class ExampleProgramsTest {
    private static final Path EXAMPLES = Path.of("src/test/java/io/uring4j/example");
    private static final int MOST_LINES = 150;

    @TempDir
    private Path folder;

    private static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> !file.toString().endsWith("Test.java")).toList();
        }
    }

    @Test
    void theyCompileWithNothingButWhatTheModuleExports() throws Exception {
        List<String> command = new ArrayList<>(List.of("javac", "-Xlint:all", "-Werror"));
        command.addAll(List.of("-p", "target/classes", "--add-modules", "io.uring4j", "-d", folder.toString()));
        examples().forEach(file -> command.add(file.toString()));
        assertThat(run(command)).isEqualTo("status 0\n");
    }

    @Test
    void theyAreShort() throws IOException {
        assertThat(examples()).hasSizeGreaterThan(5).allSatisfy(file -> assertThat(Files.readAllLines(file))
                .hasSizeLessThan(MOST_LINES));
    }

    @Test
    void oneRunsFromItsSourceAsItsCommentSays() throws Exception {
        byte[] content = new byte[3_000_001];
        new Random(1).nextBytes(content);
        Path from = Files.write(folder.resolve("from"), content);
        Path to = folder.resolve("to");
        String source = EXAMPLES.resolve("Copy.java").toString();
        List<String> command = List.of("java", "--enable-native-access=ALL-UNNAMED", "-cp", "target/classes", source);

        List<String> right = new ArrayList<>(command);
        right.addAll(List.of(from.toString(), to.toString()));
        assertThat(run(right)).isEqualTo("status 0\n");
        assertThat(to).hasBinaryContent(content);

        List<String> wrong = new ArrayList<>(command);
        wrong.addAll(List.of(folder.resolve("missing").toString(), to.toString()));
        assertThat(run(wrong)).startsWith("Copy: ").contains("ENOENT").endsWith("status 1\n");
    }

    private String run(List<String> command) throws Exception {
        List<String> full = new ArrayList<>(command);
        full.set(0, Path.of(System.getProperty("java.home"), "bin", command.getFirst()).toString());
        Path out = Files.createTempFile(folder, "out", "");
        Process process = new ProcessBuilder(full)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out) + "status " + process.exitValue() + "\n";
    }
}
