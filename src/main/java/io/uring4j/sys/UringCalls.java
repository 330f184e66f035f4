package io.uring4j.sys;

import io.uring4j.abi.Abi;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The three io_uring system calls, which libc doesn't wrap. Each returns what the kernel returns: a
 * value of 0 or more, or a negative errno.
 */
public final class UringCalls {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final long SETUP_NUMBER = Abi.__NR_io_uring_setup();
    private static final long ENTER_NUMBER = Abi.__NR_io_uring_enter();
    private static final long REGISTER_NUMBER = Abi.__NR_io_uring_register();

    private static final MethodHandle SETUP = syscall(FunctionDescriptor.of(LONG, LONG, INT, LONG));
    private static final FunctionDescriptor OF_ENTER =
            FunctionDescriptor.of(LONG, LONG, INT, INT, INT, INT, LONG, LONG);
    private static final MethodHandle ENTER = syscall(OF_ENTER);

    /** Without errno: to capture it is a call of its own, into the JVM. */
    private static final MethodHandle ENTER_BLINDLY = syscall(OF_ENTER, Linker.Option.firstVariadicArg(1));

    private static final MethodHandle REGISTER =
            syscall(FunctionDescriptor.of(LONG, LONG, INT, INT, LONG, INT));

    /** With a fifth argument, which the kernel ignores. */
    private static final MethodHandle REGISTER_HOLDING =
            syscall(FunctionDescriptor.of(LONG, LONG, INT, INT, LONG, INT, ValueLayout.ADDRESS));

    private UringCalls() {}

    private static MethodHandle syscall(FunctionDescriptor descriptor) {
        return syscall(descriptor, Linker.Option.firstVariadicArg(1), CallState.CAPTURE);
    }

    @SuppressWarnings("restricted") // the descriptors are those of the man pages
    private static MethodHandle syscall(FunctionDescriptor descriptor, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(Abi.syscall.address(), descriptor, options);
    }

    /**
     * io_uring_setup(2).
     *
     * @param params a struct io_uring_params, read and written by the kernel
     * @return the ring's descriptor, or a negative errno
     */
    public static int setup(int entries, MemorySegment params) {
        MemorySegment state = CallState.ofThread();
        try {
            long returned = (long) SETUP.invokeExact(state, SETUP_NUMBER, entries, params.address());
            return (int) CallState.result(returned, state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * io_uring_enter(2). An ordinary downcall, never a critical one: a thread that sleeps in the
     * kernel must not hold back a safepoint.
     *
     * @param callState the caller's own capture segment; the linker holds its arena open for the
     *     length of the call, so a ring can't be unmapped, nor its descriptor closed, beneath it
     * @return the number of entries submitted, or a negative errno
     */
    public static int enter(
            MemorySegment callState, int fd, int toSubmit, int minComplete, int flags, long argument, long size) {
        try {
            long returned = (long)
                    ENTER.invokeExact(callState, ENTER_NUMBER, fd, toSubmit, minComplete, flags, argument, size);
            return (int) CallState.result(returned, callState);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * As {@link #enter}, for a ring that no other thread can close: a little quicker, but it doesn't tell why it failed.
     *
     * @return the number of entries submitted, or -1
     */
    public static int enterBlindly(int fd, int toSubmit, int minComplete, int flags, long argument, long size) {
        try {
            return (int) (long)
                    ENTER_BLINDLY.invokeExact(ENTER_NUMBER, fd, toSubmit, minComplete, flags, argument, size);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * io_uring_register(2).
     *
     * @param argument the address of the opcode's argument, or 0
     * @return 0 or more, or a negative errno
     */
    public static int register(int fd, int opcode, long argument, int count) {
        MemorySegment state = CallState.ofThread();
        try {
            long returned = (long) REGISTER.invokeExact(state, REGISTER_NUMBER, fd, opcode, argument, count);
            return (int) CallState.result(returned, state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * io_uring_register(2) for a ring that another thread may close meanwhile.
     *
     * @param held memory of the ring's arena: the linker holds it open for the length of the call, so the
     *     ring's descriptor can't be closed, and its number given to another file, beneath it
     * @param argument the address of the opcode's argument, or 0
     * @return 0 or more, or a negative errno
     */
    public static int register(MemorySegment held, int fd, int opcode, long argument, int count) {
        MemorySegment state = CallState.ofThread();
        try {
            long returned =
                    (long) REGISTER_HOLDING.invokeExact(state, REGISTER_NUMBER, fd, opcode, argument, count, held);
            return (int) CallState.result(returned, state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** A downcall itself throws only what the runtime throws: an error, or an unchecked exception. */
    static RuntimeException unexpected(Throwable t) {
        if (t instanceof RuntimeException e) {
            return e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        return new IllegalStateException(t);
    }
}
