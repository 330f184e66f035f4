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

/** Loops of a program that has run out of something; in a JVM of its own. */
@Tag("host") // starts JVMs, which takes long where a processor is emulated
@Timeout(120)
class UnderPressureTest {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    private Path folder;

    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource(type.getSimpleName() + ".class").toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length()))).toString();
    }

    private String run(String what, String limits, String options) throws Exception {
        String command = limits + " exec " + JAVA + " " + options + " -XX:-UsePerfData --enable-native-access=ALL-UNNAMED -cp "
                + folderOf(EventLoop.class) + ":" + folderOf(UnderPressure.class) + " " + UnderPressure.class.getName() + " "
                + what;
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("has ended, after: " + Files.readString(output)).isTrue();
        return Files.readString(output);
    }

    @Test
    void acceptorWaitsForDescriptorsWithoutSpinning() throws Exception {
        assertThat(run("descriptors", "ulimit -n 128;", "-XX:-MaxFDLimit"))
                .isEqualTo("accepted=0 spins=false\naccepted=4\n");
    }

    @Test
    void collectorTakesWhatRestsWhenMemoryIsShort() throws Exception {
        assertThat(run("memory", "", "-Xmx64m"))
                .isEqualTo("reclaimable=true\nout of memory=true\ntrimmed=true reclaimable=0\nlives=true\n");
    }
}
