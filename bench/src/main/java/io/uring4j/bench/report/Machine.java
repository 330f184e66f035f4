package io.uring4j.bench.report;

import io.uring4j.bench.run.NativeProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Says where and when the figures come from. */
final class Machine {
    private Machine() {}

    static String describe() throws IOException {
        return String.join(
                " · ",
                "Linux " + System.getProperty("os.version"),
                processor(),
                "Java " + Runtime.version() + " (" + System.getProperty("java.vm.vendor") + ")",
                NativeProgram.label(),
                ZonedDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm z")));
    }

    private static String processor() throws IOException {
        int count = Runtime.getRuntime().availableProcessors();
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return count + " × " + model;
    }
}
