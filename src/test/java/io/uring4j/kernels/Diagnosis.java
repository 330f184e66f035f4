package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link GuestDiagnosis} said.
 *
 * @param text its output
 * @param status its exit status
 */
record Diagnosis(String text, int status) {

    /** The message of the library's exception at opening a ring, or "opened". */
    String ring() {
        return line("ring: ");
    }

    /** The message of the library's exception at registering buffers, or "registered"; empty without a ring. */
    String buffers() {
        return line("buffers: ");
    }

    private String line(String label) {
        return text.lines()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .findFirst()
                .orElse("");
    }

    /** Both the exception and {@code doctor} give these parts as the reason and what to do. */
    void requireRefusal(String... parts) {
        assertThat(ring()).as(text).contains(parts);
        assertThat(text.substring(text.indexOf('\n') + 1)).as("what doctor says").contains(parts);
        assertThat(status).as(text).isEqualTo(1);
    }

    void requireUsable() {
        assertThat(ring()).as(text).isEqualTo("opened");
        assertThat(status).as(text).isZero();
    }
}
