package io.uring4j.abi;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.EnterFlag;
import io.uring4j.Feature;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import io.uring4j.SetupFlag;
import io.uring4j.SqeFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The enums of the library hold all that the kernel's header names, under the same numbers. */
class HeaderEnumsTest {
    @TempDir
    private Path directory;

    private String header;

    @BeforeEach
    void readHeader() throws IOException {
        header = Files.readString(CProgram.headers().resolve("linux/io_uring.h"))
                .replaceAll("(?s)/\\*.*?\\*/", "");
    }

    /** The names that match within a part of the header. */
    private static Set<String> names(String text, String pattern) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    private String enumeration(String name) {
        int start = header.indexOf("enum " + name + " {");
        assertThat(start).as("enum " + name).isNotNegative();
        return header.substring(start, header.indexOf('}', start));
    }

    private static <E extends Enum<E>> Map<String, String> ours(String prefix, E[] members, ToIntFunction<E> number) {
        Map<String, String> ours = new TreeMap<>();
        for (E member : members) {
            ours.put(prefix + member.name(), Integer.toUnsignedString(number.applyAsInt(member)));
        }
        return ours;
    }

    private void assertSame(Set<String> names, Map<String, String> ours) {
        assertThat(names).as("names in the header").hasSizeGreaterThan(5);
        StringBuilder body = new StringBuilder();
        for (String name : names) {
            body.append("printf(\"%s=%%u\\n\", (unsigned)%s);\n".formatted(name, name));
        }
        Map<String, String> theirs = new TreeMap<>();
        for (String line : new CProgram(directory, CProgram.ownArchitecture()).linesOf("uring4j.h", body.toString())) {
            theirs.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        assertThat(ours).isEqualTo(theirs);
    }

    @Test
    void opcodesAreComplete() {
        Set<String> names = names(enumeration("io_uring_op"), "\\b(IORING_OP_\\w+)");
        names.remove("IORING_OP_LAST");
        assertSame(names, ours("IORING_OP_", Opcode.values(), Opcode::code));
    }

    @Test
    void registerOpcodesAreComplete() {
        Set<String> names = names(enumeration("io_uring_register_op"), "\\b(IORING_(?:UN)?REGISTER_\\w+)");
        names.remove("IORING_REGISTER_LAST");
        names.remove("IORING_REGISTER_USE_REGISTERED_RING");
        assertSame(names, ours("IORING_", RegisterOpcode.values(), RegisterOpcode::code));
    }

    @Test
    void setupFlagsAreComplete() {
        Set<String> names = names(header, "#define\\s+(IORING_SETUP_\\w+)");
        assertSame(names, ours("IORING_SETUP_", SetupFlag.values(), SetupFlag::bit));
    }

    @Test
    void featuresAreComplete() {
        Set<String> names = names(header, "#define\\s+(IORING_FEAT_\\w+)");
        assertSame(names, ours("IORING_FEAT_", Feature.values(), Feature::bit));
    }

    @Test
    void enterFlagsAreComplete() {
        Set<String> names = names(header, "#define\\s+(IORING_ENTER_\\w+)");
        assertSame(names, ours("IORING_ENTER_", EnterFlag.values(), EnterFlag::bit));
    }

    @Test
    void entryFlagsAreComplete() {
        Set<String> names = names(header, "#define\\s+(IOSQE_\\w+)");
        assertSame(names, ours("IOSQE_", SqeFlag.values(), SqeFlag::bit));
    }
}
