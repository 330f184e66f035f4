package io.uring4j.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Another JVM, like this one, started with arguments of its own. */
final class ChildJvm {
    private static final String BIN = Path.of(System.getProperty("java.home"), "bin").toString();
    private static final int PATIENCE_SECONDS = 60;

    private ChildJvm() {}

    /** What a process did. */
    record Outcome(int status, String out, String err) {
        String firstLine() {
            return out.lines().findFirst().orElse("");
        }
    }

    static Outcome java(String... arguments) {
        return java(List.of(), arguments);
    }

    /** With a command in front that runs the rest of its arguments. */
    static Outcome java(List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.add(BIN + "/java");
        // No file of performance counters, which a limit on files would meet first.
        command.add("-XX:-UsePerfData");
        command.addAll(List.of(arguments));
        return run(command);
    }

    static Outcome jar(String... arguments) {
        List<String> command = new ArrayList<>(List.of(BIN + "/jar"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** The folder that a class was loaded from, whether or not it is patched into a module. */
    static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String location = type.getResource(type.getSimpleName() + ".class").toString();
        return Path.of(URI.create(location.substring(0, location.length() - file.length()))).toString();
    }

    private static Outcome run(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().remove("JDK_JAVA_OPTIONS");
            builder.environment().remove("JAVA_TOOL_OPTIONS");
            Process process = builder.start();
            process.getOutputStream().close();
            CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("no end within " + PATIENCE_SECONDS + " s: " + command);
            }
            return new Outcome(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
