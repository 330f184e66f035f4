package io.uring4j;

import io.uring4j.sys.NativeAccess;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the running kernel's io_uring has. The kernel itself is asked, never its version: by
 * {@code IORING_REGISTER_QUERY} where it has that (from Linux 6.18), else by its probe, its feature
 * bits, and trials that change nothing. Asked once per process;
 * a refusal is not remembered.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/io_uring_register.2.html">io_uring_register(2)</a>
 */
public final class Capabilities {
    private static volatile @Nullable Capabilities ofKernel;

    private final Set<Opcode> opcodes;
    private final Set<RegisterOpcode> registerOpcodes;
    private final Set<SetupFlag> setupFlags;
    private final Set<Feature> features;
    private final Set<EnterFlag> enterFlags;
    private final Set<SqeFlag> sqeFlags;
    private final Set<Modifier> modifiers;
    private final Source source;
    private final OpcodeSet opcodeSet;

    /** The same as bits, because entries ask for them. */
    private final int sqeFlagBits;

    private final long modifierBits;

    /** How the kernel was asked. */
    public enum Source {
        /** By IORING_REGISTER_QUERY. */
        QUERY,

        /** By IORING_REGISTER_PROBE, the feature bits, and trials. */
        PROBE
    }

    Capabilities(
            Set<Opcode> opcodes,
            Set<RegisterOpcode> registerOpcodes,
            Set<SetupFlag> setupFlags,
            Set<Feature> features,
            Set<EnterFlag> enterFlags,
            Set<SqeFlag> sqeFlags,
            Set<Modifier> modifiers,
            Source source) {
        this.opcodes = Collections.unmodifiableSet(opcodes);
        this.registerOpcodes = Collections.unmodifiableSet(registerOpcodes);
        this.setupFlags = Collections.unmodifiableSet(setupFlags);
        this.features = Collections.unmodifiableSet(features);
        this.enterFlags = Collections.unmodifiableSet(enterFlags);
        this.sqeFlags = Collections.unmodifiableSet(sqeFlags);
        this.modifiers = Collections.unmodifiableSet(modifiers);
        this.source = source;
        OpcodeSet known = OpcodeSet.NONE;
        for (Opcode opcode : opcodes) {
            known = known.with(opcode);
        }
        this.opcodeSet = known;
        this.sqeFlagBits = sqeFlags.stream().mapToInt(SqeFlag::bit).sum();
        this.modifierBits = modifiers.stream().mapToLong(Capabilities::bit).sum();
    }

    /** The same, with these modifiers. */
    Capabilities with(Set<Modifier> others) {
        return new Capabilities(
                opcodes, registerOpcodes, setupFlags, features, enterFlags, sqeFlags, others, source);
    }

    /** The same, as on a kernel without this feature. */
    Capabilities without(Feature feature) {
        EnumSet<Feature> others = EnumSet.copyOf(features);
        others.remove(feature);
        return new Capabilities(
                opcodes, registerOpcodes, setupFlags, others, enterFlags, sqeFlags, modifiers, source);
    }

    /**
     * What the running kernel has.
     *
     * @return its capabilities
     * @throws UringException if io_uring can't be used; the message says why and what to do
     * @throws IllegalCallerException if the JVM denies native access; the message names the option
     */
    public static Capabilities ofKernel() throws UringException {
        Capabilities found = ofKernel;
        if (found == null) {
            NativeAccess.require();
            // A refusal isn't kept: a want of descriptors or memory passes. Two threads may ask at once.
            found = CapabilityProbe.ask();
            ofKernel = found;
        }
        return found;
    }

    /** {@return whether io_uring can be used here} */
    public static boolean isAvailable() {
        return unavailabilityReason() == null;
    }

    /** {@return why io_uring can't be used here, or null when it can} */
    public static @Nullable UringException unavailabilityReason() {
        try {
            ofKernel();
            return null;
        } catch (UringException e) {
            return e;
        }
    }

    /**
     * Tells whether the kernel has an operation.
     *
     * @param opcode the operation
     * @return whether a ring can run it
     */
    public boolean has(Opcode opcode) {
        return opcodes.contains(opcode);
    }

    /**
     * Tells whether the kernel has a registration.
     *
     * @param opcode the registration
     * @return whether a ring can make it
     */
    public boolean has(RegisterOpcode opcode) {
        return registerOpcodes.contains(opcode);
    }

    /**
     * Tells whether the kernel has a setup flag.
     *
     * @param flag the flag
     * @return whether a ring can be set up with it
     */
    public boolean has(SetupFlag flag) {
        return setupFlags.contains(flag);
    }

    /**
     * Tells whether the kernel has a feature.
     *
     * @param feature the feature
     * @return whether it is there
     */
    public boolean has(Feature feature) {
        return features.contains(feature);
    }

    /**
     * Tells whether the kernel has a flag of io_uring_enter.
     *
     * @param flag the flag
     * @return whether it can be used
     */
    public boolean has(EnterFlag flag) {
        return enterFlags.contains(flag);
    }

    /**
     * Tells whether the kernel has a flag of submission entries.
     *
     * @param flag the flag
     * @return whether an entry can carry it
     */
    public boolean has(SqeFlag flag) {
        return (sqeFlagBits & flag.bit()) != 0;
    }

    /**
     * Tells whether the kernel has a modifier of operations.
     *
     * @param modifier the modifier
     * @return whether an entry can carry it
     */
    public boolean has(Modifier modifier) {
        return (modifierBits & bit(modifier)) != 0;
    }

    private static long bit(Modifier modifier) {
        return 1L << modifier.ordinal();
    }

    /** {@return the setup flags that the kernel has} */
    public Set<SetupFlag> setupFlags() {
        return setupFlags;
    }

    /** {@return how the kernel was asked} */
    public Source source() {
        return source;
    }

    /** Indexed by an opcode's number. */
    OpcodeSet opcodeSet() {
        return opcodeSet;
    }

    /**
     * Refuses a registration that the kernel lacks, before it is tried.
     *
     * @param opcode the registration
     * @throws UnsupportedOperationException if the kernel lacks it
     */
    public void require(RegisterOpcode opcode) {
        if (!has(opcode)) {
            throw new UnsupportedOperationException(
                    "this kernel lacks IORING_" + opcode + ", which needs Linux " + opcode.since());
        }
    }

    /** {@return all that the kernel has, in one text} */
    @Override
    public String toString() {
        return "Capabilities[source=" + source + ", setupFlags=" + setupFlags + ", features=" + features + ", opcodes="
                + opcodes + ", registerOpcodes=" + registerOpcodes + ", enterFlags=" + enterFlags + ", sqeFlags="
                + sqeFlags + ", modifiers=" + modifiers + "]";
    }
}
