package io.uring4j;

import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.CallState;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel for modifiers by requests that can have no effect: timeouts of no time, cancellations on a ring
 * without requests, transfers on no descriptor. A kernel looks at the modifiers of a request first of all, and
 * answers EINVAL to one that it doesn't know. Kernels before 5.19 look for the descriptor first: what is tried
 * on one came later. Further keys of cancellations can't be asked for like this: kernels from 6.1 on overlook those
 * that they don't know.
 */
final class ModifierTrials {
    private static final int NO_DESCRIPTOR = -1;
    private static final int NO_GROUP = 0;

    private final int fd;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final MemorySegment callState;
    private final Map<Modifier, Consumer<Sqe>> trials = new EnumMap<>(Modifier.class);

    private ModifierTrials(int fd, MemorySegment params, RingMemory memory, Capabilities found, Arena arena) {
        this.fd = fd;
        // As if all were there, since the entries would refuse what is to be tried.
        this.submissions = new SubmissionQueue(params, memory, found.with(EnumSet.allOf(Modifier.class)));
        this.completions = new CompletionQueue(params, memory, new RingOwner());
        this.callState = CallState.allocate(arena);
        MemorySegment noTime = Timespec.of(arena, Duration.ZERO);
        MemorySegment parts = Iovec.of(arena, noTime);
        trials.put(Modifier.TIMEOUT_SUCCESS, entry -> entry.timeout(noTime, 0, TimeoutFlags.ETIME_SUCCESS));
        trials.put(Modifier.TIMEOUT_MULTISHOT, entry -> entry.timeout(noTime, 1, TimeoutFlags.MULTISHOT));
        trials.put(Modifier.TIMEOUT_IN_ENTRY, entry -> entry.timeoutNanos(0, 0, 0));
        trials.put(Modifier.CANCEL_ALL, entry -> entry.cancel(0, CancelFlags.ALL));
        trials.put(Modifier.CANCEL_FD, entry -> entry.cancelFd(NO_DESCRIPTOR, 0));
        trials.put(Modifier.CANCEL_ANY, entry -> entry.cancelAny(0));
        trials.put(Modifier.CANCEL_FIXED_FILE, entry -> entry.cancelFd(0, CancelFlags.FIXED_FILE));
        if (found.has(Opcode.SEND_ZC)) {
            trials.put(Modifier.REPORT_USAGE, entry -> entry.sendZeroCopy(NO_DESCRIPTOR, noTime, 1, 0).reportUsage());
            trials.put(
                    Modifier.RECV_LIMIT, entry -> entry.recvMultishot(NO_DESCRIPTOR, 0, NO_GROUP).receiveAtMost(1, 1));
            trials.put(Modifier.SEND_VECTORIZED, entry -> entry.sendVectorized(NO_DESCRIPTOR, parts, 1, 0));
        }
    }

    /**
     * Tries all.
     *
     * @param fd a ring that is used for nothing else
     * @param params what its setup returned
     */
    static Set<Modifier> run(int fd, MemorySegment params, Capabilities found, Arena arena) throws UringException {
        RingMemory memory = RingMemory.map(fd, params);
        try {
            return new ModifierTrials(fd, params, memory, found, arena).run();
        } finally {
            memory.retire();
        }
    }

    private Set<Modifier> run() {
        Set<Modifier> known = EnumSet.noneOf(Modifier.class);
        for (Map.Entry<Modifier, Consumer<Sqe>> trial : trials.entrySet()) {
            Integer answer = answer(trial.getKey(), trial.getValue());
            if (answer == null) {
                return EnumSet.copyOf(trials.keySet());
            }
            if (!Errno.EINVAL.is(answer)) {
                known.add(trial.getKey());
            }
        }
        return known;
    }

    /** Null when calls are refused, as by a seccomp profile: then the kernel shall answer when it comes to it. */
    private @Nullable Integer answer(Modifier modifier, Consumer<Sqe> trial) {
        trial.accept(submissions.next().userData(modifier.ordinal()));
        for (int pending = submissions.publish(); ; pending = submissions.publish()) {
            int result = UringCalls.enter(callState, fd, pending, 1, EnterFlag.GETEVENTS.bit(), 0, 0);
            if (result < 0 && !Errno.EINTR.is(result)) {
                return null;
            }
            submissions.taken(Math.max(0, result));
            while (completions.next()) {
                // Not the notification of an earlier send.
                if (completions.userData() == modifier.ordinal()) {
                    int answer = completions.result();
                    completions.release();
                    return answer;
                }
            }
        }
    }
}
