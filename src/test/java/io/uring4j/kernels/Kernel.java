package io.uring4j.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A line of {@code ci/kernels/matrix}.
 *
 * @param name what it is called, and how its release begins
 * @param suite the Debian suite that it comes from
 * @param floor the least number of tests that must pass on it
 * @param standsFor why it is in the matrix
 */
record Kernel(String name, String suite, int floor, String standsFor) {

    static List<Kernel> matrix() throws IOException {
        try (Stream<String> lines = Files.lines(Project.KERNELS.resolve("matrix"))) {
            return lines.filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Kernel::parse)
                    .toList();
        }
    }

    private static Kernel parse(String line) {
        String[] fields = line.split("\\|", 5);
        if (fields.length != 5) {
            throw new IllegalArgumentException("not a line of five fields: " + line);
        }
        return new Kernel(
                fields[0].strip(), fields[1].strip(), Integer.parseInt(fields[3].strip()), fields[4].strip());
    }

    /** Whether a guest that gave this release ran this kernel. */
    boolean isRelease(String release) {
        return release.matches(name.replace(".", "\\.") + "[.+-].*");
    }
}
