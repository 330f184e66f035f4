package io.uring4j.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A line of {@code ci/kernels/matrix}.
 *
 * @param name what it is called
 * @param suite the Debian suite that it comes from
 * @param architecture what Debian calls the architecture that it is for
 * @param release its {@code uname -r}; * stands for what changes between versions
 * @param floor the least number of tests that must pass on it
 * @param standsFor why it is in the matrix
 */
record Kernel(String name, String suite, String architecture, String release, int floor, String standsFor) {
    /** That of this machine, whose Java runtime guests get. */
    static final String NATIVE = "amd64";

    /** The beginning of the names of packages with a kernel. */
    private static final String PACKAGE = "linux-(image|binary)-";

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
        String release = fields[2].strip().replaceFirst(PACKAGE, "");
        return new Kernel(
                fields[0].strip(),
                fields[1].strip(),
                release.substring(release.lastIndexOf('-') + 1),
                release,
                Integer.parseInt(fields[3].strip()),
                fields[4].strip());
    }

    /**
     * Some of the matrix.
     *
     * @param names those of the kernels, separated by commas; empty for all that are for {@value #NATIVE}
     */
    static List<Kernel> chosen(String names) throws IOException {
        if (names.isEmpty()) {
            return matrix().stream().filter(Kernel::isNative).toList();
        }
        Set<String> wanted = Set.of(names.split(","));
        List<Kernel> chosen =
                matrix().stream().filter(kernel -> wanted.contains(kernel.name())).toList();
        if (chosen.size() != wanted.size()) {
            throw new IllegalArgumentException("ci/kernels/matrix hasn't all of these kernels: " + names);
        }
        return chosen;
    }

    /** Whether this machine could run it without emulation, and its Java runtime. */
    boolean isNative() {
        return architecture.equals(NATIVE);
    }

    /** Whether a guest that gave this release ran this kernel. */
    boolean isRelease(String given) {
        return given.matches(release.replace(".", "\\.").replace("*", ".*"));
    }
}
