package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_params;
import io.uring4j.abi.io_uring_probe;
import io.uring4j.abi.io_uring_probe_op;
import io.uring4j.abi.io_uring_query_hdr;
import io.uring4j.abi.io_uring_query_opcode;
import io.uring4j.abi.io_uring_rsrc_register;
import io.uring4j.abi.io_uring_rsrc_update2;
import io.uring4j.sys.Libc;
import io.uring4j.sys.UringCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel what its io_uring has, with a small ring of its own that is gone afterwards. What a
 * query can't tell is found by trials: a setup call per flag, and register calls whose argument lies
 * at an address that can't be read, which a kernel that knows the opcode answers with something else
 * than EINVAL.
 */
final class CapabilityProbe {
    /** A query needs no ring. */
    private static final int NO_RING = -1;

    /** Never mapped. */
    private static final long UNREADABLE = 8;

    private final Arena arena;
    private final boolean queryFirst;

    private CapabilityProbe(Arena arena, boolean queryFirst) {
        this.arena = arena;
        this.queryFirst = queryFirst;
    }

    static Capabilities ask() throws UringException {
        return ask(true);
    }

    /** Asks as on a kernel before 6.18, whatever this one has. */
    static Capabilities askWithoutQuery() throws UringException {
        return ask(false);
    }

    private static Capabilities ask(boolean queryFirst) throws UringException {
        try (Arena arena = Arena.ofConfined()) {
            return new CapabilityProbe(arena, queryFirst).run();
        }
    }

    private Capabilities run() throws UringException {
        MemorySegment params = io_uring_params.allocate(arena);
        int fd = UringCalls.setup(1, params);
        if (fd < 0) {
            throw SetupDiagnosis.ofHost().explain(fd);
        }
        try {
            Set<Feature> features = EnumSet.noneOf(Feature.class);
            for (Feature feature : Feature.values()) {
                if ((io_uring_params.features(params) & feature.bit()) != 0) {
                    features.add(feature);
                }
            }
            MemorySegment answer = queryFirst ? query() : null;
            Capabilities found = answer == null ? byProbe(fd, features) : byQuery(answer, features);
            return found.with(Modifier.of(found, ModifierTrials.run(fd, params, found, arena)));
        } finally {
            Libc.close(fd);
        }
    }

    /** The kernel's own answer, or null before Linux 6.18. */
    private @Nullable MemorySegment query() {
        MemorySegment answer = io_uring_query_opcode.allocate(arena);
        MemorySegment header = io_uring_query_hdr.allocate(arena);
        io_uring_query_hdr.query_op(header, Abi.IO_URING_QUERY_OPCODES());
        io_uring_query_hdr.query_data(header, answer.address());
        io_uring_query_hdr.size(header, (int) answer.byteSize());
        int result = UringCalls.register(NO_RING, RegisterOpcode.REGISTER_QUERY.code(), header.address(), 0);
        return result < 0 || io_uring_query_hdr.result(header) < 0 ? null : answer;
    }

    private static Capabilities byQuery(MemorySegment answer, Set<Feature> features) {
        Set<Opcode> opcodes = EnumSet.noneOf(Opcode.class);
        for (Opcode opcode : Opcode.values()) {
            if (opcode.code() < io_uring_query_opcode.nr_request_opcodes(answer)) {
                opcodes.add(opcode);
            }
        }
        Set<RegisterOpcode> registerOpcodes = EnumSet.noneOf(RegisterOpcode.class);
        for (RegisterOpcode opcode : RegisterOpcode.values()) {
            if (opcode.code() < io_uring_query_opcode.nr_register_opcodes(answer)) {
                registerOpcodes.add(opcode);
            }
        }
        Set<SetupFlag> setupFlags = EnumSet.noneOf(SetupFlag.class);
        for (SetupFlag flag : SetupFlag.values()) {
            if ((io_uring_query_opcode.ring_setup_flags(answer) & flag.bit()) != 0) {
                setupFlags.add(flag);
            }
        }
        Set<EnterFlag> enterFlags = EnumSet.noneOf(EnterFlag.class);
        for (EnterFlag flag : EnterFlag.values()) {
            if ((io_uring_query_opcode.enter_flags(answer) & flag.bit()) != 0) {
                enterFlags.add(flag);
            }
        }
        Set<SqeFlag> sqeFlags = EnumSet.noneOf(SqeFlag.class);
        for (SqeFlag flag : SqeFlag.values()) {
            if ((io_uring_query_opcode.sqe_flags(answer) & flag.bit()) != 0) {
                sqeFlags.add(flag);
            }
        }
        return new Capabilities(
                opcodes,
                registerOpcodes,
                setupFlags,
                features,
                enterFlags,
                sqeFlags,
                Set.of(),
                Capabilities.Source.QUERY);
    }

    private Capabilities byProbe(int fd, Set<Feature> features) throws UringException {
        Set<SetupFlag> setupFlags = tryOutSetupFlags();
        Set<RegisterOpcode> registerOpcodes = tryOutRegisterOpcodes(setupFlags);
        Set<EnterFlag> enterFlags = EnumSet.of(EnterFlag.GETEVENTS, EnterFlag.SQ_WAKEUP, EnterFlag.SQ_WAIT);
        addIf(features.contains(Feature.EXT_ARG), enterFlags, EnterFlag.EXT_ARG);
        addIf(registerOpcodes.contains(RegisterOpcode.REGISTER_RING_FDS), enterFlags, EnterFlag.REGISTERED_RING);
        addIf(registerOpcodes.contains(RegisterOpcode.REGISTER_CLOCK), enterFlags, EnterFlag.ABS_TIMER);
        addIf(registerOpcodes.contains(RegisterOpcode.REGISTER_MEM_REGION), enterFlags, EnterFlag.EXT_ARG_REG);
        addIf(features.contains(Feature.NO_IOWAIT), enterFlags, EnterFlag.NO_IOWAIT);
        Set<SqeFlag> sqeFlags = EnumSet.allOf(SqeFlag.class);
        if (!features.contains(Feature.CQE_SKIP)) {
            sqeFlags.remove(SqeFlag.CQE_SKIP_SUCCESS);
        }
        return new Capabilities(
                probedOpcodes(fd),
                registerOpcodes,
                setupFlags,
                features,
                enterFlags,
                sqeFlags,
                Set.of(),
                Capabilities.Source.PROBE);
    }

