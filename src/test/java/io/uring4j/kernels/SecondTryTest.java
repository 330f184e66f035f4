package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which guests are booted once more. */
class SecondTryTest {
    private static final String PANIC = "[    0.004000] Kernel panic - not syncing: IO-APIC + timer doesn't work!\n";
    private static final String BEGUN = "uring4j-guest: Linux 6.1.0-50-cloud-amd64\n";

    @TempDir
    Path folder;

    private int boots;

    /** What the console says after each boot. */
    private void boot(String kernel, List<String> consoles) throws Exception {
        Backend backend = new Backend() {
            @Override
            public String title() {
                return "consoles";
            }

            @Override
            public void boot(String architecture, String name, Path payload, Path where, boolean accelerated)
                    throws IOException {
                Files.writeString(where.resolve("console.log"), consoles.get(boots++));
            }
        };
        new SecondTry(backend).boot("amd64", kernel, folder.resolve("payload.tar"), folder, false);
    }

    @Test
    void guestWhoseKernelPanicsWhileBootingIsBootedOnceMore() throws Exception {
        boot("6.1", List.of(PANIC, BEGUN));
        assertThat(boots).isEqualTo(2);
        assertThat(folder.resolve("console.log")).hasContent(BEGUN);
        assertThat(folder.resolve("console-first-try.log")).hasContent(PANIC);
    }

    @Test
    void secondPanicIsTheLast() throws Exception {
        boot("6.1", List.of(PANIC, PANIC, BEGUN));
        assertThat(boots).isEqualTo(2);
        assertThat(folder.resolve("console.log")).hasContent(PANIC);
    }

    @Test
    void panicUnderTheTestsCounts() throws Exception {
        boot("6.1", List.of(BEGUN + PANIC, BEGUN));
        assertThat(boots).isEqualTo(1);
    }

    @Test
    void probeIsNotRepeated() throws Exception {
        boot(Backend.PROBE, List.of(PANIC, BEGUN));
        assertThat(boots).isEqualTo(1);
    }
}
