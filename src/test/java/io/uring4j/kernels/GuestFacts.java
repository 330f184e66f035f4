package io.uring4j.kernels;

import io.uring4j.Capabilities;
import io.uring4j.EnterFlag;
import io.uring4j.Feature;
import io.uring4j.KernelVersion;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.SetupFlag;
import io.uring4j.SqeFlag;
import io.uring4j.UringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a guest's kernel has: a line {@code kind|name|since|true or false} for each capability. */
final class GuestFacts {
    private final List<String> lines = new ArrayList<>();

    private GuestFacts() {}

    /** Asks the kernel, and writes what it says into a file. */
    static void write(Path file) throws IOException {
        GuestFacts facts = new GuestFacts();
        facts.collect(Capabilities.ofKernel());
        Files.write(file, facts.lines);
    }

    private void collect(Capabilities kernel) throws UringException {
        for (SetupFlag flag : SetupFlag.values()) {
            add("setup flag", flag, flag.since(), kernel.has(flag));
        }
        for (Feature feature : Feature.values()) {
            add("feature", feature, feature.since(), kernel.has(feature));
        }
        for (EnterFlag flag : EnterFlag.values()) {
            add("enter flag", flag, flag.since(), kernel.has(flag));
        }
        for (SqeFlag flag : SqeFlag.values()) {
            add("entry flag", flag, flag.since(), kernel.has(flag));
        }
        for (Opcode opcode : Opcode.values()) {
            add("opcode", opcode, opcode.since(), kernel.has(opcode));
        }
        for (RegisterOpcode opcode : RegisterOpcode.values()) {
            add("register opcode", opcode, opcode.since(), kernel.has(opcode));
        }
        lines.add("asked by|" + kernel.source() + "|-|true");
        try (Ring ring = Ring.open(RingConfig.best(8))) {
            for (SetupFlag flag : ring.flags()) {
                lines.add("best|" + flag + "|" + flag.since() + "|true");
            }
        }
    }

    private void add(String kind, Enum<?> name, KernelVersion since, boolean supported) {
        lines.add(kind + "|" + name + "|" + since + "|" + supported);
    }
}
