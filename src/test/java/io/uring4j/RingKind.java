package io.uring4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
                requireCapability(flag);
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
        return this == DEFERRED || this == BEST && capabilities().has(SetupFlag.SINGLE_ISSUER);
    }

    private static void requireCapability(SetupFlag flag) {
        assumeTrue(
                capabilities().has(flag),
                () -> "this kernel lacks IORING_SETUP_" + flag + ", which needs Linux " + flag.since());
    }

    /** Skips the test when this kernel lacks an operation. */
    static void require(Opcode opcode) {
        assumeTrue(
                capabilities().has(opcode),
                () -> "this kernel lacks IORING_OP_" + opcode + ", which needs Linux " + opcode.since());
    }

    /** Skips the test when this kernel lacks a registration. */
    static void require(RegisterOpcode opcode) {
        assumeTrue(
                capabilities().has(opcode),
                () -> "this kernel lacks IORING_" + opcode + ", which needs Linux " + opcode.since());
    }

    /** Skips the test when this kernel lacks a modifier. */
    static void require(Modifier modifier) {
        assumeTrue(
                capabilities().has(modifier),
                () -> "this kernel lacks " + modifier + " of operations, which needs Linux " + modifier.since());
    }

    /** Skips the test when this kernel lacks a feature. */
    static void require(Feature feature) {
        assumeTrue(
                capabilities().has(feature),
                () -> "this kernel lacks IORING_FEAT_" + feature + ", which needs Linux " + feature.since());
    }

    /** Skips the test when this kernel lacks a modifier of entries. */
    static void require(SqeFlag flag) {
        assumeTrue(
                capabilities().has(flag),
                () -> "this kernel lacks IOSQE_" + flag + ", which needs Linux " + flag.since());
    }

    /** Skips the test when this kernel lacks a setup flag. */
    static void require(SetupFlag flag) {
        requireCapability(flag);
    }

    /**
     * Skips the test when this kernel lacks something that can't be asked for, but came with an operation.
     *
     * @param what what is lacking
     * @param witness an operation of the same kernel, or of a later one
     */
    static void require(String what, Opcode witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_OP_" + witness + " of Linux " + witness.since());
    }

    /** The same with a registration. */
    static void require(String what, RegisterOpcode witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_" + witness + " of Linux " + witness.since());
    }

    /** The same with a setup flag. */
    static void require(String what, SetupFlag witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_SETUP_" + witness + " of Linux " + witness.since());
    }

    private static Capabilities capabilities() {
        try {
            return Capabilities.ofKernel();
        } catch (UringException e) {
            throw new AssertionError("these tests need io_uring", e);
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
