package io.uring4j.buffer;

import io.uring4j.UringException;
import io.uring4j.abi.Abi;
import io.uring4j.sys.Libc;

/** The limit on memory that a process may lock, which pinned buffers and the entries of buffer rings count against. */
final class MemlockLimit {
    private static final int BYTES_PER_KIB = 1024;

    private MemlockLimit() {}

    /** A refusal for want of memory that says what to raise. */
    static UringException explain(UringException refusal) {
        long limit = Libc.softLimit(Abi.RLIMIT_MEMLOCK());
        String allowed = limit == Long.MAX_VALUE ? "any amount" : limit / BYTES_PER_KIB + " KiB";
        return new UringException(
                refusal.call(),
                refusal.errno(),
                "Registered buffers and buffer rings count as locked memory, of which RLIMIT_MEMLOCK allows " + allowed
                        + ": raise it (ulimit -l, LimitMEMLOCK= of systemd, --ulimit memlock= of Docker), give the "
                        + "process CAP_IPC_LOCK, or register less");
    }
}
