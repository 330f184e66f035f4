package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Use after close: an exception that says so, never a crash. */
class ClosedRingTest {
    /** What can be said of a closed ring. */
    private static final Set<String> STILL_ANSWERED = Set.of(
            "submissions",
            "completions",
            "flags",
            "capabilities",
            "capacity",
            "stats",
            "inFlight",
            "isClosed",
            "isDescriptorRegistered",
            "close",
            "release",
            "toString",
            // Refused on this ring whether or not it is closed.
            "nextLarge");

    /** These miss the cursor first. */
    private static final Set<String> CURSOR = Set.of("userData", "result", "flags", "extra");

    static Stream<Arguments> methodsThatUseARing() {
        return Stream.of(Ring.class, SubmissionQueue.class, CompletionQueue.class)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !STILL_ANSWERED.contains(method.getName())
                        || method.getDeclaringClass() == CompletionQueue.class && CURSOR.contains(method.getName()))
                .map(method -> Arguments.of(method.getDeclaringClass().getSimpleName() + "." + method.getName(), method));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methodsThatUseARing")
    void everyUseIsRefused(String name, Method method) throws IOException {
        Ring ring = RingKind.PLAIN.open(4);
        ring.submissions().next().nop();
        ring.submitAndWait(1);
        ring.close();

        Object target = method.getDeclaringClass() == Ring.class
                ? ring
                : method.getDeclaringClass() == SubmissionQueue.class ? ring.submissions() : ring.completions();
        Object[] arguments = Stream.of(method.getParameterTypes()).map(ClosedRingTest::anArgument).toArray();
        assertThatThrownBy(() -> method.invoke(target, arguments))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(CURSOR.contains(name.substring(name.indexOf('.') + 1)) ? "" : "closed");
    }

    private static Object anArgument(Class<?> type) {
        if (type == int.class) {
            return 1;
        }
        if (type == boolean.class) {
            return false;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == MemorySegment.class) {
            return MemorySegment.NULL;
        }
        if (type == CompletionHandler.class) {
            return (CompletionHandler) (userData, result, flags) -> {};
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        throw new AssertionError("no argument of type " + type + ": add it here");
    }

    @OverRingKinds
    void entryThatWasKeptCannotBeWritten(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        Sqe entry = ring.submissions().next();
        ring.close();

        assertThatIllegalStateException().isThrownBy(entry::nop);
        assertThatIllegalStateException().isThrownBy(() -> entry.userData(1));
        assertThatIllegalStateException().isThrownBy(() -> entry.read(0, MemorySegment.NULL, 0, 0));
        assertThatIllegalStateException().isThrownBy(entry::link);
    }

    @OverRingKinds
    void cursorThatWasKeptCannotBeRead(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        ring.submissions().next().nop();
        ring.submissions().next().nop();
        ring.submit();
        ring.waitFor(2);
        CompletionQueue completions = ring.completions();
        assertThat(completions.next()).isTrue();
        ring.close();

        assertThatIllegalStateException().isThrownBy(completions::userData);
        assertThatIllegalStateException().isThrownBy(completions::next);
        assertThatCode(completions::release).doesNotThrowAnyException();
    }

    @Test
    void handlerMayCloseTheRing() throws IOException {
        Ring ring = RingKind.PLAIN.open(4);
        ring.submissions().next().nop().userData(1);
        ring.submissions().next().nop().userData(2);
        ring.submitAndWait(2);
        long[] calls = {0};

        try {
            ring.completions().drain((userData, result, flags) -> {
                calls[0]++;
                try {
                    ring.close();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        } catch (IllegalStateException e) {
            // The batch can't go on. That is an answer too.
            assertThat(e).hasMessageContaining("closed");
        }
        assertThat(ring.isClosed()).isTrue();
        assertThat(calls[0]).isEqualTo(1);
    }

    @OverRingKinds
    void closedRingStillTellsWhatItDid(RingKind kind) throws IOException {
        Ring ring = kind.open(4);
        ring.submissions().next().nop();
        Completion.submitAndTakeOne(ring);
        ring.close();

        assertThat(ring.isClosed()).isTrue();
        // Close itself may have waited for an entry of its own.
        assertThat(ring.stats().completed()).isPositive();
        assertThat(ring.flags()).isNotNull();
        assertThat(ring.submissions().capacity()).isEqualTo(4);
        assertThat(ring.toString()).contains("closed");
        assertThat(ring.submissions().toString()).contains("closed");
        assertThat(ring.completions().toString()).contains("closed");
    }

    @Test
    void otherRingCannotShareTheWorkersOfAClosedOne() throws IOException {
        Ring ring = RingKind.PLAIN.open(4);
        ring.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> Ring.open(RingConfig.plain(4).sharedWorkers(ring)).close())
                .withMessageContaining("closed");
    }
}
