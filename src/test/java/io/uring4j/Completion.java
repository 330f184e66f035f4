package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A completion, copied out of the queue. */
record Completion(long userData, int result, int flags) {
    /** Far longer than anything here takes; a test that waits so long has failed. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Submits what is pending, and takes so many completions. */
    static List<Completion> submitAndTake(Ring ring, int count) throws UringException {
        ring.submit();
        return take(ring, count);
    }

    /** Submits what is pending, and takes one completion. */
    static Completion submitAndTakeOne(Ring ring) throws UringException {
        return submitAndTake(ring, 1).getFirst();
    }

    /** Waits for so many completions and takes them. */
    static List<Completion> take(Ring ring, int count) throws UringException {
        List<Completion> taken = new ArrayList<>();
        while (taken.size() < count) {
            int wanted = Math.min(count - taken.size(), ring.completions().capacity());
            assertThat(ring.waitFor(wanted, PATIENCE_NANOS))
                    .as("%d more completions of %s", wanted, ring)
                    .isTrue();
            ring.completions().drain(
                    (userData, result, flags) -> taken.add(new Completion(userData, result, flags)), wanted);
        }
        if (ring.flags().contains(SetupFlag.SQPOLL)) {
            // The submission thread gives entries back a moment after it has posted their completions.
            Waiting.until("the submission thread has given the entries back", () -> ring.submissions().pending() == 0);
        }
        return taken;
    }

    static Completion takeOne(Ring ring) throws UringException {
        return take(ring, 1).getFirst();
    }

    /** Takes what is ready, without a call. */
    static List<Completion> takeReady(Ring ring) {
        List<Completion> taken = new ArrayList<>();
        ring.completions().drain((userData, result, flags) -> taken.add(new Completion(userData, result, flags)));
        return taken;
    }

    /** The error, or null when the result is none. */
    Errno error() {
        return result < 0 ? Errno.of(result) : null;
    }
}
