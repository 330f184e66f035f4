package io.uring4j;

/**
 * Operations by their number, as a bit each: so that the question whether an entry can hold an operation, which is
 * asked for every entry, costs a load and a test.
 *
 * @param low the numbers 0 to 63
 * @param high the numbers 64 to 127
 */
record OpcodeSet(long low, long high) {
    static final OpcodeSet NONE = new OpcodeSet(0, 0);

    /** The operations that need an entry of 128 bytes. */
    static final OpcodeSet LARGE = NONE.with(Opcode.NOP128).with(Opcode.URING_CMD128);

    OpcodeSet with(Opcode opcode) {
        long bit = 1L << opcode.code();
        return opcode.code() < Long.SIZE ? new OpcodeSet(low | bit, high) : new OpcodeSet(low, high | bit);
    }

    OpcodeSet and(OpcodeSet other) {
        return new OpcodeSet(low & other.low, high & other.high);
    }

    OpcodeSet without(OpcodeSet other) {
        return and(new OpcodeSet(~other.low, ~other.high));
    }

    boolean has(int opcode) {
        return has(opcode, low, high);
    }

    /** The same question to a set that somebody keeps by its halves. */
    static boolean has(int opcode, long low, long high) {
        return opcode >= 0
                && opcode < 2 * Long.SIZE
                && ((opcode < Long.SIZE ? low : high) >>> opcode & 1) != 0;
    }
}
