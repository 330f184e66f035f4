package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;

/** Messages to a ring from a program that has none. */
class RingPostTest {
    @BeforeEach
    void needsThem() {
        Needs.kernelWith(RegisterOpcode.REGISTER_SEND_MSG_RING);
    }

    @Covers(register = RegisterOpcode.REGISTER_SEND_MSG_RING)
    @OverRingKinds
    void messageArrivesAsACompletion(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            Ring.post(ring.fd(), 4711, -3);
            Ring.post(ring.fd(), -1, Long.MAX_VALUE);

            assertThat(Completion.take(ring, 2))
                    .containsExactly(new Completion(-3, 4711, 0), new Completion(Long.MAX_VALUE, -1, 0));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_SEND_MSG_RING)
    @OverRingKinds
    void messageEndsTheWaitOfAnotherThread(RingKind kind) throws Exception {
        try (Pipe pipe = new Pipe()) {
            int[] fd = new int[1];
            OtherThread<Completion> waiting = OtherThread.start(() -> {
                try (Ring ring = kind.open(4)) {
                    synchronized (fd) {
                        fd[0] = ring.fd();
                    }
                    return Completion.takeOne(ring);
                }
            });
            waiting.awaitInsideEnter();
            synchronized (fd) {
                Ring.post(fd[0], 1, 2);
            }

            assertThat(waiting.result()).isEqualTo(new Completion(2, 1, 0));
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> Ring.post(pipe.readEnd(), 1, 2))
                    .satisfies(e -> assertThat(e.error()).as("not a ring").isEqualTo(Errno.EBADFD));
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> Ring.post(99_999, 1, 2))
                    .satisfies(e -> assertThat(e.error()).as("not open").isEqualTo(Errno.EBADF));
        }
    }

    @OverRingKinds
    void closeIsNotKeptUpByMessages(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        Ring.post(ring.fd(), 1, 2);
        Completion.takeOne(ring);
        long start = System.nanoTime();
        ring.close();

        assertThat(System.nanoTime() - start).isLessThan(1_000_000_000L);
    }
}
