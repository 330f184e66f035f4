package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That nothing of the kernel's header is missing: in the enums, in Sqe, in the tests, and in the page that lists them. */
class OpcodesPageTest {
    private static final String WRITE = "uring4j.writeOpcodesPage";
    private static final Map<Opcode, Set<String>> METHODS = OpcodesPage.methods();
    private static final Map<String, OpcodesPage.Comment> COMMENTS = OpcodesPage.comments();
    private static final Path BINDINGS = Path.of("src/generated/java/io/uring4j/abi/Abi.java");

    /** The constants of an enum of the header by name, as the bindings have them, without the one that ends it. */
    private static Map<String, Integer> header(String type, String prefix) throws IOException {
        Pattern constant = Pattern.compile("\\* enum " + type + "\\." + prefix + "(\\w+) = (\\d+)\\s");
        Map<String, Integer> found = constant.matcher(Files.readString(BINDINGS))
                .results()
                .filter(match -> !match.group(1).endsWith("LAST"))
                .collect(Collectors.toMap(match -> match.group(1), match -> Integer.valueOf(match.group(2))));
        assertThat(found).isNotEmpty();
        return found;
    }

    @Test
    void enumHasEveryOperationOfTheHeader() throws IOException {
        assertThat(Arrays.stream(Opcode.values()).collect(Collectors.toMap(Enum::name, Opcode::code)))
                .isEqualTo(header("io_uring_op", "IORING_OP_"));
    }

    @Test
    void enumHasEveryRegistrationOfTheHeader() throws IOException {
        assertThat(Arrays.stream(RegisterOpcode.values()).collect(Collectors.toMap(Enum::name, RegisterOpcode::code)))
                .isEqualTo(header("io_uring_register_op", "IORING_"));
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationHasAMethodAndAManPage(Opcode opcode) {
        Set<String> methods = METHODS.getOrDefault(opcode, Collections.emptySet());
        assertThat(methods).as("methods of Sqe for %s", opcode).isNotEmpty();
        for (String method : methods) {
            OpcodesPage.Comment comment = COMMENTS.get(method);
            assertThat(comment.address()).as("man page of %s", method).startsWith("https://");
            assertThat(comment.page()).as("man page of %s", method).matches("\\w+\\(\\d\\w*\\)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void commentsNameTheFirstKernelOfTheOperation(Opcode opcode) {
        Set<KernelVersion> kernels = new TreeSet<>();
        for (String method : METHODS.get(opcode)) {
            assertThat(COMMENTS.get(method).kernels()).as("kernels of %s", method).isNotEmpty();
            kernels.add(Collections.min(COMMENTS.get(method).kernels()));
        }

        assertThat(Collections.min(kernels)).isEqualTo(opcode.since());
    }

    @Test
    void commentsSayHowLongEachSegmentMustStay() {
        Map<String, String> comments = OpcodesPage.commentsOfSegments();
        assertThat(comments).hasSizeGreaterThan(70);
        comments.forEach((segment, comment) ->
                assertThat(comment).as(segment).containsPattern("must stay until|is copied into the entry"));
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationHasATest(Opcode opcode) {
        assertThat(OpcodesPage.tests(Covers::value, opcode)).as("tests with @Covers of %s", opcode).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void everyRegistrationHasATest(RegisterOpcode opcode) {
        assertThat(OpcodesPage.tests(Covers::register, opcode)).as("tests with @Covers of %s", opcode).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void methodsOfTheRegistrationArePublic(RegisterOpcode opcode) {
        OpcodesPage.Call call = OpcodesPage.call(opcode);
        assertThat(call.type()).isPublic();
        for (String name : call.methods()) {
            assertThat(Arrays.stream(call.type().getDeclaredMethods())
                            .filter(method -> Modifier.isPublic(method.getModifiers()))
                            .map(Method::getName))
                    .contains(name);
        }
    }

    /** The public classes whose source makes a register call, by its name. */
    @Test
    void registrationsAreMadeWhereThePageSaysSo() throws Exception {
        Pattern made = Pattern.compile("\\w*[rR]egister\\([^;]*?RegisterOpcode\\.(\\w+)");
        Map<String, Set<String>> found = new TreeMap<>();
        for (Path source : OpcodesPage.sources("*.java")) {
            String name = source.toString();
            String type = name.substring("src/main/java/".length(), name.length() - ".java".length()).replace('/', '.');
            boolean shown = !type.endsWith("-info")
                    && !type.startsWith("io.uring4j.tool.")
                    && Modifier.isPublic(Class.forName(type).getModifiers());
            if (shown) {
                for (MatchResult match : made.matcher(OpcodesPage.read(source)).results().toList()) {
                    found.computeIfAbsent(match.group(1), key -> new TreeSet<>()).add(type);
                }
            }
        }

        assertThat(found).hasSizeGreaterThan(30);
        found.forEach((opcode, types) -> assertThat(types)
                .as(opcode)
                .containsExactly(OpcodesPage.call(RegisterOpcode.valueOf(opcode)).type().getName()));
    }

    @Test
    void pageIsUpToDate() throws IOException {
        String text = OpcodesPage.text();
        if (Boolean.getBoolean(WRITE)) {
            Files.createDirectories(OpcodesPage.FILE.getParent());
            Files.writeString(OpcodesPage.FILE, text);
        }

        assertThat(OpcodesPage.FILE).exists();
        assertThat(Files.readString(OpcodesPage.FILE))
                .as("%s; write it by: mvn test -Dtest=OpcodesPageTest -D%s=true", OpcodesPage.FILE, WRITE)
                .isEqualTo(text);
    }
}
