package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Path CLASSES = Path.of("target/classes");

    @TempDir
    Path folder;

    @Test
    void theFirstProgramOfTheReadmeCompilesAndPrintsAFile() throws Exception {
        Path source = Files.writeString(folder.resolve("FirstProgram.java"), program());
        Path text = Files.writeString(folder.resolve("text.txt"), "read through a ring, ünïcode too\n");

        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-Xlint:all,-exports", "-Werror", "-cp", CLASSES.toString(), "-d",
                        folder.toString(), source.toString());

        assertThat(compiled).isZero();
        assertThat(output("FirstProgram", text)).isEqualTo(Files.readString(text));
    }

    private static String program() throws IOException {
        Matcher matcher = PROGRAM.matcher(Files.readString(Path.of("README.md")));
        assertThat(matcher.find()).as("README has a program").isTrue();
        return matcher.group(1);
    }

    private String output(String mainClass, Path argument) throws Exception {
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        CLASSES + ":" + folder,
                        mainClass,
                        argument.toString()))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }
}
