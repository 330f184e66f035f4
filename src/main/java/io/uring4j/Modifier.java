package io.uring4j;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What operations learnt after they had come: flags, commands and kinds of argument that a kernel may lack although
 * it has the operation. The methods of {@link Sqe} that need one refuse it on such a kernel, where some kernels
 * would silently overlook it.
 *
 * <p>The kernel is asked by a trial that can have no effect. Where none would tell, something else answers that came
 * with the same kernel and that the kernel does tell of.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter(2)</a>
 */
public enum Modifier {
    /** {@link Sqe#timeoutUpdate}. */
    TIMEOUT_UPDATE("5.11", with(Feature.EXT_ARG)),

    /** {@link Sqe#pollMultishot}. */
    POLL_MULTISHOT("5.13", with(Feature.RSRC_TAGS)),

    /** {@link Sqe#pollUpdateEvents} and its relatives. */
    POLL_UPDATE("5.13", with(Feature.RSRC_TAGS)),

    /** A slot of the registered files for what is opened, accepted or made. */
    DIRECT_SLOT("5.15", with(Opcode.MKDIRAT)),

    /** {@link TimeoutFlags#BOOTTIME} and {@link TimeoutFlags#REALTIME}. */
    TIMEOUT_CLOCK("5.15", with(Opcode.MKDIRAT)),

    /** {@link Sqe#linkTimeoutUpdate}. */
    LINK_TIMEOUT_UPDATE("5.15", with(Opcode.MKDIRAT)),

    /** {@link TimeoutFlags#ETIME_SUCCESS}. */
    TIMEOUT_SUCCESS("5.16"),

    /** {@link DirectSlot#ALLOCATE}. */
    DIRECT_ALLOCATION("5.19", with(Opcode.SOCKET)),

    /** {@link Sqe#acceptMultishot}. */
    ACCEPT_MULTISHOT("5.19", with(Opcode.SOCKET)),

    /** {@link Sqe#pollFirst}. */
    POLL_FIRST("5.19", with(Opcode.SOCKET)),

    /** {@link CancelFlags#ALL}. */
    CANCEL_ALL("5.19"),

    /** {@link Sqe#cancelFd}. */
    CANCEL_FD("5.19"),

    /** {@link Sqe#cancelAny}. */
    CANCEL_ANY("5.19"),

    /** {@link CancelFlags#FIXED_FILE}. */
    CANCEL_FIXED_FILE("6.0"),

    /** {@link Sqe#recvMultishot} and {@link Sqe#recvmsgMultishot}. */
    RECV_MULTISHOT("6.0", with(Opcode.SEND_ZC)),

    /** {@link Sqe#destination} of an ordinary send. */
    SEND_ADDRESS("6.0", with(Opcode.SEND_ZC)),

    /** {@link Sqe#msgRingFd}. */
    MSG_RING_FD("6.0", with(Opcode.SEND_ZC)),

    /** {@link Sqe#commandBuffer}. */
    COMMAND_BUFFER("6.1", with(Opcode.SENDMSG_ZC)),

    /** {@link Sqe#reportUsage}. */
    REPORT_USAGE("6.2"),

    /** {@link Sqe#msgRingFlags}. */
    MSG_RING_FLAGS("6.3", with(Feature.REG_REG_RING)),

    /** {@link TimeoutFlags#MULTISHOT}. */
    TIMEOUT_MULTISHOT("6.4"),

    /** {@link Sqe#alsoMatching} and {@link CancelFlags#USER_DATA}. */
    CANCEL_USER_DATA("6.6", with(SetupFlag.NO_SQARRAY)),

    /** {@link Sqe#cancelOpcode}. */
    CANCEL_OPCODE("6.6", with(SetupFlag.NO_SQARRAY)),

    /** {@link Sqe#socketInputQueue}, {@link Sqe#getsockopt} and the like. */
    SOCKET_COMMANDS("6.7", with(Opcode.READ_MULTISHOT)),

