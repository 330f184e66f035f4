package io.uring4j.bench.file;

import java.nio.file.OpenOption;

/** The option by which java.nio opens with O_DIRECT. */
final class DirectOpen {
    /**
     * ExtendedOpenOption.DIRECT, by its name: it is a documented class of jdk.unsupported, but using it is
     * a compiler warning that can't be switched off, and warnings are errors here.
     */
    static final OpenOption OPTION = find();

    private DirectOpen() {}

    private static OpenOption find() {
        try {
            return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                    .getField("DIRECT")
                    .get(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
