package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.file.RegisteredFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AutoClose;

/** Rings that start disabled, and what can be forbidden them until then. */
class RestrictionsTest {
    @AutoClose
    private final Arena arena = Arena.ofShared();

    private static Ring disabled(RingKind kind) throws IOException {
        return Ring.open(kind.config(4).with(SetupFlag.R_DISABLED));
    }

    private static Ring enabled(RingKind kind, Restrictions restrictions) throws IOException {
        Ring ring = disabled(kind);
        restrictions.apply(ring);
        ring.enable();
        return ring;
    }

    private static Errno error(Ring ring) throws IOException {
        return Completion.submitAndTakeOne(ring).error();
    }

    @Covers(register = RegisterOpcode.REGISTER_ENABLE_RINGS)
    @OverRingKinds
    void disabledRingTakesNothingUntilItIsEnabled(RingKind kind) throws IOException {
        try (Ring ring = disabled(kind)) {
            ring.submissions().next().nop().userData(5);
            assertThatIllegalStateException().isThrownBy(ring::submit).withMessageContaining("disabled");
            ring.enable();

            assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(5, 0, 0));
            assertThatIllegalStateException().isThrownBy(ring::enable).withMessageContaining("already");
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_RESTRICTIONS)
    @OverRingKinds
    void operationThatIsNotAllowedIsForbidden(RingKind kind) throws IOException {
        try (Ring ring = enabled(kind, Restrictions.allowNothing().allow(Opcode.NOP));
                Pipe pipe = new Pipe()) {
            pipe.write("x");
            ring.submissions().next().read(pipe.readEnd(), arena.allocate(8), 8, -1);
            assertThat(error(ring)).isEqualTo(Errno.EACCES);
            assertThat(pipe.read()).isEqualTo("x");
            ring.submissions().next().nop();
            assertThat(error(ring)).isNull();
            ring.submissions().next().nop().async();
            assertThat(error(ring)).as("a modifier that isn't allowed").isEqualTo(Errno.EACCES);
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_RESTRICTIONS)
    @OverRingKinds
    void registrationThatIsNotAllowedIsForbidden(RingKind kind) throws IOException {
        Restrictions restrictions = Restrictions.allowNothing()
                .allow(Opcode.NOP)
                .allow(RegisterOpcode.REGISTER_PERSONALITY);
        try (Ring ring = enabled(kind, restrictions)) {
            assertThat(Personality.ofCurrentThread(ring).id()).isPositive();
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> RegisteredFiles.registerEmpty(ring, 1))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EACCES));
        }
    }

    @Covers(register = RegisterOpcode.REGISTER_RESTRICTIONS)
    @OverRingKinds
    void modifiersCanBeDemandedAndAllowed(RingKind kind) throws IOException {
        Restrictions restrictions = Restrictions.allowNothing()
                .allow(Opcode.NOP)
                .allowFlags(SqeFlag.IO_DRAIN)
                .requireFlags(SqeFlag.ASYNC);
        try (Ring ring = enabled(kind, restrictions)) {
            ring.submissions().next().nop();
            assertThat(error(ring)).isEqualTo(Errno.EACCES);
            ring.submissions().next().nop().async();
            assertThat(error(ring)).isNull();
            ring.submissions().next().nop().async().drain();
            assertThat(error(ring)).isNull();
            ring.submissions().next().nop().async().hardLink();
            assertThat(error(ring)).isEqualTo(Errno.EACCES);
        }
    }

    @OverRingKinds
    void restrictionsThatAllowNothingForbidAll(RingKind kind) throws IOException {
        try (Ring ring = enabled(kind, Restrictions.allowNothing())) {
            ring.submissions().next().nop();
            assertThat(error(ring)).isEqualTo(Errno.EACCES);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> Personality.ofCurrentThread(ring))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EACCES));
        }
    }

    @OverRingKinds
    void restrictionsAreAppliedOnceAndBeforeTheRingIsEnabled(RingKind kind) throws IOException {
        Restrictions restrictions = Restrictions.allowNothing().allow(Opcode.NOP);
        try (Ring ring = disabled(kind)) {
            restrictions.apply(ring);
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> restrictions.apply(ring))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBUSY));
        }
        try (Ring ring = kind.open(4)) {
            assertThatExceptionOfType(UringException.class)
                    .isThrownBy(() -> restrictions.apply(ring))
                    .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EBADFD));
        }
    }
}
