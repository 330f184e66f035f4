package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts for errors of io_uring_enter, most of which no test can make a kernel give. */
class EnterErrorsTest {
    @Test
    void lostCompletionsAreCounted() {
        UringException refusal = EnterErrors.explain(-Errno.EBADR.number(), -2);

        assertThat(refusal.error()).isEqualTo(Errno.EBADR);
        assertThat(refusal).hasMessageStartingWith("io_uring_enter").hasMessageContaining("has lost 4294967294 completions");
    }

    @ParameterizedTest
    @CsvSource({
        "EEXIST, belongs to another thread",
        "EBADFD, call enable()",
        "EOWNERDEAD, submission thread has ended",
        "EOPNOTSUPP, not a ring",
        "EACCES, restrictions forbid it"
    })
    void eachErrorHasItsHint(Errno error, String hint) {
        assertThat(EnterErrors.explain(-error.number(), 0))
                .hasMessageContaining(error.name())
                .hasMessageContaining(hint);
    }
}
