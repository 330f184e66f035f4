package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The few libc functions by which the tests see, without a ring, what a ring has done. */
public final class Posix {
    static final int SIGUSR1 = 10;
    private static final int O_CLOEXEC = OpenFlags.CLOSE_ON_EXEC;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;

    private static final MethodHandle PIPE2 = function("pipe2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle READ = function("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle WRITE = function("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle DUP = function("dup", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle DUP2 = function("dup2", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle OPEN = LINKER.downcallHandle(
            symbol("open"), FunctionDescriptor.of(INT, POINTER, INT, INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle GETTID = function("gettid", FunctionDescriptor.of(INT));
    private static final MethodHandle GETPID = function("getpid", FunctionDescriptor.of(INT));
    private static final MethodHandle TGKILL = function("tgkill", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SIGNAL = function("signal", FunctionDescriptor.of(POINTER, INT, POINTER));

    private Posix() {}

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(symbol(name), descriptor);
    }

    /** The reading and the writing end of a new pipe. */
    static int[] pipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(INT, 2);
            checked((int) PIPE2.invokeExact(ends, O_CLOEXEC), "pipe2");
            return ends.toArray(INT);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int open(Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int mode = 0600;
            return checked((int) OPEN.invokeExact(arena.allocateFrom(path.toString()), flags | O_CLOEXEC, mode), "open");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int read(int fd, MemorySegment buffer) {
        try {
            return checked((int) (long) READ.invokeExact(fd, buffer, buffer.byteSize()), "read");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static int write(int fd, MemorySegment buffer) {
        try {
            return checked((int) (long) WRITE.invokeExact(fd, buffer, buffer.byteSize()), "write");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Minus one when it isn't open. */
    public static int close(int fd) {
        try {
            return (int) CLOSE.invokeExact(fd);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Another descriptor of the same file; minus one when there is none left. */
    public static int dup(int fd) {
        try {
            return (int) DUP.invokeExact(fd);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Makes a descriptor stand for another file, in one step. */
    public static void dup2(int fd, int over) {
        try {
            checked((int) DUP2.invokeExact(fd, over), "dup2");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The number by which the kernel knows the current thread. */
    static int gettid() {
        try {
            return (int) GETTID.invokeExact();
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Sends a signal to a thread of this process. */
    static void signalThread(int thread, int signal) {
        try {
            checked((int) TGKILL.invokeExact((int) GETPID.invokeExact(), thread, signal), "tgkill");
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /**
     * Handles a signal by a function that does nothing: getpid, which a handler may call at any point. To ignore
     * the signal wouldn't do, since an ignored signal interrupts nothing.
     */
    static void handleByDoingNothing(int signal) {
        try {
            MemorySegment ignored = (MemorySegment) SIGNAL.invokeExact(signal, symbol("getpid"));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static int checked(int result, String call) {
        if (result < 0) {
            throw new AssertionError(call + " failed");
        }
        return result;
    }
}
