package io.uring4j.bench.row;

import io.uring4j.Capabilities;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.SetupFlag;
import io.uring4j.UringException;
import java.util.Map;
import java.util.Set;

/**
 * How a native program sets up its ring.
 *
 * @param flags the IORING_SETUP flags, 0 for liburing's own default
 * @param registered whether it registers the ring's descriptor
 */
record NativeSetup(int flags, boolean registered) {
    /** What a C programmer gets from {@code io_uring_queue_init(entries, ring, 0)}. */
    static final NativeSetup DEFAULT = new NativeSetup(0, false);

    /** The same set-up as {@link RingConfig#best} takes on this kernel. */
    static NativeSetup asBest() throws UringException {
        int bits = 0;
        Set<SetupFlag> flags;
        try (Ring ring = Ring.open(RingConfig.best(1))) {
            flags = ring.flags();
        }
        for (SetupFlag flag : flags) {
            bits |= flag.bit();
        }
        boolean registered = flags.contains(SetupFlag.SINGLE_ISSUER)
                && Capabilities.ofKernel().has(RegisterOpcode.REGISTER_RING_FDS);
        return new NativeSetup(bits, registered);
    }

    /** Adds itself to a program's arguments. */
    void putInto(Map<String, String> arguments) {
        arguments.put("flags", "0x" + Integer.toHexString(flags));
        arguments.put("register", registered ? "1" : "0");
    }
}
