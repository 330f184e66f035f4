package io.uring4j.tool;

import java.util.Arrays;
import java.util.List;

/** What the command line asks for. */
sealed interface Command {
    String USAGE =
            """
            Usage: java -jar uring4j.jar COMMAND

              doctor [--json]   tells whether io_uring can be used here, and if not, why and what to do;
                                exits with 0 if it can, with 1 if not
              help              prints this text (also --help, -h)
              version           prints the version (also --version)
            """;

    record Doctor(boolean json) implements Command {}

    record Help() implements Command {}

    record Version() implements Command {}

    static Command parse(String... arguments) throws UsageException {
        if (arguments.length == 0) {
            throw new UsageException("a command is missing");
        }
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        return switch (arguments[0]) {
            case "doctor" -> doctor(rest);
            case "help", "--help", "-h" -> alone(new Help(), rest);
            case "version", "--version" -> alone(new Version(), rest);
            default -> throw new UsageException("unknown " + kind(arguments[0]) + " " + arguments[0]);
        };
    }

    private static Command doctor(List<String> options) throws UsageException {
        boolean json = false;
        for (String option : options) {
            switch (option) {
                case "--json" -> json = true;
                case "--help", "-h" -> {
                    return new Help();
                }
                default -> throw new UsageException("doctor has no " + kind(option, "argument") + " " + option);
            }
        }
        return new Doctor(json);
    }

    private static Command alone(Command command, List<String> rest) throws UsageException {
        if (!rest.isEmpty()) {
            throw new UsageException("unexpected argument " + rest.getFirst());
        }
        return command;
    }

    private static String kind(String argument) {
        return kind(argument, "command");
    }

    private static String kind(String argument, String otherwise) {
        return argument.startsWith("-") ? "option" : otherwise;
    }
}
