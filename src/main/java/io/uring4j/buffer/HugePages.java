package io.uring4j.buffer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The huge pages that mmap gives unless another size is asked for. */
final class HugePages {
    /** What to do when there are too few. */
    static final String HINT = "The system has too few huge pages set aside: raise the sysctl vm.nr_hugepages";

    private static final long USUAL_KIB = 2048;
    private static final int BYTES_PER_KIB = 1024;

    /** The size of one, in bytes: 2 MiB on most systems, set by the kernel's command line on others. */
    static final long SIZE = size();

    private HugePages() {}

    private static long size() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return BYTES_PER_KIB
                    * lines.filter(line -> line.startsWith("Hugepagesize:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(USUAL_KIB);
        } catch (IOException e) {
            return BYTES_PER_KIB * USUAL_KIB;
        }
    }
}
