package io.uring4j.tool;

import java.io.PrintStream;
import java.lang.module.ModuleDescriptor;

/** Runs {@code java -jar uring4j.jar}. */
public final class Main {
    private static final int SUCCESS = 0;
    private static final int UNUSABLE = 1;
    private static final int USAGE = 2;

    private Main() {}

    /**
     * Runs a command and ends the JVM: with status 0 when the command succeeded, for {@code doctor} when
     * io_uring can be used; with 1 when it can't; with 2 when the arguments are wrong.
     *
     * @param arguments the command and its options; {@code --help} lists them
     */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    /** All of {@link #main} but the end of the JVM: returns the exit status. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        Command command;
        try {
            command = Command.parse(arguments);
        } catch (UsageException e) {
            err.println("uring4j: " + e.getMessage());
            err.println();
            err.print(Command.USAGE);
            return USAGE;
        }
        return switch (command) {
            case Command.Doctor(boolean json) -> doctor(out, json);
            case Command.Help() -> {
                out.print(Command.USAGE);
                yield SUCCESS;
            }
            case Command.Version() -> {
                out.println("uring4j " + version());
                yield SUCCESS;
            }
        };
    }

    private static int doctor(PrintStream out, boolean json) {
        Diagnosis diagnosis = Doctor.examine();
        out.print(json ? JsonReport.of(version(), diagnosis) : TextReport.of(version(), diagnosis));
        out.flush();
        return diagnosis.verdict().usable() ? SUCCESS : UNUSABLE;
    }

    /** A module has its version from its descriptor, a jar on the class path from its manifest. */
    private static String version() {
        ModuleDescriptor descriptor = Main.class.getModule().getDescriptor();
        String version = descriptor == null
                ? Main.class.getPackage().getImplementationVersion()
                : descriptor.rawVersion().orElse(null);
        return version == null ? "(unpackaged)" : version;
    }
}
