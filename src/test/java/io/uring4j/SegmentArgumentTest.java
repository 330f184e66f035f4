package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each method of an entry that takes memory refuses each segment that can't be used, and takes the entry back. */
class SegmentArgumentTest {
    /** What the entry itself takes a copy of may lie anywhere. */
    private static final List<String> COPIED = List.of("uringCmd", "uringCmd128");

    @AutoClose
    private final Arena arena = Arena.ofConfined();

    private static Stream<Method> methods() {
        return Arrays.stream(Sqe.class.getMethods())
                .filter(method -> method.isDefault() && method.getReturnType() == Sqe.class)
                .filter(method -> List.of(method.getParameterTypes()).contains(MemorySegment.class))
                .sorted(Comparator.comparing(Method::toString));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void missingSegmentIsRefused(Method method) {
        refuses(method, null, NullPointerException.class);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void segmentOfAClosedArenaIsRefused(Method method) {
        refuses(method, closed(sizeFor(method)), IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void segmentOnTheHeapIsRefused(Method method) {
        if (!COPIED.contains(method.getName())) {
            refuses(method, MemorySegment.ofArray(new byte[sizeFor(method)]), IllegalArgumentException.class);
        }
    }

    /** Room for any struct, or for the largest payload of a command. */
    private static int sizeFor(Method method) {
        return COPIED.contains(method.getName()) ? 80 : 256;
    }

    private static MemorySegment closed(int bytes) {
        try (Arena shortLived = Arena.ofConfined()) {
            return shortLived.allocate(bytes, Long.BYTES);
        }
    }

    /** Whichever of the method's segments it is. */
    private void refuses(Method method, MemorySegment bad, Class<? extends RuntimeException> refusal) {
        for (int position : segmentsOf(method)) {
            PlainQueue plain = new PlainQueue(arena, 2, SetupFlag.SQE128);
            Object[] arguments = arguments(method, sizeFor(method));
            arguments[position] = bad;
            Throwable thrown = catchThrowable(() -> call(method, plain.queue.next(), arguments));
            assertThat(thrown).as("argument %d of %s", position, method.getName()).isInstanceOf(refusal);
            assertThat(thrown).as("argument %d of %s", position, method.getName()).hasMessageMatching("(?s).{8,}");
            assertThat(plain.queue.pending()).as("argument %d of %s", position, method.getName()).isZero();
        }
    }

    private static List<Integer> segmentsOf(Method method) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < method.getParameterCount(); i++) {
            if (method.getParameterTypes()[i] == MemorySegment.class) {
                found.add(i);
            }
        }
        return found;
    }

    private Object[] arguments(Method method, int bytes) {
        return Arrays.stream(method.getParameterTypes())
                .map(type -> {
                    if (type == int.class) {
                        return 1;
                    }
                    if (type == long.class) {
                        return 1L;
                    }
                    return type == boolean.class ? (Object) false : arena.allocate(bytes, Long.BYTES);
                })
                .toArray();
    }

    private static void call(Method method, Sqe entry, Object[] arguments) throws Throwable {
        try {
            method.invoke(entry, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
