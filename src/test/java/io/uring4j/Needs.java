package io.uring4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What tests need of the kernel: they are skipped where it is missing, which is the reason that they give. */
public final class Needs {
    private Needs() {}

    /** Skips the test when this kernel lacks an operation. */
    public static void kernelWith(Opcode opcode) {
        assumeTrue(
                capabilities().has(opcode),
                () -> "this kernel lacks IORING_OP_" + opcode + ", which needs Linux " + opcode.since());
    }

    /** Skips the test when this kernel lacks a registration. */
    public static void kernelWith(RegisterOpcode opcode) {
        assumeTrue(
                capabilities().has(opcode),
                () -> "this kernel lacks IORING_" + opcode + ", which needs Linux " + opcode.since());
    }

    /** Skips the test when this kernel lacks a modifier. */
    public static void kernelWith(Modifier modifier) {
        assumeTrue(
                capabilities().has(modifier),
                () -> "this kernel lacks " + modifier + " of operations, which needs Linux " + modifier.since());
    }

    /** Skips the test when this kernel lacks a feature. */
    public static void kernelWith(Feature feature) {
        assumeTrue(
                capabilities().has(feature),
                () -> "this kernel lacks IORING_FEAT_" + feature + ", which needs Linux " + feature.since());
    }

    /** Skips the test when this kernel lacks a modifier of entries. */
    public static void kernelWith(SqeFlag flag) {
        assumeTrue(
                capabilities().has(flag),
                () -> "this kernel lacks IOSQE_" + flag + ", which needs Linux " + flag.since());
    }

    /** Skips the test when this kernel lacks a setup flag. */
    public static void kernelWith(SetupFlag flag) {
        assumeTrue(
                capabilities().has(flag),
                () -> "this kernel lacks IORING_SETUP_" + flag + ", which needs Linux " + flag.since());
    }

    /** Skips the test when this kernel lacks a way to wait. */
    public static void kernelWith(EnterFlag flag) {
        assumeTrue(
                capabilities().has(flag),
                () -> "this kernel lacks IORING_ENTER_" + flag + ", which needs Linux " + flag.since());
    }

    /**
     * Skips the test when this kernel lacks something that can't be asked for, but came with an operation.
     *
     * @param what what is lacking
     * @param witness an operation of the same kernel, or of a later one
     */
    public static void kernelWith(String what, Opcode witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_OP_" + witness + " of Linux " + witness.since());
    }

    /** The same with a registration. */
    public static void kernelWith(String what, RegisterOpcode witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_" + witness + " of Linux " + witness.since());
    }

    /** The same with a setup flag. */
    public static void kernelWith(String what, SetupFlag witness) {
        assumeTrue(
                capabilities().has(witness),
                () -> "this kernel lacks " + what + ", as it lacks IORING_SETUP_" + witness + " of Linux " + witness.since());
    }

    static Capabilities capabilities() {
        try {
            return Capabilities.ofKernel();
        } catch (UringException e) {
            throw new AssertionError("these tests need io_uring", e);
        }
    }
}
