package io.uring4j.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the bindings say about structs and constants, and the C statements that print what a compiler says. */
final class LayoutComparison {
    private final List<String> ours = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();

    static LayoutComparison ofStructs(Map<String, Bindings.Struct> structs) {
        LayoutComparison comparison = new LayoutComparison();
        structs.forEach(comparison::add);
        return comparison;
    }

    static LayoutComparison ofConstants(Map<String, Number> constants) {
        LayoutComparison comparison = new LayoutComparison();
        constants.forEach(comparison::add);
        return comparison;
    }

    private void add(String name, Bindings.Struct struct) {
        ours.add("struct " + name + " has " + struct.size() + " bytes");
        body.append("printf(\"struct %s has %%zu bytes\\n\", sizeof(struct %s));\n".formatted(name, name));
        assertThat(struct.fields()).as("fields of struct " + name).isNotEmpty();
        struct.fields().forEach((field, place) -> {
            String label = name + "." + field;
            ours.add(label + " at " + place.offset());
            body.append("printf(\"%s at %%zu\\n\", __builtin_offsetof(struct %s, %s));\n".formatted(label, name, field));
            // An array without a length has no size in C.
            if (place.size() > 0) {
                ours.add(label + " of " + place.size());
                body.append("printf(\"%s of %%zu\\n\", sizeof(((struct %s *)0)->%s));\n".formatted(label, name, field));
            }
        });
    }

    private void add(String name, Number value) {
        int bytes = value instanceof Long ? Long.BYTES : value instanceof Integer ? Integer.BYTES : 0;
        assertThat(bytes).as("width of " + name).isPositive();
        // As bits, because Java has no unsigned types.
        ours.add(name + " of " + bytes + " bytes is " + Long.toHexString(
                bytes == Long.BYTES ? value.longValue() : Integer.toUnsignedLong(value.intValue())));
        body.append("printf(\"%s of %%zu bytes is %%llx\\n\", sizeof(%s), sizeof(%s) == 4 ".formatted(name, name, name))
                .append("? (unsigned long long)(unsigned int)(%s) : (unsigned long long)(%s));\n".formatted(name, name));
    }

    /** Fails with all lines in which the compiler differs. */
    void requireSame(CProgram compiler, String header) {
        List<String> theirs = compiler.linesOf(header, body.toString());
        assertThat(theirs).as("what C says").hasSameSizeAs(ours);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < theirs.size(); i++) {
            if (!theirs.get(i).equals(ours.get(i))) {
                differences.add("bindings: " + ours.get(i) + "; C: " + theirs.get(i));
            }
        }
        assertThat(differences).as("where C sees something else").isEmpty();
    }
}
