package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.notify.Descriptors;
import io.uring4j.notify.EventFd;
import io.uring4j.notify.EventFdRegistration;
import io.uring4j.sys.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The eventfd that a ring signals. */
class EventFdRegistrationTest {
    @AutoClose
    private final EventFd eventFd = EventFd.create(0, EventFd.Option.NON_BLOCKING);

    @AutoClose
    private final Pipe pipe = new Pipe();

    EventFdRegistrationTest() throws UringException {}

    private boolean isSignalled() throws UringException {
        return eventFd.await(Completion.PATIENCE_NANOS);
    }

    /** Takes the signal by which a change to the registration says: look. */
    private void settle() throws UringException {
        eventFd.read();
    }

    /** Whether the kernel has completions of the ring, or work that would bring some. */
    private static boolean isReadable(Ring ring) {
        return Libc.poll(ring.fd(), PollEvents.IN, 0) != 0;
    }

    private static void nop(Ring ring) throws UringException {
        ring.submissions().next().nop().userData(1);
        assertThat(Completion.submitAndTakeOne(ring)).isEqualTo(new Completion(1, 0, 0));
    }

    private static void assertRefused(Errno error, String hint, ThrowingCallable call) {
        assertThatExceptionOfType(UringException.class)
                .isThrownBy(call)
                .withMessageContaining(hint)
                .returns(error, UringException::error);
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_EVENTFD)
    void completionsSignalIt(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            assertThat(registration.eventFd()).isSameAs(eventFd);
            settle();
            for (int i = 0; i < 3; i++) {
                nop(ring);
                assertThat(isSignalled()).isTrue();
                assertThat(eventFd.read()).isPositive();
            }
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN);
            ring.submit();
            assertThat(eventFd.await(1)).isFalse();
            pipe.write("x");
            assertThat(isSignalled()).isTrue();
            assertThat(pipe.read()).isEqualTo("x");
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.UNREGISTER_EVENTFD)
    void noSignalComesOnceItIsLetGoOf(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            registration.close();
            registration.close();
            settle();
            nop(ring);
            ring.submissions().next().pollAdd(pipe.writeEnd(), PollEvents.OUT);
            Completion.submitAndTakeOne(ring);
            assertThat(eventFd.await(5_000_000)).isFalse();
        }
    }

    @OverRingKinds
    void itMayBeRegisteredAHundredTimes(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            long before = Descriptors.count();
            for (int i = 0; i < 100; i++) {
                try (EventFdRegistration _ = EventFdRegistration.register(ring, eventFd)) {
                    nop(ring);
                    assertThat(isSignalled()).isTrue();
                }
                settle();
                nop(ring);
                assertThat(eventFd.read()).isZero();
            }
            assertThat(Descriptors.count()).isEqualTo(before);
        }
    }

    @OverRingKinds
    @Covers(register = RegisterOpcode.REGISTER_EVENTFD_ASYNC)
    void asyncOneIsSignalledByWorkersOnly(RingKind kind) throws IOException {
        try (Arena arena = Arena.ofShared();
                Ring ring = kind.open(4);
                Connection socket = Connection.local();
                EventFdRegistration _ = EventFdRegistration.registerAsync(ring, eventFd)) {
            settle();
            nop(ring);
            ring.submissions().next().timeout(Timespec.of(arena, Duration.ofMillis(1)), 0, 0);
            Completion.submitAndTakeOne(ring);
            MemorySegment buffer = arena.allocate(1);
            // Not a pipe, which takes a worker before Linux 6.4.
            ring.submissions().next().recv(socket.fd(), buffer, 1, 0);
            ring.submit();
            socket.peer().send("x");
            Completion.takeOne(ring);
            assertThat(eventFd.read()).as("completions without a worker").isZero();

            ring.submissions().next().nop().async().userData(2);
            ring.submit();
            assertThat(isSignalled()).isTrue();
            assertThat(Completion.takeOne(ring).userData()).isEqualTo(2);
        }
    }

    @OverRingKinds
    void aSecondOneIsRefused(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFd second = EventFd.create(0, EventFd.Option.NON_BLOCKING);
                EventFdRegistration _ = EventFdRegistration.register(ring, eventFd)) {
            long before = Descriptors.count();
            assertRefused(Errno.EBUSY, "replace it", () -> EventFdRegistration.register(ring, second));
            assertRefused(Errno.EBUSY, "replace it", () -> EventFdRegistration.registerAsync(ring, eventFd));
            assertThat(Descriptors.count()).isEqualTo(before);

            nop(ring);
            assertThat(isSignalled()).as("the first one").isTrue();
            assertThat(second.read()).isZero();
        }
    }

    @Test
    void lettingGoOfWhatOthersHaveUnregisteredIsRefused() throws IOException {
        try (Ring ring = Ring.open(4)) {
            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            ring.register(RegisterOpcode.UNREGISTER_EVENTFD, MemorySegment.NULL, 0);
            assertRefused(Errno.ENXIO, "by other means", () -> registration.replace(eventFd));
            assertRefused(Errno.ENXIO, "by other means", registration::close);
            registration.close();
            assertThatIllegalStateException().isThrownBy(() -> registration.replace(eventFd));
            EventFdRegistration.register(ring, eventFd).close();
        }
    }

    @OverRingKinds
    void anotherOneTakesItsPlace(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFd second = EventFd.create(0, EventFd.Option.NON_BLOCKING);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            settle();
            registration.replace(second);
            assertThat(registration.eventFd()).isSameAs(second);
            assertThat(eventFd.read()).as("a waiter for the old one looks again").isEqualTo(1);
            assertThat(second.read()).as("a waiter for the new one looks, too").isEqualTo(1);
            eventFd.close();

            nop(ring);
            assertThat(second.await(Completion.PATIENCE_NANOS)).isTrue();
        }
    }

    @Test
    void aReplacementThatIsRefusedLeavesTheOldOne() throws IOException {
        try (Ring ring = Ring.open(4);
                Ring other = Ring.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            EventFd closed = EventFd.create(0);
            closed.close();
            assertThatIllegalStateException().isThrownBy(() -> registration.replace(closed));

            EventFd stolen = EventFd.create(0);
            other.submissions().next().close(stolen.fd());
            Completion.submitAndTakeOne(other);
            assertRefused(Errno.EBADF, "behind the back", () -> registration.replace(stolen));

            assertThat(registration.eventFd()).isSameAs(eventFd);
            eventFd.read();
            nop(ring);
            assertThat(isSignalled()).isTrue();
        }
    }

    @OverRingKinds
    void signalsMayBeSwitchedOffAndOn(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            registration.setEnabled(false);
            assertThat(ring.completions().isEventFdEnabled()).isFalse();
            settle();
            nop(ring);
            assertThat(eventFd.await(5_000_000)).isFalse();
            registration.setEnabled(true);
            settle();
            nop(ring);
            assertThat(isSignalled()).isTrue();
            eventFd.read();

            registration.setEnabled(false);
            ring.submissions().next().nop();
            ring.submit();
            Waiting.until("it has completed", () -> isReadable(ring));
            registration.setEnabled(true);
            assertThat(eventFd.read()).as("one is unread").isPositive();
        }
    }

    @OverRingKinds
    void lettingGoTellsOfWhatIsUnread(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            registration.setEnabled(false);
            settle();
            ring.submissions().next().nop();
            ring.submit();
            Waiting.until("it has completed", () -> isReadable(ring));
            assertThat(eventFd.read()).isZero();
            registration.close();
            assertThat(eventFd.read()).isPositive();
        }
    }

    @OverRingKinds
    void switchIsOnAgainForTheNextOne(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            EventFdRegistration first = EventFdRegistration.register(ring, eventFd);
            first.setEnabled(false);
            first.close();
            assertThatIllegalStateException().isThrownBy(() -> first.setEnabled(true));
            try (EventFdRegistration _ = EventFdRegistration.register(ring, eventFd)) {
                nop(ring);
                assertThat(isSignalled()).isTrue();
            }
        }
    }

    @OverRingKinds
    void completionsFromBeforeTheRegistrationAreTold(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4)) {
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN);
            ring.submit();
            pipe.write("x");
            Waiting.until("it has completed", () -> isReadable(ring));
            try (EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
                assertThat(eventFd.read()).isPositive();
                assertThat(registration.drain((userData, result, flags) -> {})).isEqualTo(1);
            }
        }
    }

    @Test
    void itMayBeSignalledByHand() throws IOException {
        try (Ring ring = Ring.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            settle();
            registration.signal();
            assertThat(eventFd.read()).isEqualTo(1);
            eventFd.close();
            assertThatCode(registration::signal).doesNotThrowAnyException();
        }
    }

    @Test
    void itMayBeRegisteredByAnotherThreadWhileTheRingIsWaitedFor() throws Exception {
        Needs.kernelWith("eventfd registration that doesn't wait for calls of the ring", Opcode.MSG_RING);
        try (Ring ring = RingKind.PLAIN.open(4)) {
            OtherThread<Boolean> waiter = OtherThread.start(() -> {
                ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN);
                ring.submitAndWait(1);
                return true;
            });
            waiter.awaitInsideEnter();
            try (EventFdRegistration _ = EventFdRegistration.register(ring, eventFd)) {
                pipe.write("x");
                assertThat(waiter.result()).isTrue();
                assertThat(isSignalled()).isTrue();
            }
        }
    }

    @OverRingKinds
    void onlyTheOwnerOfARingMayRegister(RingKind kind) throws Exception {
        try (Ring ring = kind.open(4)) {
            ThrowingCallable elsewhere = () -> OtherThread.call(() -> EventFdRegistration.register(ring, eventFd));
            if (!kind.hasOwner()) {
                assertThatCode(elsewhere).doesNotThrowAnyException();
                return;
            }
            assertThatIllegalStateException().isThrownBy(elsewhere).withMessageContaining("SINGLE_ISSUER");

            EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
            ThrowingCallable close = () -> OtherThread.call(() -> {
                registration.close();
                return null;
            });
            assertThatIllegalStateException().isThrownBy(close).withMessageContaining("SINGLE_ISSUER");
            settle();
            nop(ring);
            assertThat(isSignalled()).as("still registered").isTrue();
            registration.close();
        }
    }

    @Test
    void closedRingIsRefused() throws IOException {
        long before = Descriptors.count();
        Ring ring = Ring.open(4);
        EventFdRegistration registration = EventFdRegistration.register(ring, eventFd);
        ring.close();
        assertThat(Descriptors.count()).isEqualTo(before);

        assertThatIllegalStateException()
                .isThrownBy(() -> EventFdRegistration.register(ring, eventFd))
                .withMessageContaining("ring is closed");
        assertThatIllegalStateException().isThrownBy(() -> registration.replace(eventFd));
        assertThatIllegalStateException().isThrownBy(() -> registration.setEnabled(false));
        assertThatIllegalStateException().isThrownBy(() -> registration.drain((userData, result, flags) -> {}));
        registration.close();
        registration.close();
    }

    @Test
    void closedEventFdIsRefused() throws IOException {
        try (Ring ring = Ring.open(4)) {
            EventFd closed = EventFd.create(0);
            closed.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> EventFdRegistration.register(ring, closed))
                    .withMessageContaining("eventfd is closed");
            EventFdRegistration.register(ring, eventFd).close();
        }
    }

    @Test
    void whatIsNoEventFdIsRefused() throws IOException {
        try (Arena arena = Arena.ofConfined();
                Ring ring = Ring.open(4)) {
            MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, pipe.readEnd());
            assertRefused(Errno.EINVAL, "", () -> ring.register(RegisterOpcode.REGISTER_EVENTFD, number, 1));
            EventFdRegistration.register(ring, eventFd).close();
        }
    }

    @Test
    void numberOfAnEventFdThatWasClosedIsNotSignalled() throws IOException {
        try (Ring ring = Ring.open(4)) {
            EventFd registered = EventFd.create(0);
            int number = registered.fd();
            try (EventFdRegistration registration = EventFdRegistration.register(ring, registered)) {
                registered.close();
                try (EventFd next = EventFd.create(0, EventFd.Option.NON_BLOCKING)) {
                    assertThat(next.fd()).as("the number is reused").isEqualTo(number);
                    nop(ring);
                    registration.setEnabled(false);
                    registration.setEnabled(true);
                    registration.signal();
                    assertThat(next.read()).isZero();
                }
            }
        }
    }

    @OverRingKinds
    void deferredCompletionIsSignalledBeforeItIsReady(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            settle();
            ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN).userData(7);
            ring.submit();
            pipe.write("x");
            assertThat(isSignalled()).isTrue();
            if (ring.flags().contains(SetupFlag.DEFER_TASKRUN)) {
                assertThat(ring.completions().ready()).isZero();
            }
            eventFd.read();
            List<Long> drained = new ArrayList<>();
            registration.drain((userData, result, flags) -> drained.add(userData));
            assertThat(drained).containsExactly(7L);
        }
    }

    @OverRingKinds
    void drainTakesAllThatTheKernelHoldsBack(RingKind kind) throws IOException {
        int count = 100;
        try (Ring ring = kind.open(count);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            for (int i = 0; i < count; i++) {
                ring.submissions().next().pollAdd(pipe.readEnd(), PollEvents.IN);
            }
            assertThat(ring.submit()).isEqualTo(count);
            // A ring with a submission thread may not have come to them yet; the loop below waits for those.
            pipe.write("x");
            int drained = 0;
            while (drained < count) {
                assertThat(isSignalled()).isTrue();
                eventFd.read();
                drained += registration.drain((userData, result, flags) -> {});
            }
            assertThat(drained).isEqualTo(count);
            assertThat(isReadable(ring)).isFalse();
        }
    }

    private void submitAnother(Ring ring) {
        try {
            ring.submissions().next().nop();
            ring.submit();
            eventFd.read();
        } catch (UringException e) {
            throw new AssertionError(e);
        }
    }

    @OverRingKinds(except = RingKind.SUBMISSION_THREAD)
    void drainThatStopsEarlySignals(RingKind kind) throws IOException {
        try (Ring ring = kind.open(4);
                EventFdRegistration registration = EventFdRegistration.register(ring, eventFd)) {
            int capacity = ring.completions().capacity();
            ring.submissions().next().nop();
            ring.submit();
            int drained = registration.drain((userData, result, flags) -> submitAnother(ring));
            assertThat(drained).isEqualTo(capacity);
            assertThat(eventFd.read()).as("for the one that is left").isPositive();

            assertThatIllegalStateException().isThrownBy(() -> registration.drain((userData, result, flags) -> {
                throw new IllegalStateException("handler");
            }));
            assertThat(eventFd.read()).as("after an exception").isPositive();
        }
    }
}