    /** {@link Sqe#nopResult}. */
    NOP_RESULT("6.10", with(Feature.RECVSEND_BUNDLE)),

    /** {@link Sqe#bundle}. */
    BUNDLE("6.10", with(Feature.RECVSEND_BUNDLE)),

    /** {@link Sqe#acceptDontWait}. */
    ACCEPT_DONT_WAIT("6.10", with(Feature.RECVSEND_BUNDLE)),

    /** {@link Sqe#acceptPollFirst}. */
    ACCEPT_POLL_FIRST("6.10", with(Feature.RECVSEND_BUNDLE)),

    /** Lengths from 4 GiB on of {@link Sqe#fadvise} and {@link Sqe#madvise}. */
    LONG_ADVICE("6.11", with(Opcode.BIND)),

    /** {@link Sqe#nopFile} and {@link Sqe#nopFixedBuffer}. */
    NOP_RESOURCES("6.13", with(RegisterOpcode.REGISTER_RESIZE_RINGS)),

    /** {@link Sqe#protectionInformation}. */
    PROTECTION_INFORMATION("6.14", with(Feature.RW_ATTR)),

    /** {@link Sqe#fixedBuffer} of a zero-copy message. */
    SENDMSG_FIXED_BUFFER("6.15", with(Opcode.WRITEV_FIXED)),

    /** {@link Sqe#writeStream}. */
    WRITE_STREAM("6.16", with(Opcode.PIPE)),

    /** {@link Sqe#sendVectorized} and {@link Sqe#sendVectorizedZeroCopy}. */
    SEND_VECTORIZED("6.17"),

    /** {@link Sqe#receiveAtMost}. */
    RECV_LIMIT("6.17"),

    /** {@link Sqe#nopLater}. */
    NOP_LATER("6.17", with(SEND_VECTORIZED)),

    /** {@link Sqe#transmitTimestamps}. */
    TRANSMIT_TIMESTAMPS("6.17", with(SEND_VECTORIZED)),

    /** {@link Sqe#nopLargeCompletion}. */
    NOP_LARGE_COMPLETION("6.18", with(SetupFlag.CQE_MIXED)),

    /** {@link Sqe#commandMultishot}. */
    COMMAND_MULTISHOT("6.18", with(SetupFlag.CQE_MIXED)),

    /** {@link Sqe#getsockname}. */
    SOCKET_NAME("6.19", with(Opcode.NOP128)),

    /** {@link Sqe#timeoutNanos} and its relatives. */
    TIMEOUT_IN_ENTRY("7.1");

    private final KernelVersion since;
    private final Predicate<Capabilities> answer;

    /** One that a trial tells of. */
    Modifier(String since) {
        this(since, found -> false);
    }

    Modifier(String since, Predicate<Capabilities> answer) {
        this.since = KernelVersion.of(since);
        this.answer = answer;
    }

    private static Predicate<Capabilities> with(Opcode sibling) {
        return found -> found.has(sibling);
    }

    private static Predicate<Capabilities> with(RegisterOpcode sibling) {
        return found -> found.has(sibling);
    }

    private static Predicate<Capabilities> with(Feature sibling) {
        return found -> found.has(sibling);
    }

    private static Predicate<Capabilities> with(SetupFlag sibling) {
        return found -> found.has(sibling);
    }

    private static Predicate<Capabilities> with(Modifier sibling) {
        return found -> found.has(sibling);
    }

    /** Those that a kernel has whose trials found some, and which has what is known of it so far. */
    static Set<Modifier> of(Capabilities found, Set<Modifier> tried) {
        Capabilities withTried = found.with(tried);
        Set<Modifier> all = EnumSet.copyOf(tried.isEmpty() ? EnumSet.noneOf(Modifier.class) : tried);
        for (Modifier modifier : values()) {
            if (modifier.answer.test(withTried)) {
                all.add(modifier);
            }
        }
        return all;
    }

    /** {@return the first kernel that has it} */
    public KernelVersion since() {
        return since;
    }
}
