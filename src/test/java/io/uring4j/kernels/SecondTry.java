package io.uring4j.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Boots a guest once more when its kernel has panicked before its first process began. Nothing of the project has run by
 * then: that is between the kernel and an emulator that a busy machine held up. Twice is a failure.
 */
record SecondTry(Backend backend) implements Backend {
    /** What the scripts in {@code ci/kernels/guest} put before all that they say. */
    private static final String FIRST_PROCESS = "uring4j-guest:";

    private static final String PANIC = "Kernel panic";

    @Override
    public String title() {
        return backend.title();
    }

    @Override
    public void boot(String architecture, String kernel, Path payload, Path folder, boolean accelerated)
            throws IOException, InterruptedException {
        backend.boot(architecture, kernel, payload, folder, accelerated);
        Path console = folder.resolve("console.log");
        if (!kernel.equals(PROBE) && diedBooting(console)) {
            Path kept = folder.resolve("console-first-try.log");
            Files.move(console, kept, StandardCopyOption.REPLACE_EXISTING);
            System.out.println("Linux " + kernel + " panicked while booting, see " + kept + "; once more.");
            backend.boot(architecture, kernel, payload, folder, accelerated);
        }
    }

    private static boolean diedBooting(Path console) throws IOException {
        if (!Files.exists(console)) {
            return false;
        }
        // What a serial line carries: any byte is a character.
        String said = Files.readString(console, StandardCharsets.ISO_8859_1);
        return said.contains(PANIC) && !said.contains(FIRST_PROCESS);
    }
}
