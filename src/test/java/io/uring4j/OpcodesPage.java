package io.uring4j;

import io.uring4j.abi.io_uring_sqe;
import io.uring4j.buffer.BufferQueue;
import io.uring4j.buffer.RegisteredBuffers;
import io.uring4j.file.RegisteredFiles;
import io.uring4j.notify.EventFdRegistration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes {@code docs/opcodes.md}: each operation and register call with its methods, its first kernel and the tests
 * that show its effect. What methods there are is found by calling them, what tests there are by {@link Covers}.
 */
final class OpcodesPage {
    static final Path FILE = Path.of("docs/opcodes.md");

    private static final Path SOURCES = Path.of("src/main/java/io/uring4j");

    /** No operation has this number; a method that leaves it there is a modifier. */
    private static final byte UNTOUCHED = (byte) 0xff;

    /** In bytes: room for any struct; and what a payload of a command may have at most. */
    private static final int[] SIZES = {256, 80};

    /** What can be tested of an operation only in part, and why. */
    private static final Map<Opcode, String> NOTES = new EnumMap<>(Map.of(
            Opcode.RECV_ZC,
            "needs a network device that splits headers from payloads: only the kernel's refusal is tested",
            Opcode.URING_CMD,
            "tested on sockets; other drivers, such as NVMe, have commands of their own",
            Opcode.NOP128,
            "runs from Linux 6.19 on; before it the refusal is tested, and the queue in plain memory",
            Opcode.URING_CMD128,
            "runs from Linux 6.19 on; before it the refusal is tested, and the queue in plain memory"));

    private static final Map<RegisterOpcode, String> REGISTER_NOTES = new EnumMap<>(Map.of(
            RegisterOpcode.REGISTER_ZCRX_IFQ,
            "needs a network device that splits headers from payloads: only argument checks and the kernel's refusal "
                    + "are tested",
            RegisterOpcode.REGISTER_ZCRX_CTRL,
            "needs a registered queue: only argument checks and the refusal are tested",
            RegisterOpcode.REGISTER_BPF_FILTER,
            "runs from Linux 7.0 on; before it argument checks and the refusal are tested",
            RegisterOpcode.REGISTER_NAPI,
            "the settings come back; that a device is polled can't be seen without one",
            RegisterOpcode.UNREGISTER_NAPI,
            "the settings come back; that a device is polled can't be seen without one",
            RegisterOpcode.REGISTER_CLOCK,
            "the clocks differ only on a machine that has been suspended"));

    /** The methods that make a register call: the class, and the names. */
    record Call(Class<?> type, List<String> methods) {
        static Call of(Class<?> type, String... methods) {
            return new Call(type, List.of(methods));
        }

        @Override
        public String toString() {
            return methods.stream()
                    .map(method -> "`" + type.getSimpleName() + "." + method + "`")
                    .collect(Collectors.joining(", "));
        }
    }

    private OpcodesPage() {}

    /** The public calls for each registration. {@link OpcodesPageTest} compares them with the sources. */
    static Call call(RegisterOpcode opcode) {
        return switch (opcode) {
            case REGISTER_BUFFERS -> Call.of(RegisteredBuffers.class, "register");
            case UNREGISTER_BUFFERS -> Call.of(RegisteredBuffers.class, "close");
            case REGISTER_FILES -> Call.of(RegisteredFiles.class, "register", "registerEmpty");
            case UNREGISTER_FILES -> Call.of(RegisteredFiles.class, "close");
            case REGISTER_EVENTFD -> Call.of(EventFdRegistration.class, "register", "replace");
            case UNREGISTER_EVENTFD -> Call.of(EventFdRegistration.class, "close", "replace");
            case REGISTER_FILES_UPDATE -> Call.of(RegisteredFiles.class, "update");
            case REGISTER_EVENTFD_ASYNC -> Call.of(EventFdRegistration.class, "registerAsync");
            case REGISTER_PROBE, REGISTER_QUERY -> Call.of(Capabilities.class, "ofKernel");
            case REGISTER_PERSONALITY -> Call.of(Personality.class, "ofCurrentThread");
            case UNREGISTER_PERSONALITY -> Call.of(Personality.class, "close");
            case REGISTER_RESTRICTIONS -> Call.of(Restrictions.class, "apply");
            case REGISTER_ENABLE_RINGS -> Call.of(Ring.class, "enable");
            case REGISTER_FILES2 -> Call.of(RegisteredFiles.class, "registerTagged", "registerEmpty");
            case REGISTER_FILES_UPDATE2 -> Call.of(RegisteredFiles.class, "updateTagged");
            case REGISTER_BUFFERS2 -> Call.of(RegisteredBuffers.class, "registerTagged", "registerEmpty");
            case REGISTER_BUFFERS_UPDATE -> Call.of(RegisteredBuffers.class, "update", "updateTagged");
            case REGISTER_IOWQ_AFF -> Call.of(WorkerThreads.class, "bindTo");
            case UNREGISTER_IOWQ_AFF -> Call.of(WorkerThreads.class, "unbind");
            case REGISTER_IOWQ_MAX_WORKERS -> Call.of(WorkerThreads.class, "limit");
            case REGISTER_RING_FDS -> Call.of(Ring.class, "registerDescriptor");
            case UNREGISTER_RING_FDS -> Call.of(Ring.class, "unregisterDescriptor");
            case REGISTER_PBUF_RING -> Call.of(BufferQueue.class, "register");
            case UNREGISTER_PBUF_RING -> Call.of(BufferQueue.class, "close");
            case REGISTER_SYNC_CANCEL -> Call.of(SynchronousCancel.class, "await");
            case REGISTER_FILE_ALLOC_RANGE -> Call.of(RegisteredFiles.class, "allocateFrom");
            case REGISTER_PBUF_STATUS -> Call.of(BufferQueue.class, "head", "available");
            case REGISTER_NAPI -> Call.of(BusyPolling.class, "apply", "addQueue", "removeQueue");
            case UNREGISTER_NAPI -> Call.of(BusyPolling.class, "clear");
            case REGISTER_CLOCK -> Call.of(Ring.class, "useClock");
            case REGISTER_CLONE_BUFFERS -> Call.of(RegisteredBuffers.class, "cloneOf", "cloneFrom");
            case REGISTER_SEND_MSG_RING -> Call.of(Ring.class, "post");
            case REGISTER_ZCRX_IFQ -> Call.of(ZeroCopyReceive.class, "register");
            case REGISTER_RESIZE_RINGS -> Call.of(Ring.class, "resize");
            case REGISTER_MEM_REGION -> Call.of(WaitRegion.class, "register");
            case REGISTER_ZCRX_CTRL -> Call.of(ZeroCopyReceive.class, "control", "flushRefillRing");
            case REGISTER_BPF_FILTER -> Call.of(RequestFilter.class, "register");
        };
    }

