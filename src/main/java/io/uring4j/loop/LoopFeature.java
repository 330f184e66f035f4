package io.uring4j.loop;

import io.uring4j.Capabilities;
import io.uring4j.Feature;
import io.uring4j.Modifier;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import java.util.function.Predicate;

/**
 * What a loop uses where the kernel has it, and does in another way where not. A {@link LoopConfig} can insist on one or
 * do without it; {@link EventLoop#describe} tells what was chosen.
 */
public enum LoopFeature {
    /** One accept brings many connections; else each connection arms the next accept. From Linux 5.19. */
    MULTISHOT_ACCEPT("one accept after the other", found -> found.has(Modifier.ACCEPT_MULTISHOT)),

    /** One receive brings all that comes; else each receive arms the next. From Linux 6.0. */
    MULTISHOT_RECEIVE("one receive after the other", found -> found.has(Modifier.RECV_MULTISHOT)),

    /** One poll reports again and again; else each report arms the next. From Linux 5.13. */
    MULTISHOT_POLL("one poll after the other", found -> found.has(Modifier.POLL_MULTISHOT)),

    /** One timeout fires again and again; else each arms the next, for a point in time. From Linux 6.4. */
    MULTISHOT_TIMER("one timeout after the other", found -> found.has(Modifier.TIMEOUT_MULTISHOT)),

    /** Provided buffers go through a ring; else through entries. From Linux 5.19. */
    BUFFER_RING("provided buffers by entries", found -> found.has(RegisterOpcode.REGISTER_PBUF_RING)),

    /** Other threads wake the loop by a message to its ring; else by an eventfd that it polls. From Linux 6.13. */
    MESSAGE_WAKE_UP("an eventfd", found -> found.has(RegisterOpcode.REGISTER_SEND_MSG_RING)),

    /** Descriptors and values pass between loops as completions; else they can't. From Linux 5.18. */
    RING_MESSAGES("none", found -> found.has(Opcode.MSG_RING)),

    /** Waits have a timeout of their own; else the ring's descriptor is polled. From Linux 5.11. */
    TIMED_WAIT("poll of the ring's descriptor", found -> found.has(Feature.EXT_ARG)),

    /** At the end all requests are cancelled at once; else one by one. From Linux 5.19. */
    CANCEL_ALL("one by one", found -> found.has(Modifier.CANCEL_ANY));

    private final String fallback;
    private final Predicate<Capabilities> answer;

    LoopFeature(String fallback, Predicate<Capabilities> answer) {
        this.fallback = fallback;
        this.answer = answer;
    }

    /** {@return what the loop does without it} */
    public String fallback() {
        return fallback;
    }

    boolean isIn(Capabilities capabilities) {
        return answer.test(capabilities);
    }
}
