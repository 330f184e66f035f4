package io.uring4j.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Which tests run in the guests: what {@code ci/kernels/suite} says, applied to the compiled test classes. */
final class Suite {
    private final List<String> packages = new ArrayList<>();
    private final Set<String> without = new HashSet<>();
    private final List<String> tags = new ArrayList<>();

    private Suite() {}

    static Suite read() throws IOException {
        Suite suite = new Suite();
        for (String line : Files.readAllLines(Project.KERNELS.resolve("suite"))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+", 3);
            switch (words[0]) {
                case "package" -> suite.packages.add(words[1]);
                case "without" -> suite.without.add(words[1]);
                case "tag" -> suite.tags.add(words[1]);
                default -> throw new IllegalArgumentException("ci/kernels/suite: " + line);
            }
        }
        return suite;
    }

    /** The tags of tests that are left out. */
    List<String> leftOutTags() {
        return tags;
    }

    /**
     * The test classes.
     *
     * @param compiled the folder of the compiled tests
     */
    List<String> classes(Path compiled) throws IOException {
        List<String> classes = new ArrayList<>();
        for (String name : packages) {
            Path folder = compiled.resolve(name.replace('.', '/'));
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith("Test.class") && !file.contains("$"))
                        .map(file -> name + "." + file.substring(0, file.length() - ".class".length()))
                        .filter(type -> !without.contains(type))
                        .sorted()
                        .forEach(classes::add);
            }
        }
        return classes;
    }
}
