package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * What io_uring_enter can be asked for. The methods of {@link Ring} choose them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
 */
public enum EnterFlag {
    /** Run completion work, and wait for completions. */
    GETEVENTS(Abi.IORING_ENTER_GETEVENTS(), "5.1"),

    /** Wake the submission thread. */
    SQ_WAKEUP(Abi.IORING_ENTER_SQ_WAKEUP(), "5.1"),

    /** Wait until the submission thread has made room. */
    SQ_WAIT(Abi.IORING_ENTER_SQ_WAIT(), "5.10"),

    /** The argument holds a timeout and a signal mask. */
    EXT_ARG(Abi.IORING_ENTER_EXT_ARG(), "5.11"),

    /** The descriptor is an index of the registered ones. */
    REGISTERED_RING(Abi.IORING_ENTER_REGISTERED_RING(), "5.18"),

    /** The timeout is a point in time. */
    ABS_TIMER(Abi.IORING_ENTER_ABS_TIMER(), "6.12"),

    /** The argument lies in registered memory. */
    EXT_ARG_REG(Abi.IORING_ENTER_EXT_ARG_REG(), "6.13"),

    /** The wait doesn't count as I/O wait. */
    NO_IOWAIT(Abi.IORING_ENTER_NO_IOWAIT(), "6.15");

    private final int bit;
    private final KernelVersion since;

    EnterFlag(int bit, String since) {
        this.bit = bit;
        this.since = KernelVersion.of(since);
    }

    /** {@return the flag's bit, as the kernel's header has it} */
    public int bit() {
        return bit;
    }

    /** {@return the first kernel that has it} */
    public KernelVersion since() {
        return since;
    }
}
