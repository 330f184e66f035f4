package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line, in this JVM. */
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "-h", "doctor --help"})
    void helpGoesToStandardOutput(String arguments) {
        assertThat(run(arguments.split(" "))).isZero();
        assertThat(out()).startsWith("Usage: java -jar uring4j.jar").contains("doctor [--json]");
        assertThat(err()).isEmpty();
    }

    @Test
    void theVersionIsOneLine() {
        assertThat(run("--version")).isZero();
        assertThat(out().lines()).singleElement().asString().matches("uring4j \\S+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "surgeon",
                "--jsno",
                "doctor --jsno",
                "doctor now",
                "help doctor",
                "--version --json",
                "doctor --json=yes"
            })
    void whatItDoesNotKnowIsAnsweredWithTheUsage(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(out()).isEmpty();
        assertThat(err()).startsWith("uring4j: ").contains("Usage: java -jar uring4j.jar");
        assertThat(err().lines().findFirst().orElseThrow()).containsAnyOf("unknown", "unexpected", "has no");
    }

    @Test
    void withoutACommandItShowsTheUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).startsWith("uring4j: a command is missing");
    }

    @Test
    void theReportBeginsAndEndsWithTheVerdict() {
        assertThat(run("doctor")).isZero();
        List<String> lines = out().lines().toList();
        assertThat(lines.getFirst()).isEqualTo("io_uring can be used here");
        assertThat(lines.getLast()).isEqualTo("io_uring can be used here");
        assertThat(err()).isEmpty();
    }

    @Test
    void theReportIsNarrowAsciiWithoutTrailingSpaces() {
        run("doctor");
        assertThat(out().lines()).allSatisfy(line -> {
            assertThat(line).isEqualTo(line.stripTrailing());
            assertThat(line.chars()).allMatch(c -> c >= ' ' && c <= '~');
        });
    }
}
