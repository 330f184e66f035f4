package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * What a kernel's io_uring does in general, as io_uring_setup reports it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_setup.2.html">io_uring_setup(2)</a>
 */
public enum Feature {
    /** Both rings share one mapping. */
    SINGLE_MMAP(Abi.IORING_FEAT_SINGLE_MMAP(), "5.4"),

    /** A full completion queue drops nothing: the kernel keeps the rest. */
    NODROP(Abi.IORING_FEAT_NODROP(), "5.5"),

    /** What an entry points at, other than buffers, is read at submission. */
    SUBMIT_STABLE(Abi.IORING_FEAT_SUBMIT_STABLE(), "5.5"),

    /** An offset of -1 means the file's current position. */
    RW_CUR_POS(Abi.IORING_FEAT_RW_CUR_POS(), "5.6"),

    /** Requests run with the credentials of the submitter. */
    CUR_PERSONALITY(Abi.IORING_FEAT_CUR_PERSONALITY(), "5.6"),

    /** Pollable files wait without a worker thread. */
    FAST_POLL(Abi.IORING_FEAT_FAST_POLL(), "5.7"),

    /** Poll events have 32 bits. */
    POLL_32BITS(Abi.IORING_FEAT_POLL_32BITS(), "5.9"),

    /** A submission thread takes ordinary descriptors too. */
    SQPOLL_NONFIXED(Abi.IORING_FEAT_SQPOLL_NONFIXED(), "5.11"),

    /** Waits take a timeout of their own. */
    EXT_ARG(Abi.IORING_FEAT_EXT_ARG(), "5.11"),

    /** Worker threads are threads of the program. */
    NATIVE_WORKERS(Abi.IORING_FEAT_NATIVE_WORKERS(), "5.12"),

    /** Registered files and buffers take tags and updates. */
    RSRC_TAGS(Abi.IORING_FEAT_RSRC_TAGS(), "5.13"),

    /** An entry may ask for no completion when it succeeds. */
    CQE_SKIP(Abi.IORING_FEAT_CQE_SKIP(), "5.17"),

    /** A linked entry's descriptor is looked up when its turn comes. */
    LINKED_FILE(Abi.IORING_FEAT_LINKED_FILE(), "5.17"),

    /** Registration works through a registered ring descriptor. */
    REG_REG_RING(Abi.IORING_FEAT_REG_REG_RING(), "6.3"),

    /** Sends and receives take several provided buffers at once. */
    RECVSEND_BUNDLE(Abi.IORING_FEAT_RECVSEND_BUNDLE(), "6.10"),

    /** Waits take a minimum time for a batch to build up. */
    MIN_TIMEOUT(Abi.IORING_FEAT_MIN_TIMEOUT(), "6.12"),

    /** Reads and writes take attributes, such as protection information. */
    RW_ATTR(Abi.IORING_FEAT_RW_ATTR(), "6.14"),

    /** A wait may be left out of the I/O-wait accounting. */
    NO_IOWAIT(Abi.IORING_FEAT_NO_IOWAIT(), "6.15");

    private final int bit;
    private final KernelVersion since;

    Feature(int bit, String since) {
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
