package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops of a program that has run out of something; in a JVM of its own. */
@Tag("host") // starts JVMs, which takes long where a processor is emulated
@Timeout(120)
class UnderPressureTest {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource(type.getSimpleName() + ".class").toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length()))).toString();
    }

    private static String run(String what, String limits, String options) throws Exception {
        String command = limits + " exec " + JAVA + " " + options + " -XX:-UsePerfData --enable-native-access=ALL-UNNAMED -cp "
                + folderOf(EventLoop.class) + ":" + folderOf(UnderPressure.class) + " " + UnderPressure.class.getName() + " "
                + what;
        Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
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
