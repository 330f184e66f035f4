package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * What io_uring_setup can be asked for. {@link RingConfig} sets them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_setup.2.html">io_uring_setup(2)</a>
 */
public enum SetupFlag {
    /** Completions are found by polling the device, for files opened with O_DIRECT. */
    IOPOLL(Abi.IORING_SETUP_IOPOLL(), "5.1"),

    /** A kernel thread takes entries from the queue, so that submitting needs no system call. */
    SQPOLL(Abi.IORING_SETUP_SQPOLL(), "5.1"),

    /** The submission thread is bound to one CPU. */
    SQ_AFF(Abi.IORING_SETUP_SQ_AFF(), "5.1"),

    /** The size of the completion queue is given. */
    CQSIZE(Abi.IORING_SETUP_CQSIZE(), "5.5"),

    /** Sizes above the kernel's limits are cut down to them, not refused. */
    CLAMP(Abi.IORING_SETUP_CLAMP(), "5.6"),

    /** The worker threads of another ring are shared. */
    ATTACH_WQ(Abi.IORING_SETUP_ATTACH_WQ(), "5.6"),

    /** The ring starts disabled, until {@link Ring#enable()}. */
    R_DISABLED(Abi.IORING_SETUP_R_DISABLED(), "5.10"),

    /** An entry that fails at once doesn't stop the entries behind it. */
    SUBMIT_ALL(Abi.IORING_SETUP_SUBMIT_ALL(), "5.18"),

    /** Completion work waits for the submitter's next system call, without an interrupt. */
    COOP_TASKRUN(Abi.IORING_SETUP_COOP_TASKRUN(), "5.19"),

    /** The ring tells when completion work waits for a system call. */
    TASKRUN_FLAG(Abi.IORING_SETUP_TASKRUN_FLAG(), "5.19"),

    /** Submission entries have 128 bytes. */
    SQE128(Abi.IORING_SETUP_SQE128(), "5.19"),

    /** Completion entries have 32 bytes. */
    CQE32(Abi.IORING_SETUP_CQE32(), "5.19"),

    /** One thread submits, and the kernel saves the locking of it. */
    SINGLE_ISSUER(Abi.IORING_SETUP_SINGLE_ISSUER(), "6.0"),

    /** Completion work runs only when the owner asks for completions. Needs SINGLE_ISSUER. */
    DEFER_TASKRUN(Abi.IORING_SETUP_DEFER_TASKRUN(), "6.1"),

    /** The rings lie in memory of the program. */
    NO_MMAP(Abi.IORING_SETUP_NO_MMAP(), "6.5"),

    /** The ring has no descriptor, only an index of the registered ones. Needs NO_MMAP. */
    REGISTERED_FD_ONLY(Abi.IORING_SETUP_REGISTERED_FD_ONLY(), "6.5"),

    /** The submission queue has no index array between ring and entries. */
    NO_SQARRAY(Abi.IORING_SETUP_NO_SQARRAY(), "6.6"),

    /** Polling sleeps for part of the expected time first. Needs IOPOLL. */
    HYBRID_IOPOLL(Abi.IORING_SETUP_HYBRID_IOPOLL(), "6.13"),

    /** Completion entries of 16 and of 32 bytes share the ring. */
    CQE_MIXED(Abi.IORING_SETUP_CQE_MIXED(), "6.18"),

    /** Submission entries of 64 and of 128 bytes share the ring. */
    SQE_MIXED(Abi.IORING_SETUP_SQE_MIXED(), "6.19"),

    /** Each submission starts at the first entry. Needs NO_SQARRAY. */
    SQ_REWIND(Abi.IORING_SETUP_SQ_REWIND(), "7.0");

    private final int bit;
    private final KernelVersion since;

    SetupFlag(int bit, String since) {
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
