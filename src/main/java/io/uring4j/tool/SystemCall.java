package io.uring4j.tool;

import io.uring4j.Errno;
import io.uring4j.RegisterOpcode;
import io.uring4j.sys.CallState;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One of the three system calls, tried with arguments that a kernel refuses without doing anything. A
 * refusal of the arguments (EFAULT, EBADF, EINVAL) shows that the call gets through; ENOSYS, EPERM or
 * EACCES, that something stands in front. Of the kernel's own checks only io_uring_setup's sysctl
 * answers EPERM here, so that from the other two calls it tells of a seccomp profile.
 *
 * @param name as its man page names it
 * @param answer the errno, negative
 */
record SystemCall(String name, int answer) {
    private static final int NO_RING = -1;

    static List<SystemCall> tryAll() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CallState.allocate(arena);
            return List.of(
                    new SystemCall("io_uring_setup", UringCalls.setup(1, MemorySegment.NULL)),
                    new SystemCall("io_uring_enter", UringCalls.enter(state, NO_RING, 0, 0, 0, 0, 0)),
                    new SystemCall(
                            "io_uring_register",
                            UringCalls.register(NO_RING, RegisterOpcode.REGISTER_PROBE.code(), 0, 0)));
        }
    }

    boolean getsThrough() {
        return !Errno.ENOSYS.is(answer) && !Errno.EPERM.is(answer) && !Errno.EACCES.is(answer);
    }

    String answerName() {
        return Errno.nameOf(answer);
    }
}
