package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an exception tells: call, error, and what to do. */
class UringExceptionTest {
    @Test
    void messageHasCallErrorAndHint() {
        UringException e = new UringException("io_uring_setup", Errno.EMFILE.number(), "Close something");
        assertThat(e).hasMessage("io_uring_setup: EMFILE (too many open files). Close something");
        assertThat(e.call()).isEqualTo("io_uring_setup");
        assertThat(e.errno()).isEqualTo(24);
        assertThat(e.error()).isEqualTo(Errno.EMFILE);
        assertThat(e.hint()).isEqualTo("Close something");
    }

    @Test
    void messageWithoutHintEndsWithTheError() {
        assertThat(new UringException("mmap", Errno.EAGAIN.number()))
                .hasMessage("mmap: EAGAIN (resource temporarily unavailable)");
    }

    @Test
    void negativeResultIsAnErrorNumberToo() {
        UringException e = new UringException("io_uring_enter", -9);
        assertThat(e.errno()).isEqualTo(9);
        assertThat(e.error()).isEqualTo(Errno.EBADF);
    }

    @Test
    void unknownErrorIsShownByItsNumber() {
        UringException e = new UringException("io_uring_enter", 4095);
        assertThat(e).hasMessage("io_uring_enter: errno 4095");
        assertThat(e.error()).isNull();
    }

    @Test
    void errorsAreKnownByNumberAndSign() {
        assertThat(Errno.of(-2)).isEqualTo(Errno.ENOENT);
        assertThat(Errno.of(2)).isEqualTo(Errno.ENOENT);
        assertThat(Errno.of(0)).isNull();
        assertThat(Errno.nameOf(-110)).isEqualTo("ETIMEDOUT");
        assertThat(Errno.nameOf(-4095)).isEqualTo("errno 4095");
        assertThat(Errno.ENOENT.is(-2)).isTrue();
        assertThat(Errno.ENOENT.is(2)).as("a result of 2 is a success").isFalse();
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(errno.number())).isEqualTo(errno);
            assertThat(errno.meaning()).isNotBlank();
        }
    }
}
