package io.uring4j.tool;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the machine says of itself, as far as it bears on io_uring. It is read from files and system
 * properties alone, so that it is there when nothing else works; what can't be read is null.
 *
 * @param os the operating system's name
 * @param kernel the kernel's release
 * @param architecture the processor's, as Java names it
 * @param java the Java runtime's version
 * @param javaVendor who made the Java runtime
 * @param ioUringDisabled the sysctl kernel.io_uring_disabled, which kernels have from 6.6 on
 * @param ioUringGroup the sysctl kernel.io_uring_group, which kernels have from 6.6 on
 * @param seccomp the thread's seccomp mode: 0 none, 1 strict, 2 a filter
 * @param containers signs of a container or a virtual Linux, for a person to read
 * @param memlock the soft RLIMIT_MEMLOCK in bytes, or {@value #UNLIMITED}
 * @param openFiles the soft RLIMIT_NOFILE, or {@value #UNLIMITED}
 */
record HostFacts(
        String os,
        @Nullable String kernel,
        String architecture,
        String java,
        String javaVendor,
        @Nullable String ioUringDisabled,
        @Nullable String ioUringGroup,
        @Nullable String seccomp,
        List<String> containers,
        @Nullable String memlock,
        @Nullable String openFiles) {
    static final String UNLIMITED = "unlimited";

    /** Those whose numbers the library knows, as Java names them. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");

    static HostFacts current() {
        return new HostFacts(
                System.getProperty("os.name"),
                read("/proc/sys/kernel/osrelease"),
                System.getProperty("os.arch"),
                Runtime.version().toString(),
                System.getProperty("java.vendor"),
                read("/proc/sys/kernel/io_uring_disabled"),
                read("/proc/sys/kernel/io_uring_group"),
                // The thread's, not the process's, which is that of its first thread: filters are set per thread.
                valueAfter("Seccomp:", read("/proc/thread-self/status")),
                containerSigns(),
                valueAfter("Max locked memory", read("/proc/self/limits")),
                valueAfter("Max open files", read("/proc/self/limits")));
    }

    boolean isLinux() {
        return os.equals("Linux");
    }

    boolean hasKnownArchitecture() {
        return ARCHITECTURES.contains(architecture);
    }

    private static List<String> containerSigns() {
        List<String> signs = new ArrayList<>();
        if (Files.exists(Path.of("/.dockerenv"))) {
            signs.add("Docker (/.dockerenv is there)");
        }
        if (Files.exists(Path.of("/run/.containerenv"))) {
            signs.add("Podman (/run/.containerenv is there)");
        }
        if (System.getenv("KUBERNETES_SERVICE_HOST") != null) {
            signs.add("Kubernetes (KUBERNETES_SERVICE_HOST is set)");
        }
        String container = System.getenv("container");
        if (container != null) {
            signs.add(container + " (the variable container is set)");
        }
        String kernel = read("/proc/sys/kernel/osrelease");
        if (kernel != null && kernel.toLowerCase(Locale.ROOT).contains("microsoft")) {
            signs.add("WSL (the kernel's release says so)");
        }
        return List.copyOf(signs);
    }

    /** In one large read: a sysctl of several characters gives only those that fit the first. */
    private static @Nullable String read(String file) {
        byte[] content = new byte[8192];
        try (InputStream in = new FileInputStream(file)) {
            int length = in.readNBytes(content, 0, content.length);
            return new String(content, 0, length, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return null;
        }
    }

    /** The first word behind a line's label. */
    private static @Nullable String valueAfter(String label, @Nullable String text) {
        if (text == null) {
            return null;
        }
        return text.lines()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()).strip().split("\\s+")[0])
                .findFirst()
                .orElse(null);
    }
}
