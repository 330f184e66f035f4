package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_restriction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What a ring will allow, so that it can be handed to code that is trusted less. They are applied to
 * a ring that was opened with R_DISABLED, before it is enabled, and can't be changed; all that isn't
 * allowed ends with EACCES. From Linux 5.10.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_register_restrictions.3.html">io_uring_register_restrictions(3)</a>
 */
public final class Restrictions {
    private record Rule(int kind, int value) {}

    private final List<Rule> rules;

    private Restrictions(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** {@return restrictions that allow nothing} */
    public static Restrictions allowNothing() {
        return new Restrictions(List.of());
    }

    private Restrictions and(int kind, int value) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(kind, value));
        return new Restrictions(more);
    }

    /**
     * Allows an operation.
     *
     * @param opcode the operation
     * @return changed restrictions
     */
    public Restrictions allow(Opcode opcode) {
        return and(Abi.IORING_RESTRICTION_SQE_OP(), opcode.code());
    }

    /**
     * Allows a registration.
     *
     * @param opcode the registration
     * @return changed restrictions
     */
    public Restrictions allow(RegisterOpcode opcode) {
        return and(Abi.IORING_RESTRICTION_REGISTER_OP(), opcode.code());
    }

    /**
     * Allows modifiers of entries.
     *
     * @param flags the modifiers, all of them at once
     * @return changed restrictions
     */
    public Restrictions allowFlags(SqeFlag... flags) {
        return and(Abi.IORING_RESTRICTION_SQE_FLAGS_ALLOWED(), bits(flags));
    }

    /**
     * Demands that every entry carries modifiers.
     *
     * @param flags the modifiers, all of them at once
     * @return changed restrictions
     */
    public Restrictions requireFlags(SqeFlag... flags) {
        return and(Abi.IORING_RESTRICTION_SQE_FLAGS_REQUIRED(), bits(flags));
    }

    private static int bits(SqeFlag... flags) {
        int bits = 0;
        for (SqeFlag flag : flags) {
            bits |= flag.bit();
        }
        return bits;
    }

    /**
     * Applies the restrictions.
     *
     * @param ring a ring that isn't enabled yet
     * @throws UringException with EBADFD if the ring is enabled, EBUSY if it has restrictions already
     */
    public void apply(Ring ring) throws UringException {
        long size = io_uring_restriction.layout().byteSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocate(io_uring_restriction.layout(), Math.max(1, rules.size()));
            for (int i = 0; i < rules.size(); i++) {
                MemorySegment entry = array.asSlice(i * size, size);
                io_uring_restriction.opcode(entry, (short) rules.get(i).kind());
                io_uring_restriction.sqe_op(entry, (byte) rules.get(i).value());
            }
            ring.register(RegisterOpcode.REGISTER_RESTRICTIONS, array, rules.size());
        }
    }
}
