package io.uring4j.sys;

import io.uring4j.abi.Abi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A pipe that programs which are executed don't get. A refusal has {@code readEnd} hold minus the errno. */
public record Pipe(int readEnd, int writeEnd) {
    private static final MethodHandle PIPE2 = Libc.function(Abi.pipe2$address(), Abi.pipe2$descriptor());

    public static Pipe open() {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
            long result = CallState.result((int) PIPE2.invokeExact(state, ends, Abi.O_CLOEXEC()), state);
            return result < 0
                    ? new Pipe((int) result, -1)
                    : new Pipe(ends.getAtIndex(ValueLayout.JAVA_INT, 0), ends.getAtIndex(ValueLayout.JAVA_INT, 1));
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    public boolean failed() {
        return readEnd < 0;
    }
}
