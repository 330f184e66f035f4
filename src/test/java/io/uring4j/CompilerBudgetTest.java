package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import org.junit.jupiter.api.Test;

/** What the speed of the hot paths rests on in the compiled classes. */
class CompilerBudgetTest {
    /** C2 inlines no method of more bytes, however hot (FreqInlineSize). */
    private static final int MOST_INLINED = 325;

    @Test
    void drainIsNeverInlinedIntoItsCaller() throws IOException {
        assertThat(codeLength(CompletionQueue.class, "drain", "(Lio/uring4j/CompletionHandler;I)I"))
                .isGreaterThan(MOST_INLINED);
    }

    @Test
    void submittingIsNeverInlinedIntoItsCaller() throws IOException {
        assertThat(codeLength(RingEntry.class, "submitAndWait", "(IJ)I")).isGreaterThan(MOST_INLINED);
    }

    private static int codeLength(Class<?> type, String name, String descriptor) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            assertThat(in).isNotNull();
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            return model.methods().stream()
                    .filter(method -> method.methodName().equalsString(name)
                            && method.methodType().equalsString(descriptor))
                    .map(method -> method.findAttribute(Attributes.code()).orElseThrow())
                    .mapToInt(CodeAttribute::codeLength)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
