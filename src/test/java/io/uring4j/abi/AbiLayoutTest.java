package io.uring4j.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The generated bindings against a C compiler's view of the same headers: the size of each bound struct, offset and
 * size of each field, value of each constant.
 */
class AbiLayoutTest {
    @TempDir
    private Path directory;

    /** What differs between architectures is compared for each, since their headers are all there. */
    static Stream<Arguments> bindings() {
        return Stream.of(
                Arguments.of("shared", Bindings.shared(), CProgram.ownArchitecture()),
                Arguments.of("x86_64", Bindings.of("x86_64"), "x86_64"),
                Arguments.of("aarch64", Bindings.of("aarch64"), "aarch64"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bindings")
    void structsHaveTheSizesAndFieldsOfTheHeader(String name, Bindings bindings, String architecture)
            throws IOException {
        List<String> expected = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (String struct : bindings.listed("struct")) {
            Class<?> type = bindings.struct(struct);
            expected.add("struct " + struct + " has " + Bindings.layoutOf(type).byteSize() + " bytes");
            body.append("printf(\"struct %s has %%zu bytes\\n\", sizeof(struct %s));\n".formatted(struct, struct));
            Map<String, Bindings.Place> places = Bindings.placesOf(type);
            assertThat(places).as("fields of struct " + struct).isNotEmpty();
            places.forEach((field, place) -> {
                String label = struct + "." + field;
                expected.add(label + " at " + place.offset());
                body.append("printf(\"%s at %%zu\\n\", __builtin_offsetof(struct %s, %s));\n"
                        .formatted(label, struct, field));
                // An array without a length has no size in C.
                if (place.size() > 0) {
                    expected.add(label + " of " + place.size());
                    body.append("printf(\"%s of %%zu\\n\", sizeof(((struct %s *)0)->%s));\n"
                            .formatted(label, struct, field));
                }
            });
        }

        assertThat(new CProgram(directory, architecture).linesOf(bindings.header(), body.toString()))
                .as("C's view of the structs")
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bindings")
    void constantsHaveTheValuesOfTheHeader(String name, Bindings bindings, String architecture) throws IOException {
        List<String> expected = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (String constant : bindings.listed("constant")) {
            Number value = bindings.constant(constant);
            int bytes = value instanceof Long ? Long.BYTES : value instanceof Integer ? Integer.BYTES : 0;
            assertThat(bytes).as("width of " + constant).isPositive();
            // As bits, because Java has no unsigned types.
            expected.add(constant + " " + bytes + " " + Long.toHexString(
                    bytes == Long.BYTES ? value.longValue() : Integer.toUnsignedLong(value.intValue())));
            body.append("printf(\"%s %%zu %%llx\\n\", sizeof(%s), sizeof(%s) == 4 "
                            .formatted(constant, constant, constant))
                    .append("? (unsigned long long)(unsigned int)(%s) : (unsigned long long)(%s));\n"
                            .formatted(constant, constant));
        }
        assertThat(new CProgram(directory, architecture).linesOf(bindings.header(), body.toString()))
                .as("C's view of the constants")
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bindings")
    void functionsAreBound(String name, Bindings bindings, String architecture) throws IOException {
        TreeSet<String> members = new TreeSet<>();
        Stream.of(bindings.constants().getDeclaredMethods()).forEach(method -> members.add(method.getName()));
        Stream.of(bindings.constants().getDeclaredClasses()).forEach(type -> members.add(type.getSimpleName()));
        assertThat(members).containsAll(bindings.listed("function"));
    }
}
