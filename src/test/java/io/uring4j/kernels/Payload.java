package io.uring4j.kernels;

import io.uring4j.Ring;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * What a guest gets to run: the library, its tests and the libraries that these need, as jars on one class path, the
 * list of test classes, and, for guests of this machine's architecture, a cache of loaded classes. It travels as a tar.
 */
final class Payload {
    /** Types from each jar that the tests need in a guest. */
    private static final List<String> LIBRARIES = List.of(
            "org.junit.platform.commons.JUnitException",
            "org.junit.platform.engine.TestEngine",
            "org.junit.platform.launcher.Launcher",
            "org.junit.jupiter.api.Test",
            "org.junit.jupiter.engine.JupiterTestEngine",
            "org.junit.jupiter.params.ParameterizedTest",
            "org.opentest4j.AssertionFailedError",
            "org.assertj.core.api.Assertions",
            "net.bytebuddy.ByteBuddy");

    private static final String LIBRARY = "uring4j.jar";
    private static final String TESTS = "tests.jar";

    /** The whole suite, of which a guest may run one test. */
    private static final String ALL_TESTS = "suite";

    /** The class cache is valid only for jars of exactly this time, to the second. */
    private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    /** What the classes that are cached were loaded for: a part of the suite serves. */
    private static final int TRAINING_SECONDS = 30;

    /** The percentage of their rounds that tests go in a guest. */
    private static final int LOAD = 5;

    /** How long a guest's tests may take all together; ci/kernels/boot allows some more. */
    private static final int GUEST_SECONDS = 1500;

    private static final String CLASS_CACHE = "guest.aot";

    /** What was built for guests whose Java runtime runs here, too. */
    private static final Path NATIVE = Project.built(Kernel.NATIVE);

    private final Path folder;
    private final List<String> classPath = new ArrayList<>();

    private Payload(Path folder) {
        this.folder = folder;
    }

    /**
     * Collects it.
     *
     * @param tests those to run, as {@code Class} or {@code Class#method}, separated by commas; empty for the whole
     *     suite
     */
    static Payload build(String tests) throws IOException {
        Files.createDirectories(Project.OUTPUT);
        Path folder = Project.OUTPUT.resolve("payload");
        deleteAll(folder);
        Files.createDirectories(folder);
        Payload payload = new Payload(folder);
        payload.collect(tests);
        return payload;
    }

    /** Writes it as a tar for guests of an architecture. */
    Path tar(String architecture) throws IOException, InterruptedException {
        boolean isNative = architecture.equals(Kernel.NATIVE);
        addText("seconds", List.of(Integer.toString(GUEST_SECONDS)));
        Files.deleteIfExists(folder.resolve(CLASS_CACHE));
        if (isNative) {
            addClassCache();
        }
        Path tar = Project.OUTPUT.resolve("payload-" + architecture + ".tar");
        write(tar);
        return tar;
    }

    /** The library and its tests. */
    List<Path> jars() {
        return List.of(folder.resolve(LIBRARY), folder.resolve(TESTS));
    }

    private void collect(String tests) throws IOException {
        Path compiledTests = folderOf(Payload.class);
        addJar(LIBRARY, folderOf(Ring.class));
        addJar(TESTS, compiledTests);
        for (String type : LIBRARIES) {
            addLibrary(type);
        }
        Suite suite = Suite.read();
        List<String> classes = suite.classes(compiledTests);
        addText(ALL_TESTS, classes);
        addText("tests", tests.isEmpty()
                        ? classes
                        : Stream.of(tests.split(","))
                                .map(test -> select(classes, test))
                                .toList());
        if (tests.isEmpty()) {
            addText("benchmarks", List.of());
        }
        addText("left-out-tags", suite.leftOutTags());
        addText("load", List.of(Integer.toString(LOAD)));
        addText("class-path", List.of(String.join(":", classPath)));
        Files.copy(Project.KERNELS.resolve("guest/run"), folder.resolve("run"));
    }

