package io.uring4j.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the QEMU that {@code ci/kernels/build} unpacked, on the machine itself. */
final class DirectQemu implements Backend {
    @Override
    public String title() {
        return "QEMU";
    }

    @Override
    public void boot(String architecture, String kernel, Path payload, Path folder, boolean accelerated)
            throws IOException, InterruptedException {
        Files.deleteIfExists(folder.resolve("payload.tar"));
        Files.createLink(folder.resolve("payload.tar"), payload);
        List<String> command = new ArrayList<>(List.of(
                Project.built(architecture).resolve("image/boot").toString(), kernel, folder.toString()));
        if (accelerated) {
            command.add("kvm");
        }
        // The script bounds QEMU's time itself.
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("boot.log").toFile())
                .start();
        Thread ifThisEndsFirst = new Thread(() -> end(process));
        try {
            // Refused while this JVM ends: then the guest ends here.
            Runtime.getRuntime().addShutdownHook(ifThisEndsFirst);
            process.waitFor();
            Runtime.getRuntime().removeShutdownHook(ifThisEndsFirst);
        } finally {
            end(process);
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
