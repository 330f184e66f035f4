package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final String CLASSES = "target/classes";

    @TempDir
    Path folder;

    @Test
    void theFirstProgramOfTheReadmeCompilesAndPrintsAFile() throws Exception {
        Path source = Files.writeString(folder.resolve("FirstProgram.java"), program());
        Path text = Files.writeString(folder.resolve("text.txt"), "read through a ring, ünïcode too\n");

        String compiler = run("javac", "-Xlint:all", "-Werror", "-cp", CLASSES, "-d", folder.toString(), source.toString());
        String program = run(
                "java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                CLASSES + ":" + folder,
                "FirstProgram",
                text.toString());

        assertThat(compiler).isEmpty();
        assertThat(program).isEqualTo(Files.readString(text));
    }

    private static String program() throws IOException {
        Matcher matcher = PROGRAM.matcher(Files.readString(Path.of("README.md")));
        assertThat(matcher.find()).as("README has a program").isTrue();
        return matcher.group(1);
    }

    private String run(String tool, String... arguments) throws Exception {
        Path out = folder.resolve(tool + ".out");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }
}
