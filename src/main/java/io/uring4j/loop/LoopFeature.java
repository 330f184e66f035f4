package io.uring4j.loop;

import io.uring4j.Capabilities;
import io.uring4j.Feature;
import io.uring4j.Modifier;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import io.uring4j.SetupFlag;
import java.util.function.Predicate;

/**
 * What a loop uses where the kernel has it, and does in another way where not. A {@link LoopConfig} can insist on one or
 * do without it; {@link EventLoop#describe} tells what was chosen. Without one, operations that are that feature, such as
 * {@link EventLoop#tick}, end with EOPNOTSUPP, as on a kernel that lacks it.
 */
public enum LoopFeature {
    /**
     * Completions wait for the loop's own calls (DEFER_TASKRUN); else they come in any call (COOP_TASKRUN), from Linux 5.19,
     * or interrupt the loop's thread. {@link EventLoop#describe} shows the ring's flags. From Linux 6.1.
     */
    DEFERRED_COMPLETIONS(
            "completions come in any call, or interrupt the thread, as the ring's flags say",
            found -> found.has(SetupFlag.DEFER_TASKRUN)),

    /** One accept brings many connections; else each connection arms the next accept. From Linux 5.19. */
    MULTISHOT_ACCEPT("one accept after the other", found -> found.has(Modifier.ACCEPT_MULTISHOT)),

    /**
     * One receive brings all that comes; else each receive arms the next, as it does on Unix-domain stream sockets in any
     * case: see {@link Receiver}. From Linux 6.0.
     */
    MULTISHOT_RECEIVE(
            "one receive after the other",
            "used, but on Unix-domain stream sockets",
            found -> found.has(Modifier.RECV_MULTISHOT)),

    /**
     * A multishot receive brings several buffers with one completion, if {@link Receiver.Options} ask for that; else one.
     * Needs {@link #BUFFER_RING}. From Linux 6.10.
     */
    BUNDLES("one buffer for each completion", found -> found.has(Modifier.BUNDLE)),

    /** One read of a pipe or the like brings all that comes; else each read arms the next. From Linux 6.7. */
    MULTISHOT_READ("one read after the other", found -> found.has(Opcode.READ_MULTISHOT)),

    /** The network takes bytes from the program's memory; else they are copied. From Linux 6.0. */
    ZERO_COPY_SEND("an ordinary send", found -> found.has(Opcode.SEND_ZC)),

    /** One poll reports again and again; else each report arms the next. From Linux 5.13. */
    MULTISHOT_POLL("one poll after the other", found -> found.has(Modifier.POLL_MULTISHOT)),

    /** One timeout fires again and again; else each arms the next, for a point in time. From Linux 6.4. */
    MULTISHOT_TIMER("one timeout after the other", found -> found.has(Modifier.TIMEOUT_MULTISHOT)),

    /** Provided buffers go through a ring; else through entries. From Linux 5.19. */
    BUFFER_RING("provided buffers by entries", found -> found.has(RegisterOpcode.REGISTER_PBUF_RING)),

    /** Other threads wake the loop by a message to its ring; else by an eventfd that it polls. From Linux 6.13. */
    MESSAGE_WAKE_UP("an eventfd", found -> found.has(RegisterOpcode.REGISTER_SEND_MSG_RING)),

    /**
     * Values and descriptors pass from this loop to others as completions; else to send one ends with EOPNOTSUPP. From
     * Linux 5.18.
     */
    RING_MESSAGES("none: messages to other loops are refused", found -> found.has(Opcode.MSG_RING)),

    /** Waits have a timeout of their own; else the ring's descriptor is polled. From Linux 5.11. */
    TIMED_WAIT("poll of the ring's descriptor", found -> found.has(Feature.EXT_ARG)),

    /** At the end all requests are cancelled at once; else one by one. From Linux 5.19. */
    CANCEL_ALL("one by one", found -> found.has(Modifier.CANCEL_ANY));

    private static final String USED = "used";

    private final String fallback;
    private final String use;
    private final Predicate<Capabilities> answer;

    LoopFeature(String fallback, Predicate<Capabilities> answer) {
        this(fallback, USED, answer);
    }

    LoopFeature(String fallback, String use, Predicate<Capabilities> answer) {
        this.fallback = fallback;
        this.use = use;
        this.answer = answer;
    }

    /** {@return what the loop does without it} */
    public String fallback() {
        return fallback;
    }

    /** What a loop that uses it says of that. */
    String use() {
        return use;
    }

    boolean isIn(Capabilities capabilities) {
        return answer.test(capabilities);
    }
}
