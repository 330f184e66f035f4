package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A child process that only the test waits for: made by posix_spawn(3), since a thread of the JDK waits for
 * those of ProcessBuilder, and might come first.
 */
final class Child {
    static final int SIGTERM = 15;
    static final int SIGSTOP = 19;
    static final int SIGCONT = 18;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final MethodHandle SPAWN = Posix.function(
            "posix_spawn", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
    private static final MethodHandle KILL = Posix.function("kill", FunctionDescriptor.of(INT, INT, INT));

    private final int pid;

    private Child(int pid) {
        this.pid = pid;
    }

    /** Runs a script of the shell. */
    static Child shell(String script) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shell = arena.allocateFrom("/bin/sh");
            MemorySegment arguments = strings(arena, "sh", "-c", script);
            MemorySegment environment = strings(arena, "PATH=/usr/bin:/bin");
            MemorySegment pid = arena.allocate(INT);
            int result = (int) SPAWN.invokeExact(
                    pid, shell, MemorySegment.NULL, MemorySegment.NULL, arguments, environment);
            if (result != 0) {
                throw new AssertionError("posix_spawn: " + Errno.nameOf(result));
            }
            return new Child(pid.get(INT, 0));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** An array of C strings that ends with a null pointer. */
    private static MemorySegment strings(Arena arena, String... strings) {
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, strings.length + 1);
        for (int i = 0; i < strings.length; i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(strings[i]));
        }
        return array;
    }

    int pid() {
        return pid;
    }

    void signal(int signal) {
        try {
            if ((int) KILL.invokeExact(pid, signal) != 0) {
                throw new AssertionError("kill failed");
            }
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
