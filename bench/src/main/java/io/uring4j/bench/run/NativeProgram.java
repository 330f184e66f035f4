package io.uring4j.bench.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One of the programs of src/main/c with its arguments. It runs as a process of its own, single-threaded,
 * and prints what it measured; {@link Metric} knows what.
 *
 * @param name the source file's, without its end
 * @param arguments the program's, without "millis"
 */
public record NativeProgram(String name, Map<String, String> arguments) {
    /** The system property that names the directory of the programs that ci/bench has compiled. */
    public static final String DIRECTORY_PROPERTY = "uring4j.bench.native";

    /** The system property that says which liburing they are linked with. */
    public static final String VERSION_PROPERTY = "uring4j.bench.liburing";

    /** What to call it in results. */
    public static String label() {
        return "C, liburing " + System.getProperty(VERSION_PROPERTY);
    }

    /** Where the program of a source file is. */
    public static Path path(String name) {
        return Path.of(System.getProperty(DIRECTORY_PROPERTY), name);
    }

    List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(path(name).toString());
        arguments.forEach((key, value) -> command.add(key + "=" + value));
        return command;
    }

    /** Runs a command for a time. */
    static NativeOutput run(List<String> command, long millis) {
        List<String> timed = new ArrayList<>(command);
        timed.add("millis=" + millis);
        try {
            Process process = new ProcessBuilder(timed).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes());
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(
                        String.join(" ", timed) + " ended with status " + status + ": " + output);
            }
            return new NativeOutput(output);
        } catch (IOException e) {
            throw new IllegalStateException("can't run " + String.join(" ", timed), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