    /** The methods of Sqe for each operation, found by calling every one on a queue in plain memory. */
    static Map<Opcode, Set<String>> methods() {
        Map<Opcode, Set<String>> found = new EnumMap<>(Opcode.class);
        for (Method method : Sqe.class.getMethods()) {
            boolean prepares = method.isDefault() && method.getReturnType() == Sqe.class;
            if (prepares) {
                Opcode opcode = opcodeOf(method);
                if (opcode != null) {
                    found.computeIfAbsent(opcode, key -> new TreeSet<>()).add(method.getName());
                }
            }
        }
        return found;
    }

    /** The operation that a method prepares; null for a modifier. */
    private static Opcode opcodeOf(Method method) {
        for (int size : SIZES) {
            try {
                int number = preparedBy(method, size);
                return number == Byte.toUnsignedInt(UNTOUCHED) ? null : Opcode.values()[number];
            } catch (IndexOutOfBoundsException e) {
                // Too large a payload.
            }
        }
        throw new AssertionError("no size of memory suits " + method);
    }

    private static int preparedBy(Method method, int size) {
        try (Arena arena = Arena.ofConfined()) {
            PlainQueue plain = new PlainQueue(arena, 2, SetupFlag.SQE128);
            Sqe entry = plain.queue.next();
            io_uring_sqe.opcode(entry.memory(), UNTOUCHED);
            Object[] arguments = Arrays.stream(method.getParameterTypes())
                    .map(type -> plausible(type, arena, size))
                    .toArray();
            method.invoke(entry, arguments);
            return entry.opcode();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IndexOutOfBoundsException cause) {
                throw cause;
            }
            throw new AssertionError("call of " + method, e);
        } catch (IllegalAccessException e) {
            throw new AssertionError("call of " + method, e);
        }
    }

    private static Object plausible(Class<?> type, Arena arena, int size) {
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == boolean.class) {
            return false;
        }
        if (type == Opcode.class) {
            return Opcode.READ;
        }
        if (type == MemorySegment.class) {
            return arena.allocate(size, Long.BYTES);
        }
        throw new AssertionError("no argument is known of " + type);
    }

    /** What the comment in front of a method of Sqe says. */
    record Comment(String page, String address, List<KernelVersion> kernels) {}

    /** The comments of the families of operations, by the method's name. */
    static Map<String, Comment> comments() {
        Pattern method = Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*default Sqe (\\w+)\\(", Pattern.DOTALL);
        Pattern page = Pattern.compile("@see <a href=\"([^\"]+)\">([^<]+)</a>");
        Pattern kernel = Pattern.compile("Linux (\\d+\\.\\d+)");
        Map<String, Comment> comments = new TreeMap<>();
        for (Path source : sources("*Requests.java")) {
            Matcher methods = method.matcher(read(source));
            while (methods.find()) {
                String text = methods.group(1);
                Matcher pages = page.matcher(text);
                List<KernelVersion> kernels = kernel.matcher(text.replaceAll("\\s*\\n\\s*\\*\\s*", " "))
                        .results()
                        .map(match -> KernelVersion.of(match.group(1)))
                        .toList();
                comments.put(
                        methods.group(2),
                        pages.find()
                                ? new Comment(pages.group(2), pages.group(1), kernels)
                                : new Comment("", "", kernels));
            }
        }
        return comments;
    }

    /** What the comments of the families of operations say about each segment that an operation takes. */
    static Map<String, String> commentsOfSegments() {
        Pattern method =
                Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*default Sqe (\\w+)\\(([^)]*)\\)", Pattern.DOTALL);
        Pattern segment = Pattern.compile("MemorySegment (\\w+)");
        Map<String, String> comments = new TreeMap<>();
        for (Path source : sources("*Requests.java")) {
            for (MatchResult found : method.matcher(read(source)).results().toList()) {
                String text = found.group(1).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
                segment.matcher(found.group(3)).results().map(match -> match.group(1)).forEach(name -> {
                    Matcher comment = Pattern.compile("@param " + name + " (.*?) @(?:param|return)").matcher(text);
                    // Overloads are kept apart by their number of parameters.
                    String key = found.group(2) + "/" + found.group(3).split(",").length + " " + name;
                    comments.put(key, comment.find() ? comment.group(1) : "");
                });
            }
        }
        return comments;
    }

    static List<Path> sources(String pattern) {
        try (Stream<Path> files = Files.find(SOURCES, 3, (path, attributes) -> path.getFileSystem()
                .getPathMatcher("glob:" + pattern)
                .matches(path.getFileName()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tests that cover something, as annotated. */
    static <T> List<Method> tests(Function<Covers, T[]> covered, T what) {
        List<Method> found = new ArrayList<>();
        for (Class<?> type : testClasses()) {
            for (Method method : type.getDeclaredMethods()) {
                Covers covers = method.getAnnotation(Covers.class);
                if (covers != null && Arrays.asList(covered.apply(covers)).contains(what)) {
                    found.add(method);
                }
            }
        }
        found.sort(Comparator.comparing((Method method) -> method.getDeclaringClass().getName())
                .thenComparing(Method::getName));
        return found;
    }

    private static List<Class<?>> testClasses() {
        try {
            Path root = Path.of(OpcodesPage.class.getResource("OpcodesPage.class").toURI())
                    .getParent()
                    .getParent()
                    .getParent();
            try (Stream<Path> files = Files.walk(root)) {
                List<Class<?>> types = new ArrayList<>();
                for (Path file : files.filter(path -> path.toString().endsWith("Test.class")).toList()) {
                    String name = root.relativize(file).toString().replace('/', '.');
                    name = name.substring(0, name.length() - ".class".length());
                    types.add(Class.forName(name, false, OpcodesPage.class.getClassLoader()));
                }
                return types;
            }
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    static String text() {
        StringBuilder text = new StringBuilder("""
                # Operations and register calls

                <!-- Written by OpcodesPageTest, which says how when this page is out of date. Don't edit it. -->

                Each operation and each register call of the kernel's header with the methods that make it, the first
                kernel that has it, and the tests that show its effect on a real ring. Tests run over several kinds of
                ring; on a kernel that lacks something they are skipped and name it.

                ## Operations

                | | operation | methods of `Sqe` | from Linux | man page | tests |
                |--:|---|---|---|---|---|
                """);
        Map<Opcode, Set<String>> methods = methods();
        Map<String, Comment> comments = comments();
        for (Opcode opcode : Opcode.values()) {
            Collection<String> names = methods.getOrDefault(opcode, Collections.emptySet());
            Set<String> pages = new LinkedHashSet<>();
            for (String name : names) {
                Comment comment = comments.get(name);
                pages.add("[" + comment.page() + "](" + comment.address() + ")");
            }
            row(
                    text,
                    Integer.toString(opcode.code()),
                    "`" + opcode + "`",
                    names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ")),
                    opcode.since().toString(),
                    String.join("<br>", pages),
                    tests(tests(Covers::value, opcode), NOTES.get(opcode)));
        }
        text.append("""

                ## Register calls

                All go through `Ring.register` too, which takes the kernel's own arguments.

                | | register call | methods | from Linux | tests |
                |--:|---|---|---|---|
                """);
        for (RegisterOpcode opcode : RegisterOpcode.values()) {
            row(
                    text,
                    Integer.toString(opcode.code()),
                    "`" + opcode + "`",
                    call(opcode).toString(),
                    opcode.since().toString(),
                    tests(tests(Covers::register, opcode), REGISTER_NOTES.get(opcode)));
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String tests(List<Method> tests, String note) {
        List<String> lines = new ArrayList<>();
        for (Method test : tests) {
            String type = test.getDeclaringClass().getSimpleName();
            String file = "../src/test/java/" + test.getDeclaringClass().getName().replace('.', '/') + ".java";
            lines.add("[" + type + "](" + file + "): " + Sentences.sentence(test.getName()));
        }
        if (note != null) {
            lines.add("*" + note + "*");
        }
        return String.join("<br>", lines);
    }
}
