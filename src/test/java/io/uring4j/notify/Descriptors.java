package io.uring4j.notify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The eventfds and rings that this process has open. */
public final class Descriptors {
    private Descriptors() {}

    /** Those of other kinds come and go with the JVM's own work. */
    public static long count() throws IOException {
        List<Path> links;
        try (Stream<Path> listed = Files.list(Path.of("/proc/self/fd"))) {
            links = listed.toList();
        }
        return links.stream().map(Descriptors::target).filter(Descriptors::isOurs).count();
    }

    private static boolean isOurs(String target) {
        return target.equals("anon_inode:[eventfd]") || target.equals("anon_inode:[io_uring]");
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // Closed since it was listed.
            return "";
        }
    }
}
