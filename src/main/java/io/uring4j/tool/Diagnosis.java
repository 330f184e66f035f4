package io.uring4j.tool;

import io.uring4j.Capabilities;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the doctor found.
 *
 * @param verdict whether io_uring can be used
 * @param host what the machine says of itself
 * @param nativeAccess whether the JVM lets the library call the kernel
 * @param calls how the kernel answered the three system calls; empty when they couldn't be tried
 * @param capabilities what the kernel has, or null when it couldn't be asked
 * @param roundTrip how far a real ring came, or null when none was tried
 */
record Diagnosis(
        Verdict verdict,
        HostFacts host,
        NativeAccess nativeAccess,
        List<SystemCall> calls,
        @Nullable Capabilities capabilities,
        RoundTrip.@Nullable Result roundTrip) {}
