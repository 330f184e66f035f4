package io.uring4j.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Cqe;
import io.uring4j.Errno;
import io.uring4j.Ring;
import io.uring4j.UringException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A completion, copied out of the queue. */
record Reaped(long userData, int result, int flags) {
    /** Far longer than anything here takes; a test that waits so long has failed. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Submits what is pending, and takes so many completions. */
    static List<Reaped> next(Ring ring, int count) throws UringException {
        ring.submit();
        List<Reaped> reaped = new ArrayList<>();
        while (reaped.size() < count) {
            assertThat(ring.waitFor(1, PATIENCE_NANOS))
                    .as("%d more completions of %s", count - reaped.size(), ring)
                    .isTrue();
            ring.completions().drain((data, result, flags) -> reaped.add(new Reaped(data, result, flags)), count - reaped.size());
        }
        return reaped;
    }

    static Reaped next(Ring ring) throws UringException {
        return next(ring, 1).getFirst();
    }

    Errno error() {
        return result < 0 ? Errno.of(result) : null;
    }

    boolean hasBuffer() {
        return Cqe.hasBuffer(flags);
    }

    boolean hasMore() {
        return Cqe.hasMore(flags);
    }

    int bufferId() {
        return Cqe.bufferId(flags);
    }
}
