package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_bpf;
import io.uring4j.abi.io_uring_bpf_filter;
import io.uring4j.abi.sock_filter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A classic BPF program that decides which requests of an operation are allowed: it sees a struct
 * io_uring_bpf_ctx, and lets a request pass by returning 1. From Linux 7.0.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_register.2.html">io_uring_register(2)</a>
 */
public final class RequestFilter {
    private static final long INSTRUCTION_BYTES = sock_filter.layout().byteSize();

    private RequestFilter() {}

    /**
     * Registers a program for one operation.
     *
     * @param ring the ring whose requests are filtered
     * @param opcode the operation
     * @param program an array of struct sock_filter, which the kernel copies
     * @param denyRest whether operations that have no program are denied
     * @throws UringException with EINVAL if the program isn't valid, EACCES without the privilege
     * @throws IllegalArgumentException if the program is empty, on the heap, or not whole instructions
     */
    public static void register(Ring ring, Opcode opcode, MemorySegment program, boolean denyRest)
            throws UringException {
        long bytes = program.byteSize();
        if (!program.isNative() || bytes == 0 || bytes % INSTRUCTION_BYTES != 0) {
            throw new IllegalArgumentException("a program is a native array of instructions of " + INSTRUCTION_BYTES
                    + " bytes, not " + program);
        }
        ring.capabilities().require(RegisterOpcode.REGISTER_BPF_FILTER);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = io_uring_bpf.allocate(arena);
            io_uring_bpf.cmd_type(argument, (short) Abi.IO_URING_BPF_CMD_FILTER());
            MemorySegment filter = io_uring_bpf.filter(argument);
            io_uring_bpf_filter.opcode(filter, opcode.code());
            io_uring_bpf_filter.flags(filter, denyRest ? Abi.IO_URING_BPF_FILTER_DENY_REST() : 0);
            io_uring_bpf_filter.filter_len(filter, (int) (bytes / INSTRUCTION_BYTES));
            io_uring_bpf_filter.filter_ptr(filter, program.address());
            ring.register(RegisterOpcode.REGISTER_BPF_FILTER, argument, 1);
        }
    }
}
