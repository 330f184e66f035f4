package io.uring4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;

/**
 * Whether a multishot receive learns of the end of its stream. Kernels before 7.0, but for the stable releases that took
 * its mending over, lose it when the peer sends and goes before the receive has seen the data.
 */
final class StreamEnds {
    private static final long LONG_ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static Boolean areNoticed;

    private StreamEnds() {}

    /** Skips the test on a kernel that may lose them. */
    static void require() throws UringException {
        assumeTrue(areNoticed(), "this kernel may lose the end of a stream from a multishot receive (before 7.0)");
    }

    private static synchronized boolean areNoticed() throws UringException {
        if (areNoticed == null) {
            areNoticed = !Capabilities.ofKernel().has(SetupFlag.DEFER_TASKRUN) || tryOut();
        }
        return areNoticed;
    }

    /** On a ring whose receive sees nothing before its thread waits. */
    private static boolean tryOut() throws UringException {
        try (Ring ring = RingKind.DEFERRED.open(4);
                Connection connection = Connection.local();
                GroupBuffers _ = new GroupBuffers(ring, 4, 32)) {
            ring.submissions().next().recvMultishot(connection.fd(), 0, GroupBuffers.GROUP);
            ring.submit();
            connection.peer().send("last words");
            connection.peer().finishSending();
            boolean[] ended = {false};
            while (!ended[0] && ring.waitFor(1, LONG_ENOUGH_NANOS)) {
                ring.completions().drain((userData, result, flags) -> ended[0] = !Cqe.hasMore(flags));
            }
            return ended[0];
        }
    }
}