    /** A class may be given without its package. */
    private static String select(List<String> classes, String wanted) {
        int method = wanted.indexOf('#');
        String name = method < 0 ? wanted : wanted.substring(0, method);
        String type = classes.stream()
                .filter(each -> each.equals(name) || each.endsWith("." + name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the guests' suite has no test class " + name + " (ci/kernels/suite says what it has)"));
        return method < 0 ? type : type + wanted.substring(method);
    }

    /** The folder that a class was compiled to, whether or not it is patched into a module. */
    private static Path folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource("/" + file).toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length())));
    }

    private void addLibrary(String type) throws IOException {
        try {
            Class<?> loaded = Class.forName(type, false, Payload.class.getClassLoader());
            Path jar = Path.of(
                    loaded.getProtectionDomain().getCodeSource().getLocation().toURI());
            Files.copy(jar, folder.resolve(jar.getFileName()));
            classPath.add(jar.getFileName().toString());
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new IOException("no library that has " + type, e);
        }
    }

    /** Not compressed: the guest's processor is slow, and the disk isn't. */
    private void addJar(String name, Path compiled) throws IOException {
        try (Stream<Path> walk = Files.walk(compiled);
                ZipOutputStream jar = new ZipOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(folder.resolve(name))))) {
            jar.setMethod(ZipOutputStream.STORED);
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                byte[] content = Files.readAllBytes(file);
                CRC32 checksum = new CRC32();
                checksum.update(content);
                ZipEntry entry = new ZipEntry(compiled.relativize(file).toString());
                entry.setLastModifiedTime(TIME);
                entry.setSize(content.length);
                entry.setCrc(checksum.getValue());
                jar.putNextEntry(entry);
                jar.write(content);
            }
        }
        classPath.add(name);
    }

    private void addText(String name, List<String> lines) throws IOException {
        Files.write(folder.resolve(name), lines);
    }

    /**
     * Runs the suite once here with the guest's own Java runtime, which writes down what it loaded, for as long
     * as it is allowed to. It doesn't matter what becomes of the tests. The cache is kept for as long as the jars stay
     * the same; without one, a guest is only slower.
     */
    private void addClassCache() throws IOException, InterruptedException {
        List<Path> files = new ArrayList<>();
        for (String jar : classPath) {
            files.add(folder.resolve(jar));
            Files.setLastModifiedTime(files.getLast(), TIME);
        }
        Path kept = NATIVE.resolve("class-caches/" + digest(files) + ".aot");
        if (!Files.exists(kept)) {
            deleteAll(kept.getParent());
            Files.createDirectories(kept.getParent());
            train(kept);
        }
        if (Files.exists(kept)) {
            Files.copy(kept, folder.resolve(CLASS_CACHE), StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(folder.resolve(CLASS_CACHE), TIME);
        }
    }

    private void train(Path cache) throws IOException, InterruptedException {
        Path scratch = Project.OUTPUT.resolve("training");
        Files.createDirectories(scratch);
        Process process = new ProcessBuilder(
                        NATIVE.resolve("java/bin/java").toString(),
                        "-XX:AOTCacheOutput=" + cache,
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx384m",
                        "-Djava.io.tmpdir=" + scratch,
                        "-During4j.test.load=" + LOAD,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        String.join(":", classPath),
                        GuestSuite.class.getName(),
                        scratch.resolve("tests.xml").toString(),
                        Integer.toString(TRAINING_SECONDS),
                        ALL_TESTS,
                        "kernels",
                        "soak",
                        "host")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output.log").toFile())
                .start();
        if (!process.waitFor(4 * TRAINING_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            Files.deleteIfExists(cache);
        }
    }

    private String digest(List<Path> files) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(NATIVE.resolve("built")));
            for (Path file : files) {
                digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private void write(Path tar) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar));
                TarArchiveOutputStream archive = new TarArchiveOutputStream(out)) {
            for (Path file : files()) {
                TarArchiveEntry entry = new TarArchiveEntry(file, file.getFileName().toString());
                entry.setModTime(TIME);
                archive.putArchiveEntry(entry);
                Files.copy(file, archive);
                archive.closeArchiveEntry();
            }
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
