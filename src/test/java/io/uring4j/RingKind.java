package io.uring4j;

import java.util.function.UnaryOperator;

/**
 * The kinds of ring over which a behaviour is tested. A kind that this kernel lacks skips the test, with what is
 * missing as the reason.
 */
enum RingKind {
    PLAIN("plain", config -> config),
    DEFERRED(
            "SINGLE_ISSUER+DEFER_TASKRUN", config -> config.with(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN)),
    COOPERATIVE(
            "COOP_TASKRUN+TASKRUN_FLAG", config -> config.with(SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG)),
    /** Its thread sleeps soon, so that tests meet it both awake and asleep. */
    SUBMISSION_THREAD("SQPOLL", config -> config.submissionThread(5)),
    LARGE_ENTRIES("SQE128+CQE32", config -> config.with(SetupFlag.SQE128, SetupFlag.CQE32)),
    NO_ARRAY("NO_SQARRAY", config -> config.with(SetupFlag.NO_SQARRAY)),
    OWN_MEMORY("NO_MMAP", config -> config.with(SetupFlag.NO_MMAP)),
    MIXED_COMPLETIONS("CQE_MIXED", config -> config.with(SetupFlag.CQE_MIXED)),
    BEST("best", null);

    private final String title;
    private final UnaryOperator<RingConfig> change;

    RingKind(String title, UnaryOperator<RingConfig> change) {
        this.title = title;
        this.change = change;
    }

    /** A configuration of this kind; skips the test when this kernel lacks it. */
    RingConfig config(int submissionEntries) {
        if (change == null) {
            return RingConfig.best(submissionEntries);
        }
        RingConfig config = change.apply(RingConfig.plain(submissionEntries));
        for (SetupFlag flag : SetupFlag.values()) {
            if (config.has(flag)) {
                Needs.kernelWith(flag);
            }
        }
        return config;
    }

    /** Opens a ring of this kind; skips the test when this kernel lacks it. */
    Ring open(int submissionEntries) throws UringException {
        return Ring.open(config(submissionEntries));
    }

    /** Whether a kernel thread takes the entries, at a time of its own. */
    boolean hasSubmissionThread() {
        return this == SUBMISSION_THREAD;
    }

    /** Whether only the thread that opened the ring may use it. */
    boolean hasOwner() {
        return this == DEFERRED || this == BEST && Needs.capabilities().has(SetupFlag.SINGLE_ISSUER);
    }

    @Override
    public String toString() {
        return title;
    }
}
