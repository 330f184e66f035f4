package io.uring4j.tool;

import io.uring4j.abi.Abi;
import io.uring4j.abi.sock_filter;
import io.uring4j.abi.sock_fprog;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Runs the command line under a real seccomp filter, as a container engine sets one: the system calls
 * that are named by the first argument, separated by commas, are answered with the errno that is the
 * second.
 */
final class UnderSeccomp {
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long ALL_THREADS = 1;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int ERRNO = 0x00050000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG),
            Linker.Option.firstVariadicArg(1));

    private UnderSeccomp() {}

    public static void main(String[] arguments) throws Throwable {
        forbid(arguments[0].split(","), Integer.parseInt(arguments[1]));
        Main.main(new String[] {"doctor", "--json"});
    }

    private static void forbid(String[] calls, int errno) throws Throwable {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = sock_filter.allocateArray(2L + 2L * calls.length, arena);
            int length = 0;
            put(program, length++, LOAD_WORD, 0, 0); // the call's number
            for (String call : calls) {
                put(program, length++, JUMP_IF_EQUAL, 1, numberOf(call));
                put(program, length++, RETURN, 0, ERRNO | errno);
            }
            put(program, length++, RETURN, 0, ALLOW);
            MemorySegment filter = sock_fprog.allocate(arena);
            sock_fprog.len(filter, (short) length);
            sock_fprog.filter(filter, program);
            require(call(arm ? 167 : 157, PR_SET_NO_NEW_PRIVS, 1, 0));
            require(call(arm ? 277 : 317, SECCOMP_SET_MODE_FILTER, ALL_THREADS, filter.address()));
        }
    }

    /** Where it isn't equal, the jump skips the answer. */
    private static void put(MemorySegment program, int index, int code, int skipUnlessEqual, int operand) {
        MemorySegment instruction = sock_filter.asSlice(program, index);
        sock_filter.code(instruction, (short) code);
        sock_filter.jf(instruction, (byte) skipUnlessEqual);
        sock_filter.k(instruction, operand);
    }

    private static int numberOf(String call) {
        return switch (call) {
            case "setup" -> Abi.__NR_io_uring_setup();
            case "enter" -> Abi.__NR_io_uring_enter();
            case "register" -> Abi.__NR_io_uring_register();
            default -> throw new IllegalArgumentException(call);
        };
    }

    private static long call(long number, long first, long second, long third) throws Throwable {
        return (long) SYSCALL.invokeExact(number, first, second, third, 0L, 0L);
    }

    private static void require(long result) {
        if (result != 0) {
            throw new AssertionError("the filter was refused: " + result);
        }
    }
}
