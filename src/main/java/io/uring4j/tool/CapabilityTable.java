package io.uring4j.tool;

import io.uring4j.Capabilities;
import io.uring4j.EnterFlag;
import io.uring4j.Feature;
import io.uring4j.KernelVersion;
import io.uring4j.Opcode;
import io.uring4j.RegisterOpcode;
import io.uring4j.SetupFlag;
import io.uring4j.SqeFlag;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * All that a kernel may have of one kind, and which of it this one has.
 *
 * @param key the kind's name in JSON
 * @param title the kind's name for a person
 * @param rows the kind's members, in the order of their numbers
 */
record CapabilityTable(String key, String title, List<Row> rows) {
    /**
     * One flag, feature or opcode.
     *
     * @param name as the kernel's header has it, without the kind's prefix
     * @param value the bit or the number, as the kernel's header has it
     * @param since the first kernel that has it
     * @param supported whether this kernel has it
     */
    record Row(String name, int value, KernelVersion since, boolean supported) {}

    static List<CapabilityTable> all(Capabilities found) {
        return List.of(
                new CapabilityTable(
                        "setupFlags",
                        "Setup flags",
                        rows(SetupFlag.values(), SetupFlag::bit, SetupFlag::since, found, Capabilities::has)),
                new CapabilityTable(
                        "features",
                        "Features",
                        rows(Feature.values(), Feature::bit, Feature::since, found, Capabilities::has)),
                new CapabilityTable(
                        "enterFlags",
                        "Enter flags",
                        rows(EnterFlag.values(), EnterFlag::bit, EnterFlag::since, found, Capabilities::has)),
                new CapabilityTable(
                        "sqeFlags",
                        "SQE flags",
                        rows(SqeFlag.values(), SqeFlag::bit, SqeFlag::since, found, Capabilities::has)),
                new CapabilityTable(
                        "opcodes",
                        "Opcodes",
                        rows(Opcode.values(), Opcode::code, Opcode::since, found, Capabilities::has)),
                new CapabilityTable(
                        "registerOpcodes",
                        "Register opcodes",
                        rows(
                                RegisterOpcode.values(),
                                RegisterOpcode::code,
                                RegisterOpcode::since,
                                found,
                                Capabilities::has)));
    }

    private static <E extends Enum<E>> List<Row> rows(
            E[] members,
            ToIntFunction<E> value,
            Function<E, KernelVersion> since,
            Capabilities found,
            BiPredicate<Capabilities, E> has) {
        return Stream.of(members)
                .map(member -> new Row(
                        member.name(),
                        value.applyAsInt(member),
                        since.apply(member),
                        has.test(found, member)))
                .toList();
    }

    long supportedCount() {
        return rows.stream().filter(Row::supported).count();
    }
}
