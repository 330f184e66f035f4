package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ring's descriptor that is registered with its thread. */
class RegisteredDescriptorTest {
    @BeforeEach
    void needsRegistration() {
        Needs.kernelWith(RegisterOpcode.REGISTER_RING_FDS);
    }

    private static void assertWorks(Ring ring) throws IOException {
        ring.submissions().next().nop().userData(17);
        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(17, 0, 0));
    }

    @OverRingKinds(except = RingKind.BEST)
    void ringWorksWithAndWithoutIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            assertThat(ring.isDescriptorRegistered()).isFalse();
            assertWorks(ring);
            ring.registerDescriptor();
            assertThat(ring.isDescriptorRegistered()).isTrue();
            assertWorks(ring);
            ring.unregisterDescriptor();
            assertThat(ring.isDescriptorRegistered()).isFalse();
            assertWorks(ring);
        }
    }

    @Test
    void bestRingRegistersItself() throws IOException {
        try (Ring ring = RingKind.BEST.open(4)) {
            assertThat(ring.isDescriptorRegistered()).isTrue();
            assertWorks(ring);
        }
    }

    @Test
    void registeringTwiceFails() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            ring.registerDescriptor();
            assertThatIllegalStateException().isThrownBy(ring::registerDescriptor).withMessageContaining("already");
            assertWorks(ring);
        }
    }

    @Test
    void unregisteringTwiceFails() throws IOException {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            assertThatIllegalStateException().isThrownBy(ring::unregisterDescriptor).withMessageContaining("not registered");
            ring.registerDescriptor();
            ring.unregisterDescriptor();
            assertThatIllegalStateException().isThrownBy(ring::unregisterDescriptor).withMessageContaining("not registered");
        }
    }

    @Test
    void enteringWorksWhenTheDescriptorStandsForSomethingElse() throws Exception {
        OtherThread.call(() -> {
            try (Pipe pipe = new Pipe();
                    Ring ring = RingKind.PLAIN.open(4)) {
                ring.registerDescriptor();
                // Proves that no call goes through the descriptor: of the ring, nothing is left behind it.
                Posix.dup2(pipe.readEnd(), ring.fd());
                assertWorks(ring);
            }
            return null;
        });
    }

    @Test
    void anotherThreadUsesTheDescriptorItself() throws Exception {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            ring.registerDescriptor();
            OtherThread.call(() -> {
                assertWorks(ring);
                return null;
            });
            assertWorks(ring);
        }
    }

    @Test
    void ringOutlivesTheThreadThatRegisteredIt() throws Exception {
        try (Ring ring = RingKind.PLAIN.open(4)) {
            OtherThread<?> registrant = OtherThread.start(() -> {
                ring.registerDescriptor();
                assertWorks(ring);
                return null;
            });
            registrant.result();
            registrant.awaitEnd();
            assertWorks(ring);
        }
    }

    @Test
    void threadCanRegisterSixteen() throws Exception {
        OtherThread.call(() -> {
            List<Ring> rings = new ArrayList<>();
            try {
                for (int i = 0; i < 16; i++) {
                    Ring ring = RingKind.PLAIN.open(1);
                    rings.add(ring);
                    ring.registerDescriptor();
                }
                try (Ring oneMore = RingKind.PLAIN.open(1)) {
                    assertThatExceptionOfType(UringException.class)
                            .isThrownBy(oneMore::registerDescriptor)
                            .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
                    assertThat(oneMore.isDescriptorRegistered()).isFalse();
                    assertWorks(oneMore);
                }
                try (Ring best = RingKind.BEST.open(1)) {
                    assertThat(best.isDescriptorRegistered()).isFalse();
                    assertWorks(best);
                }
            } finally {
                for (Ring ring : rings) {
                    ring.close();
                }
            }
            return null;
        });
    }

    @Test
    void closingGivesThePlaceBack() throws Exception {
        OtherThread.call(() -> {
            for (int i = 0; i < 40; i++) {
                try (Ring ring = RingKind.PLAIN.open(1)) {
                    ring.registerDescriptor();
                    assertWorks(ring);
                }
            }
            return null;
        });
    }
}
