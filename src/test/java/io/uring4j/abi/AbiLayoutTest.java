package io.uring4j.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
        LayoutComparison.ofStructs(bindings.layouts())
                .requireSame(new CProgram(directory, architecture), bindings.header());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bindings")
    void constantsHaveTheValuesOfTheHeader(String name, Bindings bindings, String architecture) throws IOException {
        LayoutComparison.ofConstants(bindings.values())
                .requireSame(new CProgram(directory, architecture), bindings.header());
    }

    @Test
    void aFieldElsewhereIsNoticed() throws IOException {
        assertNoticed(
                withField("io_uring_sqe", "addr", place -> new Bindings.Place(place.offset() + 8, place.size())),
                "bindings: io_uring_sqe.addr at 24; C: io_uring_sqe.addr at 16");
    }

    @Test
    void aFieldOfAnotherSizeIsNoticed() throws IOException {
        assertNoticed(
                withField("io_uring_sqe", "len", place -> new Bindings.Place(place.offset(), 8)),
                "bindings: io_uring_sqe.len of 8; C: io_uring_sqe.len of 4");
    }

    @Test
    void aStructOfAnotherSizeIsNoticed() throws IOException {
        Map<String, Bindings.Struct> structs = Bindings.shared().layouts();
        structs.computeIfPresent("io_uring_cqe", (name, struct) -> new Bindings.Struct(struct.size() + 16, struct.fields()));
        assertNoticed(
                LayoutComparison.ofStructs(structs),
                "bindings: struct io_uring_cqe has 32 bytes; C: struct io_uring_cqe has 16 bytes");
    }

    @Test
    void aConstantOfAnotherValueIsNoticed() throws IOException {
        Map<String, Number> constants = Bindings.shared().values();
        constants.put("IORING_OP_READV", 2);
        assertNoticed(
                LayoutComparison.ofConstants(constants),
                "bindings: IORING_OP_READV of 4 bytes is 2; C: IORING_OP_READV of 4 bytes is 1");
    }

    private static LayoutComparison withField(String struct, String field, UnaryOperator<Bindings.Place> change)
            throws IOException {
        Map<String, Bindings.Struct> structs = Bindings.shared().layouts();
        structs.get(struct).fields().computeIfPresent(field, (name, place) -> change.apply(place));
        return LayoutComparison.ofStructs(structs);
    }

    /** That the comparison fails, and for this one difference. */
    private void assertNoticed(LayoutComparison changed, String difference) {
        CProgram compiler = new CProgram(directory, CProgram.ownArchitecture());
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> changed.requireSame(compiler, Bindings.shared().header()))
                .withMessageContaining("[\"" + difference + "\"]");
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
