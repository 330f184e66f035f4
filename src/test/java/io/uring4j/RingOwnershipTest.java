package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Which thread may use a ring. */
class RingOwnershipTest {
    private static List<ThrowingCallable> calls(Ring ring) {
        return List.of(
                ring::submit,
                () -> ring.submitAndWait(0),
                () -> ring.submitAndWait(0, 1),
                () -> ring.waitFor(0),
                () -> ring.waitFor(0, 1),
                ring::registerDescriptor,
                ring::unregisterDescriptor);
    }

    private static void assertAllRefused(Ring ring, String reason) {
        assertThat(calls(ring)).allSatisfy(call -> assertThatIllegalStateException()
                .isThrownBy(call)
                .withMessageContaining(reason));
    }

    private static void assertWorks(Ring ring) throws IOException {
        ring.submissions().next().nop().userData(17);
        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(17, 0, 0));
    }

    private static void onVirtualThread(FutureTask<?> task) throws Exception {
        Thread.ofVirtual().start(task);
        task.get();
    }

    @OverRingKinds
    void anotherThreadIsRefusedByARingWithAnOwner(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().nop().userData(17);
            OtherThread.call(() -> {
                if (kind.hasOwner()) {
                    assertAllRefused(ring, "belongs to");
                } else {
                    assertWorksWithPending(ring);
                }
                return null;
            });
            if (kind.hasOwner()) {
                assertWorksWithPending(ring);
            }
        }
    }

    @OverRingKinds
    void anotherThreadIsRefusedByTheCompletionQueueOfARingWithAnOwner(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            List<ThrowingCallable> uses = List.of(
                    () -> ring.completions().next(),
                    () -> ring.completions().drain((userData, result, flags) -> {}));
            for (int batch = 0; batch < 3; batch++) {
                OtherThread.call(() -> {
                    for (ThrowingCallable use : uses) {
                        if (kind.hasOwner()) {
                            assertThatIllegalStateException().isThrownBy(use).withMessageContaining("belongs to");
                        }
                    }
                    return null;
                });
                assertWorks(ring);
            }
        }
    }

    private static void assertWorksWithPending(Ring ring) throws IOException {
        assertThat(ring.submissions().pending()).isEqualTo(1);
        assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(17);
    }

    @Test
    void registrationByAnotherThreadIsRefusedByARingWithAnOwner() throws Exception {
        try (Ring ring = RingKind.DEFERRED.open(4)) {
            OtherThread.call(() -> {
                assertThatThrownBy(() -> ring.register(
                                RegisterOpcode.UNREGISTER_BUFFERS, MemorySegment.NULL, 0))
                        .isInstanceOfAny(IllegalStateException.class, UringException.class);
                return null;
            });
            assertWorks(ring);
        }
    }

    @OverRingKinds
    void virtualThreadIsRefused(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            onVirtualThread(new FutureTask<>(() -> assertAllRefused(ring, "virtual thread"), null));
            assertWorks(ring);
        }
    }

    @Test
    void virtualThreadCannotOwnARing() throws Exception {
        Needs.kernelWith(SetupFlag.SINGLE_ISSUER);
        onVirtualThread(new FutureTask<>(
                () -> assertThatIllegalStateException()
                        .isThrownBy(() -> Ring.open(RingConfig.plain(4).with(SetupFlag.SINGLE_ISSUER)).close())
                        .withMessageContaining("virtual thread"),
                null));
        try (Ring ring = Ring.open(
                RingConfig.plain(4).with(SetupFlag.SINGLE_ISSUER, SetupFlag.R_DISABLED))) {
            onVirtualThread(new FutureTask<>(
                    () -> assertThatIllegalStateException()
                            .isThrownBy(ring::enable)
                            .withMessageContaining("virtual thread"),
                    null));
            ring.enable();
            assertWorks(ring);
        }
    }

    @OverRingKinds
    void disabledRingRefusesCallsUntilItIsEnabled(RingKind kind) throws IOException {
        try (Ring ring = Ring.open(kind.config(4).with(SetupFlag.R_DISABLED))) {
            ring.submissions().next().nop().userData(17);
            assertAllRefused(ring, "enable()");
            assertThat(ring.submissions().pending()).isEqualTo(1);
            assertThat(ring.stats().enters()).isZero();

            ring.enable();

            assertWorksWithPending(ring);
            assertThatIllegalStateException().isThrownBy(ring::enable).withMessageContaining("already");
        }
    }

    @OverRingKinds
    void threadThatEnablesARingReceivesIt(RingKind kind) throws Exception {
        try (Ring ring = Ring.open(kind.config(4).with(SetupFlag.R_DISABLED))) {
            OtherThread<?> receiver = OtherThread.start(() -> {
                ring.enable();
                assertWorks(ring);
                return null;
            });
            receiver.result();
            if (kind.hasOwner()) {
                assertAllRefused(ring, "belongs to");
            } else {
                assertWorks(ring);
            }
        }
    }

    @Test
    void disabledRingCanBeClosed() throws IOException {
        Ring ring = Ring.open(RingConfig.plain(4).with(SetupFlag.R_DISABLED));
        ring.submissions().next().nop();
        ring.close();
        assertThat(ring.isClosed()).isTrue();
    }

    @Test
    void ringWithoutDescriptorRefusesAnotherThread() throws Exception {
        Needs.kernelWith(SetupFlag.REGISTERED_FD_ONLY);
        // In a thread of its own, so that the index is 0, which means another ring in another thread.
        OtherThread.call(() -> {
            try (Ring ring = Ring.open(
                    RingConfig.plain(4).with(SetupFlag.NO_MMAP, SetupFlag.REGISTERED_FD_ONLY))) {
                assertWorks(ring);
                ring.submissions().next().nop().userData(17);
                OtherThread.call(() -> {
                    try (Ring bystander = Ring.open(RingConfig.plain(4))) {
                        bystander.registerDescriptor();
                        bystander.submissions().next().nop().userData(1);
                        bystander.submissions().publish();
                        assertThatThrownBy(ring::submit).isInstanceOf(IllegalStateException.class);
                        assertThat(bystander.completions().ready())
                                .as("completions of a ring that wasn't asked")
                                .isZero();
                    }
                    return null;
                });
                assertWorksWithPending(ring);
            }
            return null;
        });
    }

    @Test
    void ringWithoutDescriptorHasNoneToName() throws Exception {
        Needs.kernelWith(SetupFlag.REGISTERED_FD_ONLY);
        try (Ring ring = Ring.open(RingConfig.plain(4).with(SetupFlag.NO_MMAP, SetupFlag.REGISTERED_FD_ONLY))) {
            assertThatIllegalStateException().isThrownBy(ring::fd).withMessageContaining("REGISTERED_FD_ONLY");
            assertThat(ring.isDescriptorRegistered()).isTrue();
            assertWorks(ring);
        }
    }
}
