package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.uring4j.abi.io_cqring_offsets;
import io.uring4j.abi.io_sqring_offsets;
import io.uring4j.abi.io_uring_params;
import io.uring4j.sys.Libc;
import io.uring4j.sys.Mapping;
import io.uring4j.sys.UringCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which configurations are refused, and what the best one falls back to. */
class RingConfigTest {
    private static final int NO_CPU = 1_000_000;
    private static final Set<SetupFlag> ALL = EnumSet.allOf(SetupFlag.class);

    private static void assertRefused(RingConfig config, String... reasons) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ring.open(config).close())
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 32_769, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void absurdNumberOfEntriesIsRefused(int entries) {
        assertRefused(RingConfig.plain(entries), Integer.toString(entries), "32768");
        assertRefused(RingConfig.best(entries), Integer.toString(entries), "32768");
        assertThatIllegalArgumentException().isThrownBy(() -> Ring.open(entries).close());
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 0, -1, 65_537, Integer.MAX_VALUE})
    void absurdNumberOfCompletionEntriesIsRefused(int entries) {
        assertRefused(RingConfig.plain(8).completionEntries(entries), "completion entries " + entries);
    }

    @Test
    void sizesBeyondTheLimitsAreCutWhenAsked() throws IOException {
        try (Ring ring = Ring.open(RingConfig.plain(100_000).with(SetupFlag.CLAMP))) {
            assertThat(ring.submissions().capacity()).isEqualTo(RingConfig.MAX_SUBMISSION_ENTRIES);
            assertThat(ring.completions().capacity()).isEqualTo(RingConfig.MAX_COMPLETION_ENTRIES);
        }
    }

    @Test
    void flagThatCarriesAValueNeedsIt() {
        assertRefused(RingConfig.plain(8).with(SetupFlag.CQSIZE), "completionEntries");
        assertRefused(RingConfig.plain(8).with(SetupFlag.ATTACH_WQ), "sharedWorkers");
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertRefused(RingConfig.plain(8).submissionThread(-1), "-1");
        assertRefused(RingConfig.plain(8).submissionThread(1).submissionThreadCpu(-1), "-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RingConfig.plain(8).closeTimeout(Duration.ofNanos(-1)))
                .withMessageContaining("negative");
    }

    @Test
    void cpuThatDoesNotExistIsRefusedByTheKernel() {
        assertThatExceptionOfType(UringException.class)
                .isThrownBy(() -> Ring.open(RingConfig.plain(8).submissionThread(1).submissionThreadCpu(1 << 20)).close())
                .satisfies(e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void flagsThatNeedOthersAreRefusedAlone() {
        RingConfig plain = RingConfig.plain(8);
        assertRefused(plain.with(SetupFlag.SQ_AFF), "SQ_AFF", "SQPOLL");
        assertRefused(plain.with(SetupFlag.DEFER_TASKRUN), "DEFER_TASKRUN", "SINGLE_ISSUER");
        assertRefused(plain.with(SetupFlag.TASKRUN_FLAG), "TASKRUN_FLAG", "COOP_TASKRUN", "DEFER_TASKRUN");
        assertRefused(plain.with(SetupFlag.REGISTERED_FD_ONLY), "REGISTERED_FD_ONLY", "NO_MMAP");
        assertRefused(plain.with(SetupFlag.HYBRID_IOPOLL), "HYBRID_IOPOLL", "IOPOLL");
        assertRefused(plain.with(SetupFlag.SQ_REWIND), "SQ_REWIND", "NO_SQARRAY");
    }

    @Test
    void flagsThatExcludeEachOtherAreRefusedTogether() {
        RingConfig polled = RingConfig.plain(8).submissionThread(1);
        assertRefused(polled.with(SetupFlag.SINGLE_ISSUER, SetupFlag.DEFER_TASKRUN), "SQPOLL", "DEFER_TASKRUN");
        assertRefused(polled.with(SetupFlag.COOP_TASKRUN), "SQPOLL", "COOP_TASKRUN");
        assertRefused(polled.with(SetupFlag.TASKRUN_FLAG), "SQPOLL", "TASKRUN_FLAG");
        assertRefused(polled.with(SetupFlag.SQ_REWIND, SetupFlag.NO_SQARRAY), "SQPOLL", "SQ_REWIND");
        assertRefused(RingConfig.plain(8).with(SetupFlag.CQE32, SetupFlag.CQE_MIXED), "CQE32", "CQE_MIXED");
        assertRefused(RingConfig.plain(8).with(SetupFlag.SQE128, SetupFlag.SQE_MIXED), "SQE128", "SQE_MIXED");
    }

    /** All combinations of up to three flags: the library refuses those that the kernel refuses, and no other. */
    @Test
    void whatIsRefusedIsWhatTheKernelRefuses() throws IOException {
        List<SetupFlag> flags = new ArrayList<>(Capabilities.ofKernel().setupFlags());
        flags.remove(SetupFlag.ATTACH_WQ); // needs another ring
        flags.remove(SetupFlag.REGISTERED_FD_ONLY); // takes one of sixteen places; tested by itself
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < flags.size(); i++) {
            for (int j = i; j < flags.size(); j++) {
                for (int k = j; k < flags.size(); k++) {
                    Set<SetupFlag> combination = EnumSet.of(flags.get(i), flags.get(j), flags.get(k));
                    RingConfig config = RingConfig.plain(2).with(combination);
                    if (combination.contains(SetupFlag.CQSIZE)) {
                        config = config.completionEntries(4);
                    }
                    boolean accepted = isAccepted(config);
                    if (accepted != kernelAccepts(combination)) {
                        differences.add((accepted ? "accepted " : "refused ") + combination);
                    }
                }
            }
        }
        assertThat(differences).as("by the library, not by the kernel").isEmpty();
    }

    private static boolean isAccepted(RingConfig config) {
        try {
            config.resolve(ALL);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean kernelAccepts(Set<SetupFlag> flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = io_uring_params.allocate(arena);
            int bits = 0;
            for (SetupFlag flag : flags) {
                bits |= flag.bit();
            }
            io_uring_params.flags(params, bits);
            io_uring_params.cq_entries(params, flags.contains(SetupFlag.CQSIZE) ? 4 : 0);
            if (flags.contains(SetupFlag.NO_MMAP)) {
                MemorySegment pages = Mapping.anonymous(2 * Libc.PAGE_SIZE, arena).segment();
                io_cqring_offsets.user_addr(io_uring_params.cq_off(params), pages.address());
                io_sqring_offsets.user_addr(io_uring_params.sq_off(params), pages.address() + Libc.PAGE_SIZE);
            }
            int result = UringCalls.setup(2, params);
            if (result >= 0) {
                Libc.close(result);
                return true;
            }
            assertThat(Errno.of(result)).isEqualTo(Errno.EINVAL);
            return false;
        }
    }

    /** The kernel says EOVERFLOW. */
    @Test
    void queueOfOneEntryHoldsNoLargeOne() {
        assertRefused(RingConfig.plain(1).with(SetupFlag.SQE_MIXED), "SQE_MIXED", "two");
        assertRefused(RingConfig.plain(1).completionEntries(1).with(SetupFlag.CQE_MIXED), "CQE_MIXED", "two");
    }

    @Test
    void ringHasTheFlagsThatWereAskedFor() throws IOException {
        Needs.kernelWith(SetupFlag.SUBMIT_ALL);
        try (Ring ring = Ring.open(RingConfig.plain(4).with(SetupFlag.SUBMIT_ALL).completionEntries(64))) {
            assertThat(ring.flags()).containsExactlyInAnyOrder(SetupFlag.SUBMIT_ALL, SetupFlag.CQSIZE);
            assertThat(ring.completions().capacity()).isEqualTo(64);
        }
        try (Ring ring = Ring.open(RingConfig.plain(4))) {
            assertThat(ring.flags()).isEmpty();
        }
    }

    @Test
    void bestConfigurationTakesTheFastestFlags() {
        assertThat(RingConfig.best(8).resolve(ALL))
                .containsExactlyInAnyOrder(
                        SetupFlag.SINGLE_ISSUER,
                        SetupFlag.DEFER_TASKRUN,
                        SetupFlag.TASKRUN_FLAG,
                        SetupFlag.NO_SQARRAY,
                        SetupFlag.SUBMIT_ALL);
    }

    @Test
    void withoutDeferredWorkTheBestConfigurationIsCooperative() {
        Set<SetupFlag> available = EnumSet.allOf(SetupFlag.class);
        available.remove(SetupFlag.DEFER_TASKRUN);
        assertThat(RingConfig.best(8).resolve(available))
                .contains(SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG, SetupFlag.SINGLE_ISSUER)
                .doesNotContain(SetupFlag.DEFER_TASKRUN);
    }

    @Test
    void withoutAnyFlagTheBestConfigurationIsPlain() {
        // Those of 5.10.
        Set<SetupFlag> available = EnumSet.range(SetupFlag.IOPOLL, SetupFlag.R_DISABLED);
        assertThat(RingConfig.best(8).resolve(available)).isEmpty();
        assertThat(RingConfig.best(8).resolve(EnumSet.noneOf(SetupFlag.class))).isEmpty();
    }

    @Test
    void bestConfigurationOfEachKernelIsValidThere() {
        // As if each flag came with a kernel of its own.
        for (SetupFlag last : SetupFlag.values()) {
            Set<SetupFlag> available = EnumSet.range(SetupFlag.IOPOLL, last);
            Set<SetupFlag> chosen = RingConfig.best(8).resolve(available);
            assertThat(available).containsAll(chosen);
            assertThat(RingConfig.plain(8).with(chosen).resolve(available))
                    .as("chosen flags, insisted on")
                    .isEqualTo(chosen);
        }
    }

    @Test
    void bestConfigurationLeavesOutWhatASubmissionThreadExcludes() {
        assertThat(RingConfig.best(8).submissionThread(10).resolve(ALL))
                .contains(SetupFlag.SQPOLL, SetupFlag.NO_SQARRAY)
                .doesNotContain(SetupFlag.DEFER_TASKRUN, SetupFlag.COOP_TASKRUN, SetupFlag.TASKRUN_FLAG);
    }

    @Test
    void plainConfigurationTakesNothingByItself() {
        assertThat(RingConfig.plain(8).resolve(ALL)).isEmpty();
    }

    @Test
    void flagThatIsInsistedOnMustBeThere() {
        Set<SetupFlag> available = EnumSet.allOf(SetupFlag.class);
        available.remove(SetupFlag.DEFER_TASKRUN);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> RingConfig.best(8).with(SetupFlag.DEFER_TASKRUN).resolve(available))
                .withMessageContaining("IORING_SETUP_DEFER_TASKRUN")
                .withMessageContaining("6.1");
    }

    @Test
    void everyCombinationWithBestIsValidForTheKernel() throws IOException {
        for (SetupFlag flag : Capabilities.ofKernel().setupFlags()) {
            if (flag == SetupFlag.ATTACH_WQ || flag == SetupFlag.CQSIZE || flag == SetupFlag.REGISTERED_FD_ONLY) {
                continue;
            }
            RingConfig config = RingConfig.best(8).with(flag);
            if (isAccepted(config)) {
                try (Ring ring = Ring.open(config)) {
                    assertThat(ring.flags()).contains(flag);
                }
            }
        }
    }

    @Test
    void configurationIsImmutable() {
        RingConfig config = RingConfig.plain(8);
        config.with(SetupFlag.CQE32);
        config.completionEntries(64);
        config.submissionThread(9);
        config.closeTimeout(Duration.ZERO);

        assertThat(config.resolve(ALL)).isEmpty();
        assertThat(config.completionEntries()).isEqualTo(16);
        assertThat(config.threadIdleMillis()).isZero();
        assertThat(config.closeTimeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void ringWorksInMemoryOfTheCaller() throws IOException {
        RingConfig config = RingKind.OWN_MEMORY.config(8);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(config.memorySize(), Libc.PAGE_SIZE);
            try (Ring ring = Ring.open(config.memory(memory))) {
                for (int i = 0; i < 50; i++) {
                    ring.submissions().next().nop().userData(i);
                    assertThat(Completion.submitAndTakeOne(ring).userData()).isEqualTo(i);
                }
                assertThat(memory.mismatch(arena.allocate(memory.byteSize()))).as("first byte used").isNotNegative();
            }
        }
    }

    /** What the kernel writes to a ring some milliseconds after it was closed must not meet what stands there by then. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void memoryIsTheCallersAgainOnceTheRingIsClosed(boolean isPrivate) throws Exception {
        RingConfig config = RingKind.OWN_MEMORY.config(8);
        try (Arena arena = Arena.ofShared()) {
            long size = config.memorySize();
            MemorySegment memory = isPrivate
                    ? arena.allocate(size, Libc.PAGE_SIZE)
                    : Mapping.anonymous(size, arena).segment();
            for (int requests : new int[] {0, 1, 50}) {
                for (int i = 0; i < Rounds.of(5); i++) {
                    closeAfter(requests, config.memory(memory));
                    memory.fill((byte) 0x5a);
                    Thread.sleep(60);
                    assertThat(memory.mismatch(filled(size))).as("after " + requests).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void ringInMemoryOfAConfinedArenaCanBeClosedByAnotherThread() throws Exception {
        RingConfig config = RingKind.OWN_MEMORY.config(8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(config.memorySize(), Libc.PAGE_SIZE);
            Ring ring = Ring.open(config.memory(memory));
            int fd = ring.fd();
            ring.submissions().next().nop();
            Completion.submitAndTakeOne(ring);
            CompletableFuture.runAsync(() -> {
                try {
                    ring.close();
                } catch (UringException e) {
                    throw new AssertionError(e);
                }
            }).get();
            assertThat(Path.of("/proc/self/fd/" + fd)).doesNotExist();
            assertThat(memory.mismatch(arena.allocate(memory.byteSize()))).as("fresh pages").isEqualTo(-1);
        }
    }

    /** By then the kernel has set up the rings, and takes them apart later. */
    @Test
    void memoryIsTheCallersAgainWhenTheSubmissionThreadIsRefused() throws Exception {
        RingConfig config = RingKind.OWN_MEMORY.config(8).submissionThread(10).submissionThreadCpu(NO_CPU);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(config.memorySize(), Libc.PAGE_SIZE);
            for (int i = 0; i < Rounds.of(5); i++) {
                assertThatExceptionOfType(UringException.class).isThrownBy(() -> Ring.open(config.memory(memory)));
                memory.fill((byte) 0x5a);
                Thread.sleep(60);
                assertThat(memory.mismatch(filled(memory.byteSize()))).isEqualTo(-1);
            }
        }
    }

    private static void closeAfter(int requests, RingConfig config) throws IOException {
        try (Ring ring = Ring.open(config)) {
            for (int i = 0; i < requests; i++) {
                ring.submissions().next().nop();
                Completion.submitAndTakeOne(ring);
            }
        }
    }

    private static MemorySegment filled(long size) {
        byte[] bytes = new byte[(int) size];
        Arrays.fill(bytes, (byte) 0x5a);
        return MemorySegment.ofArray(bytes);
    }

    /** Nobody but its owner, who has ended, could find out when the kernel is done with it. */
    @Test
    void closeReportsWhenSharedMemoryMayStillBeInUse() throws Exception {
        RingConfig config = RingKind.OWN_MEMORY.config(8).with(SetupFlag.SINGLE_ISSUER);
        MemorySegment memory = Mapping.anonymous(config.memorySize(), Arena.ofAuto()).segment();
        CompletableFuture<Ring> opened = new CompletableFuture<>();
        Thread owner = Thread.ofPlatform().start(() -> {
            try {
                opened.complete(Ring.open(config.memory(memory)));
            } catch (UringException e) {
                opened.completeExceptionally(e);
            }
        });
        owner.join();
        Ring ring = opened.get();
        assertThatExceptionOfType(UringException.class).isThrownBy(ring::close).withMessageContaining("don't free it");
        assertThat(ring.isClosed()).isTrue();
    }

    @Test
    void memoryThatDoesNotServeIsRefused() {
        RingConfig config = RingKind.OWN_MEMORY.config(8);
        long size = config.memorySize();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(2 * size, Libc.PAGE_SIZE);
            assertRefused(config.memory(memory.asSlice(0, size - 1)), Long.toString(size));
            assertRefused(config.memory(memory.asSlice(64, size)), "page");
            assertRefused(config.memory(MemorySegment.ofArray(new byte[(int) size])), "native");
            assertRefused(config.memory(memory.asSlice(0, size).asReadOnly()), "writable");
        }
    }

    @Test
    void memoryOfAClosedArenaIsRefused() {
        RingConfig config = RingKind.OWN_MEMORY.config(8);
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            // Not of the C heap, which the kernel would otherwise write to after it was freed.
            memory = Mapping.anonymous(config.memorySize(), arena).segment();
        }
        assertThatIllegalStateException().isThrownBy(() -> Ring.open(config.memory(memory)).close());
    }
}