    private static <E> void addIf(boolean condition, Set<E> set, E element) {
        if (condition) {
            set.add(element);
        }
    }

    /** Any kernel that the library serves has the probe: a refusal comes from a seccomp profile, say. */
    private Set<Opcode> probedOpcodes(int fd) throws UringException {
        Set<Opcode> opcodes = EnumSet.noneOf(Opcode.class);
        int room = 256;
        long header = io_uring_probe.layout().byteSize();
        MemorySegment probe = arena.allocate(header + room * io_uring_probe_op.layout().byteSize(), Long.BYTES);
        int result = UringCalls.register(fd, RegisterOpcode.REGISTER_PROBE.code(), probe.address(), room);
        if (result < 0) {
            throw SetupDiagnosis.ofHost().explain("io_uring_register", result);
        }
        int length = Byte.toUnsignedInt(io_uring_probe.ops_len(probe));
        for (Opcode opcode : Opcode.values()) {
            if (opcode.code() < length) {
                MemorySegment entry = io_uring_probe_op.asSlice(probe.asSlice(header), opcode.code());
                addIf((io_uring_probe_op.flags(entry) & Abi.IO_URING_OP_SUPPORTED()) != 0, opcodes, opcode);
            }
        }
        return opcodes;
    }

    private Set<SetupFlag> tryOutSetupFlags() {
        Set<SetupFlag> found = EnumSet.noneOf(SetupFlag.class);
        for (SetupFlag flag : SetupFlag.values()) {
            MemorySegment params = io_uring_params.allocate(arena);
            io_uring_params.flags(params, flag.bit() | companions(flag));
            if (flag == SetupFlag.CQSIZE) {
                io_uring_params.cq_entries(params, 2);
            }
            if (flag == SetupFlag.ATTACH_WQ) {
                io_uring_params.wq_fd(params, NO_RING);
            }
            int result = UringCalls.setup(1, params);
            if (result >= 0) {
                Libc.close(result);
            }
            // An unknown flag is EINVAL; a known one may miss its descriptor, its memory or a privilege.
            addIf(!Errno.EINVAL.is(result), found, flag);
        }
        return found;
    }

    private static int companions(SetupFlag flag) {
        return switch (flag) {
            case SQ_AFF -> SetupFlag.SQPOLL.bit();
            case TASKRUN_FLAG -> SetupFlag.COOP_TASKRUN.bit();
            case DEFER_TASKRUN -> SetupFlag.SINGLE_ISSUER.bit();
            case REGISTERED_FD_ONLY -> SetupFlag.NO_MMAP.bit();
            case HYBRID_IOPOLL -> SetupFlag.IOPOLL.bit();
            case SQ_REWIND -> SetupFlag.NO_SQARRAY.bit();
            default -> 0;
        };
    }

    private Set<RegisterOpcode> tryOutRegisterOpcodes(Set<SetupFlag> setupFlags) {
        // Up to ENABLE_RINGS all are there in 5.10, where the library starts.
        Set<RegisterOpcode> found =
                EnumSet.range(RegisterOpcode.REGISTER_BUFFERS, RegisterOpcode.REGISTER_ENABLE_RINGS);
        MemorySegment params = io_uring_params.allocate(arena);
        if (setupFlags.contains(SetupFlag.DEFER_TASKRUN)) {
            // Resizing and zero-copy receive look at these flags before they look at their argument.
            io_uring_params.flags(
                    params, SetupFlag.SINGLE_ISSUER.bit() | SetupFlag.DEFER_TASKRUN.bit() | SetupFlag.CQE32.bit());
        }
        int fd = UringCalls.setup(1, params);
        if (fd < 0) {
            return found;
        }
        try {
            for (RegisterOpcode opcode :
                    EnumSet.range(RegisterOpcode.REGISTER_FILES2, RegisterOpcode.REGISTER_MEM_REGION)) {
                long argument = opcode == RegisterOpcode.UNREGISTER_IOWQ_AFF ? 0 : UNREADABLE;
                int target = opcode == RegisterOpcode.REGISTER_SEND_MSG_RING ? NO_RING : fd;
                int result = UringCalls.register(target, opcode.code(), argument, argumentCount(opcode));
                addIf(!Errno.EINVAL.is(result), found, opcode);
            }
        } finally {
            Libc.close(fd);
        }
        return found;
    }

    /** The count with which an opcode goes on to read its argument. */
    private static int argumentCount(RegisterOpcode opcode) {
        return switch (opcode) {
            case REGISTER_FILES2, REGISTER_BUFFERS2 -> (int)
                    io_uring_rsrc_register.layout().byteSize();
            case REGISTER_FILES_UPDATE2, REGISTER_BUFFERS_UPDATE -> (int)
                    io_uring_rsrc_update2.layout().byteSize();
            case UNREGISTER_IOWQ_AFF, REGISTER_FILE_ALLOC_RANGE, REGISTER_CLOCK -> 0;
            case REGISTER_IOWQ_MAX_WORKERS -> 2;
            default -> 1;
        };
    }
}
