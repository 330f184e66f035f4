package io.uring4j.tool;

import io.uring4j.Capabilities;
import io.uring4j.UringException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds out whether io_uring can be used here, and why not. */
final class Doctor {
    private static final String ALLOW_CALLS = "A seccomp profile blocks a part of io_uring: allow the system calls "
            + "io_uring_setup, io_uring_enter and io_uring_register in it, all three";

    private final HostFacts host;
    private final NativeAccess nativeAccess;

    private Doctor(NativeAccess nativeAccess, HostFacts host) {
        this.nativeAccess = nativeAccess;
        this.host = host;
    }

    static Diagnosis examine() {
        return examine(NativeAccess.current(), HostFacts.current());
    }

    static Diagnosis examine(NativeAccess nativeAccess, HostFacts host) {
        return new Doctor(nativeAccess, host).findOut();
    }

    private Diagnosis findOut() {
        if (!host.isLinux()) {
            return without(
                    Verdict.no("io_uring is a part of Linux, and this is " + host.os(), "Run Linux 5.10 or newer"));
        }
        if (!host.hasKnownArchitecture()) {
            return without(Verdict.no(
                    "uring4j knows the kernel's numbers for x86-64 and AArch64, not for " + host.architecture(), ""));
        }
        if (nativeAccess.state() == NativeAccess.State.DENIED) {
            return without(Verdict.no(
                    "the JVM denies this library native access",
                    "Add " + nativeAccess.flag() + " to the java command"));
        }
        try {
            return askKernel();
        } catch (LinkageError e) {
            // Classes and libc itself are loaded from files, for which no descriptor may be left.
            return without(Verdict.no(
                    "the Java runtime could not load what it needs (" + e + ")",
                    "If no descriptor is free, raise ulimit -n or close what isn't needed"));
        }
    }

    private Diagnosis without(Verdict verdict) {
        return new Diagnosis(verdict, host, nativeAccess, List.of(), null, null);
    }

    private Diagnosis askKernel() {
        List<SystemCall> calls = SystemCall.tryAll();
        Capabilities capabilities;
        try {
            capabilities = Capabilities.ofKernel();
        } catch (UringException e) {
            Verdict verdict = Verdict.no(Verdict.reason(e), e.hint());
            return new Diagnosis(verdict, host, nativeAccess, calls, null, null);
        }
        RoundTrip.Result roundTrip = RoundTrip.in(writableDirectory());
        return new Diagnosis(verdict(calls, roundTrip.failure()), host, nativeAccess, calls, capabilities, roundTrip);
    }

    private static Verdict verdict(List<SystemCall> calls, RoundTrip.@Nullable Failure failure) {
        if (failure == null) {
            return Verdict.yes();
        }
        String refused = calls.stream()
                .filter(call -> !call.getsThrough())
                .map(call -> call.name() + " is refused (" + call.answerName() + ")")
                .collect(Collectors.joining(", "));
        if (!refused.isEmpty()) {
            return Verdict.no(refused, ALLOW_CALLS);
        }
        return Verdict.no("could not " + failure.step().label() + ": " + failure.reason(), failure.advice());
    }

    /** A container's root may be read-only, and its shared memory not. */
    private static Path writableDirectory() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        return Stream.of(temporary, Path.of("/dev/shm"))
                .filter(Files::isWritable)
                .findFirst()
                .orElse(temporary);
    }
}
