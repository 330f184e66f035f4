package io.uring4j.loop;

import io.uring4j.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Two stream sockets within the machine that are connected to each other. */
record SocketPair(int one, int other) {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle SOCKETPAIR = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("socketpair"),
                    FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS));

    static SocketPair open() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            int type = Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC;
            if ((int) SOCKETPAIR.invokeExact(Sockets.AF_UNIX, type, 0, ends) != 0) {
                throw new AssertionError("no pair of sockets");
            }
            return new SocketPair(ends.getAtIndex(INT, 0), ends.getAtIndex(INT, 1));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
