package io.uring4j.abi;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A small C program over the kernel's headers that the bindings were generated from, compiled and run. */
final class CProgram {
    private final Path directory;
    private final Path headers;
    private final String architecture;

    /**
     * @param directory for the program
     * @param architecture as the folder of its headers is called; others than the machine's own get their own headers
     *     and macros, but share its compiler, whose types have the same sizes
     */
    CProgram(Path directory, String architecture) {
        this.directory = directory;
        this.architecture = architecture;
        this.headers = headers();
    }

    static String ownArchitecture() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    /** Where the project lies. */
    static Path project() {
        return Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
    }

    /** The folder of the pinned kernel headers; without it the test is skipped, but fails in CI. */
    static Path headers() {
        String given = System.getenv("URING4J_UAPI");
        if (given != null && !given.isEmpty()) {
            return Path.of(given);
        }
        Path script = project().resolve("ci/uapi-headers");
        if (Files.isExecutable(script)) {
            Output output = run(List.of(script.toString()));
            if (output.status() == 0) {
                return Path.of(output.out().strip());
            }
            throw unavailable("ci/uapi-headers can't get the kernel's headers: " + output.err());
        }
        throw unavailable("there is no ci/uapi-headers, and URING4J_UAPI isn't set");
    }

    /** Compiles the text and runs it. */
    List<String> linesOf(String header, String body) {
        try {
            Path source = directory.resolve("program.c");
            Path program = directory.resolve("program");
            Files.writeString(source, "#include \"" + header + "\"\nint printf(const char *format, ...);\n"
                    + "int main(void) {\n" + body + "return 0;\n}\n");
            List<String> command = new ArrayList<>(List.of(compiler(), "-w", "-std=gnu11", "-fno-builtin-printf"));
            if (!architecture.equals(ownArchitecture())) {
                command.addAll(List.of("-U__x86_64__", "-U__aarch64__", "-D__" + architecture + "__=1"));
            }
            command.addAll(List.of(
                    "-I", headers.toString(),
                    "-I", headers.resolve(architecture + "-linux-gnu").toString(),
                    "-I", project().resolve("native-headers").toString(),
                    "-o", program.toString(), source.toString()));
            Output compiled = run(command);
            if (compiled.status() != 0) {
                fail("the C compiler refuses the program: " + compiled.err());
            }
            Output output = run(List.of(program.toString()));
            if (output.status() != 0) {
                fail("the C program failed with " + output.status());
            }
            return output.out().lines().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String compiler() {
        String path = System.getenv("PATH");
        return Stream.of("cc", "gcc", "clang")
                .filter(name -> Stream.of(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, name))))
                .findFirst()
                .orElseThrow(() -> unavailable("there is no C compiler"));
    }

    private static RuntimeException unavailable(String reason) {
        String ci = System.getenv("CI");
        if (ci != null && !ci.isEmpty() && !ci.equals("false")) {
            return fail(reason);
        }
        return abort(reason);
    }

    private record Output(int status, String out, String err) {}

    private static Output run(List<String> command) {
        try {
            Path errors = Files.createTempFile("uring4j", ".err");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            String err = Files.readString(errors);
            Files.delete(errors);
            return new Output(status, out, err);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(command.getFirst(), e);
        }
    }
}
