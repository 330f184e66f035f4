package io.uring4j.tool;

import io.uring4j.Errno;
import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.SetupFlag;
import io.uring4j.Sqe;
import io.uring4j.UringException;
import java.io.IOException;
import java.io.Serial;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Proves that io_uring works, rather than concluding it: a pattern goes into a file and comes back,
 * each step of the way through a real ring.
 */
final class RoundTrip {
    private static final int RING_ENTRIES = 4;
    private static final int PATTERN_BYTES = 8192;
    private static final int PRIVATE_FILE = 0600;

    /** No step should take a thousandth of it; it is there so that the doctor always comes to an end. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path file;
    private final Set<Step> passed = EnumSet.noneOf(Step.class);
    private Step step = Step.OPEN_RING;
    private Set<SetupFlag> flags = Set.of();
    private boolean registered;

    /** What is done, in this order. */
    enum Step {
        OPEN_RING("open a ring"),
        NOP("complete a NOP"),
        OPENAT("open a file"),
        WRITE("write a pattern"),
        READ("read it back"),
        COMPARE("find the pattern unchanged"),
        CLOSE("close the file"),
        CLOSE_RING("close the ring");

        private final String label;

        Step(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /** What became of a step. */
    enum Outcome {
        PASSED("passed"),
        FAILED("failed"),
        NOT_REACHED("not reached");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /**
     * Why a step failed.
     *
     * @param step the first that failed
     * @param reason what went wrong
     * @param advice what to do about it, or empty
     */
    record Failure(Step step, String reason, String advice) {}

    /**
     * How far the ring came.
     *
     * @param flags the flags that RingConfig.best chose; empty if no ring could be opened
     * @param registeredDescriptor whether the ring's descriptor is registered with its thread
     * @param passed the steps that succeeded
     * @param failure why the next one didn't, or null when all succeeded
     */
    record Result(
            Set<SetupFlag> flags, boolean registeredDescriptor, Set<Step> passed, @Nullable Failure failure) {
        Outcome outcome(Step step) {
            if (passed.contains(step)) {
                return Outcome.PASSED;
            }
            return failure != null && failure.step() == step ? Outcome.FAILED : Outcome.NOT_REACHED;
        }
    }

    private RoundTrip(Path directory) {
        this.file = directory.resolve(
                ".uring4j-doctor-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
    }

    /** Makes the round trip with a file in a directory, and removes the file. */
    static Result in(Path directory) {
        RoundTrip trip = new RoundTrip(directory);
        Failure failure = trip.attempt();
        return new Result(trip.flags, trip.registered, Collections.unmodifiableSet(trip.passed), failure);
    }

    private @Nullable Failure attempt() {
        try {
            travel();
            return null;
        } catch (StepFailure e) {
            return new Failure(step, e.getMessage(), e.advice);
        } catch (UringException e) {
            return new Failure(step, Verdict.reason(e), e.hint());
        } catch (UnsupportedOperationException e) {
            return new Failure(step, e.getMessage(), "Run Linux 5.10 or newer");
        } finally {
            remove();
        }
    }

    private void travel() throws UringException, StepFailure {
        try (Ring ring = Ring.open(RingConfig.best(RING_ENTRIES))) {
            flags = ring.flags();
            registered = ring.isDescriptorRegistered();
            pass(Step.NOP);
            complete(ring, Sqe::nop);
            pass(Step.OPENAT);
            carryPattern(ring);
            pass(Step.CLOSE_RING);
        }
        passed.add(Step.CLOSE_RING);
    }

    private void carryPattern(Ring ring) throws UringException, StepFailure {
        // Never freed: if a request didn't end, the kernel might still touch what it points at.
        Arena arena = Arena.global();
        MemorySegment path = arena.allocateFrom(file.toString());
        MemorySegment written = pattern(arena);
        MemorySegment read = arena.allocate(PATTERN_BYTES);
        int openFlags = OpenFlags.READ_WRITE | OpenFlags.CREATE | OpenFlags.EXCLUSIVE | OpenFlags.CLOSE_ON_EXEC;

        // After a failure the file stays open until the process ends, which is soon.
        int fd = complete(ring, sqe -> sqe.openat(OpenFlags.CURRENT_DIRECTORY, path, openFlags, PRIVATE_FILE));
        pass(Step.WRITE);
        requireAll(complete(ring, sqe -> sqe.write(fd, written, PATTERN_BYTES, 0)));
        pass(Step.READ);
        requireAll(complete(ring, sqe -> sqe.read(fd, read, PATTERN_BYTES, 0)));
        pass(Step.COMPARE);
        long difference = written.mismatch(read);
        if (difference >= 0) {
            throw new StepFailure("byte " + difference + " of " + file + " came back different", "");
        }
        pass(Step.CLOSE);
        complete(ring, sqe -> sqe.close(fd));
    }

    private void pass(Step next) {
        passed.add(step);
        step = next;
    }

    private int complete(Ring ring, Consumer<Sqe> preparation) throws UringException, StepFailure {
        preparation.accept(ring.submissions().next().userData(step.ordinal()));
        ring.submitAndWait(1, PATIENCE.toNanos());
        if (!ring.completions().next()) {
            throw new StepFailure("no completion within " + PATIENCE.toSeconds() + " s", "");
        }
        long userData = ring.completions().userData();
        int result = ring.completions().result();
        ring.completions().release();
        if (userData != step.ordinal()) {
            throw new StepFailure("the completion carries user data " + userData + ", not " + step.ordinal(), "");
        }
        if (result < 0) {
            throw refused(result);
        }
        return result;
    }

    private void requireAll(int bytes) throws StepFailure {
        if (bytes != PATTERN_BYTES) {
            throw new StepFailure(
                    "IORING_OP_" + step + " on " + file + " transferred " + bytes + " bytes of " + PATTERN_BYTES,
                    roomAdvice());
        }
    }

    private StepFailure refused(int result) {
        Errno errno = Errno.of(result);
        String operation = "IORING_OP_" + step + (step == Step.NOP ? "" : " on " + file);
        return new StepFailure(
                new UringException(operation, result).getMessage(),
                switch (errno) {
                    case EMFILE -> "The process has no free descriptor: raise ulimit -n, or close what isn't needed";
                    case ENFILE -> "The system has no free descriptor: raise the sysctl fs.file-max";
                    case ENOENT, ENOTDIR, EACCES, EPERM, EROFS ->
                        "Name a directory that can be written with -Djava.io.tmpdir=DIRECTORY";
                    case ENOSPC, EDQUOT, EFBIG -> roomAdvice();
                    case EINVAL -> "The kernel may lack the operation: run Linux 5.10 or newer";
                    case null, default -> "";
                });
    }

    private String roomAdvice() {
        return "Make room in " + file.getParent() + " (and look at ulimit -f), or name another directory with "
                + "-Djava.io.tmpdir=DIRECTORY";
    }

    private static MemorySegment pattern(Arena arena) {
        MemorySegment pattern = arena.allocate(PATTERN_BYTES);
        long seed = System.nanoTime();
        for (long i = 0; i < PATTERN_BYTES; i++) {
            pattern.set(ValueLayout.JAVA_BYTE, i, (byte) (seed + i * 31 + (i >> 8)));
        }
        return pattern;
    }

    private void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // An empty directory entry, or 8 KiB, stay behind; the finding is the same.
            file.toFile().deleteOnExit();
        }
    }

    private static final class StepFailure extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        /** What to do about it, or the empty string. */
        private final String advice;

        StepFailure(String reason, String advice) {
            super(reason);
            this.advice = advice;
        }
    }
}
