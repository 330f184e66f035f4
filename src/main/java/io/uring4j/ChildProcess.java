package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * What {@link Sqe#waitid} waits for.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</a>
 */
public final class ChildProcess {
    /** Any child; the id is ignored. */
    public static final int ANY = Abi.P_ALL();

    /** The id is a process. */
    public static final int PROCESS = Abi.P_PID();

    /** The id is a process group. */
    public static final int GROUP = Abi.P_PGID();

    /** The id is a pidfd. */
    public static final int DESCRIPTOR = Abi.P_PIDFD();

    /** Option: children that have ended. */
    public static final int EXITED = Abi.WEXITED();

    /** Option: children that a signal has stopped. */
    public static final int STOPPED = Abi.WSTOPPED();

    /** Option: children that go on. */
    public static final int CONTINUED = Abi.WCONTINUED();

    /** Option: leave the child to be waited for again. */
    public static final int NO_REAP = Abi.WNOWAIT();

    /** The size of a siginfo_t in bytes. */
    public static final int SIGINFO_BYTES = 128;

    private ChildProcess() {}
}
