package io.uring4j;

import io.uring4j.abi.Abi;

/**
 * The registrations of io_uring, in the order of their numbers.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_register.2.html">io_uring_register(2)</a>
 */
public enum RegisterOpcode {
    /** Registers buffers. */
    REGISTER_BUFFERS(Abi.IORING_REGISTER_BUFFERS(), "5.1"),

    /** Lets go of the registered buffers. */
    UNREGISTER_BUFFERS(Abi.IORING_UNREGISTER_BUFFERS(), "5.1"),

    /** Registers files. */
    REGISTER_FILES(Abi.IORING_REGISTER_FILES(), "5.1"),

    /** Lets go of the registered files. */
    UNREGISTER_FILES(Abi.IORING_UNREGISTER_FILES(), "5.1"),

    /** Registers an eventfd that completions signal. */
    REGISTER_EVENTFD(Abi.IORING_REGISTER_EVENTFD(), "5.2"),

    /** Lets go of the eventfd. */
    UNREGISTER_EVENTFD(Abi.IORING_UNREGISTER_EVENTFD(), "5.2"),

    /** Replaces registered files. */
    REGISTER_FILES_UPDATE(Abi.IORING_REGISTER_FILES_UPDATE(), "5.5"),

    /** Registers an eventfd that only asynchronous completions signal. */
    REGISTER_EVENTFD_ASYNC(Abi.IORING_REGISTER_EVENTFD_ASYNC(), "5.6"),

    /** Asks which operations the kernel has. */
    REGISTER_PROBE(Abi.IORING_REGISTER_PROBE(), "5.6"),

    /** Registers the current credentials. */
    REGISTER_PERSONALITY(Abi.IORING_REGISTER_PERSONALITY(), "5.6"),

    /** Lets go of registered credentials. */
    UNREGISTER_PERSONALITY(Abi.IORING_UNREGISTER_PERSONALITY(), "5.6"),

    /** Limits what a disabled ring will allow. */
    REGISTER_RESTRICTIONS(Abi.IORING_REGISTER_RESTRICTIONS(), "5.10"),

    /** Enables a disabled ring. */
    REGISTER_ENABLE_RINGS(Abi.IORING_REGISTER_ENABLE_RINGS(), "5.10"),

    /** Registers files, with tags. */
    REGISTER_FILES2(Abi.IORING_REGISTER_FILES2(), "5.13"),

    /** Replaces registered files, with tags. */
    REGISTER_FILES_UPDATE2(Abi.IORING_REGISTER_FILES_UPDATE2(), "5.13"),

    /** Registers buffers, with tags. */
    REGISTER_BUFFERS2(Abi.IORING_REGISTER_BUFFERS2(), "5.13"),

    /** Replaces registered buffers, with tags. */
    REGISTER_BUFFERS_UPDATE(Abi.IORING_REGISTER_BUFFERS_UPDATE(), "5.13"),

    /** Binds the worker threads to CPUs. */
    REGISTER_IOWQ_AFF(Abi.IORING_REGISTER_IOWQ_AFF(), "5.14"),

    /** Lets the worker threads run anywhere. */
    UNREGISTER_IOWQ_AFF(Abi.IORING_UNREGISTER_IOWQ_AFF(), "5.14"),

    /** Limits the number of worker threads. */
    REGISTER_IOWQ_MAX_WORKERS(Abi.IORING_REGISTER_IOWQ_MAX_WORKERS(), "5.15"),

    /** Registers ring descriptors with the thread. */
    REGISTER_RING_FDS(Abi.IORING_REGISTER_RING_FDS(), "5.18"),

    /** Lets go of registered ring descriptors. */
    UNREGISTER_RING_FDS(Abi.IORING_UNREGISTER_RING_FDS(), "5.18"),

    /** Registers a ring of provided buffers. */
    REGISTER_PBUF_RING(Abi.IORING_REGISTER_PBUF_RING(), "5.19"),

    /** Lets go of a ring of provided buffers. */
    UNREGISTER_PBUF_RING(Abi.IORING_UNREGISTER_PBUF_RING(), "5.19"),

    /** Cancels requests, and waits until they have ended. */
    REGISTER_SYNC_CANCEL(Abi.IORING_REGISTER_SYNC_CANCEL(), "6.0"),

    /** Sets the slots that the kernel may choose for direct descriptors. */
    REGISTER_FILE_ALLOC_RANGE(Abi.IORING_REGISTER_FILE_ALLOC_RANGE(), "6.0"),

    /** Tells how far a buffer ring has been consumed. */
    REGISTER_PBUF_STATUS(Abi.IORING_REGISTER_PBUF_STATUS(), "6.8"),

    /** Sets busy polling of network devices. */
    REGISTER_NAPI(Abi.IORING_REGISTER_NAPI(), "6.9"),

    /** Ends busy polling of network devices. */
    UNREGISTER_NAPI(Abi.IORING_UNREGISTER_NAPI(), "6.9"),

    /** Chooses the clock of timed waits. */
    REGISTER_CLOCK(Abi.IORING_REGISTER_CLOCK(), "6.12"),

    /** Takes over another ring's registered buffers. */
    REGISTER_CLONE_BUFFERS(Abi.IORING_REGISTER_CLONE_BUFFERS(), "6.12"),

    /** Sends a message to a ring, without a ring of one's own. */
    REGISTER_SEND_MSG_RING(Abi.IORING_REGISTER_SEND_MSG_RING(), "6.13"),

    /** Registers a network queue for zero-copy receive. */
    REGISTER_ZCRX_IFQ(Abi.IORING_REGISTER_ZCRX_IFQ(), "6.15"),

    /** Changes the sizes of a ring's queues. */
    REGISTER_RESIZE_RINGS(Abi.IORING_REGISTER_RESIZE_RINGS(), "6.13"),

    /** Registers memory for the arguments of waits. */
    REGISTER_MEM_REGION(Abi.IORING_REGISTER_MEM_REGION(), "6.13"),

    /** Asks what the kernel supports. */
    REGISTER_QUERY(Abi.IORING_REGISTER_QUERY(), "6.18"),

    /** Controls a zero-copy receive queue. */
    REGISTER_ZCRX_CTRL(Abi.IORING_REGISTER_ZCRX_CTRL(), "6.19"),

    /** Registers a program that filters requests. */
    REGISTER_BPF_FILTER(Abi.IORING_REGISTER_BPF_FILTER(), "7.0");

    private final int code;
    private final KernelVersion since;

    RegisterOpcode(int code, String since) {
        this.code = code;
        this.since = KernelVersion.of(since);
    }

    /** {@return the number, as the kernel's header has it} */
    public int code() {
        return code;
    }

    /** {@return the first kernel that has it} */
    public KernelVersion since() {
        return since;
    }
}
