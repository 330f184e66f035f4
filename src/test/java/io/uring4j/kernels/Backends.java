package io.uring4j.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Chooses how guests are booted on this machine. */
final class Backends {
    private Backends() {}

    /**
     * Containers where there is an engine, else QEMU itself. The system property {@code uring4j.kernels.backend},
     * {@code containers} or {@code qemu}, insists on one.
     */
    static Backend choose() throws IOException {
        String wanted = System.getProperty("uring4j.kernels.backend", Engine.answers() ? "containers" : "qemu");
        return switch (wanted) {
            case "containers" -> new QemuInContainer();
            case "qemu" -> new DirectQemu();
            default -> throw new IllegalArgumentException("uring4j.kernels.backend is neither containers nor qemu: " + wanted);
        };
    }

    /**
     * Whether KVM works. That its device is there says nothing: on some machines it opens, and then hangs or aborts.
     */
    static boolean canAccelerate(Backend backend, Path payload) throws IOException, InterruptedException {
        if (!Files.exists(Path.of("/dev/kvm"))) {
            return false;
        }
        Path folder = Files.createDirectories(Project.OUTPUT.resolve("probe"));
        Files.deleteIfExists(folder.resolve("console.log"));
        backend.boot(Kernel.NATIVE, Backend.PROBE, payload, folder, true);
        Path console = folder.resolve("console.log");
        if (!Files.exists(console)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(console, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.contains("uring4j-guest: probed"));
        }
    }
}
