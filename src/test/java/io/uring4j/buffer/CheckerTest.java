package io.uring4j.buffer;

import io.uring4j.Rounds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many receives, released on many threads in random order, with a pattern in every byte: see {@link CheckedTraffic}.
 */
class CheckerTest {
    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void noByteIsOverwrittenWhileLeasedOrLostOrDoubled(GroupKind kind) throws Exception {
        new CheckedTraffic(kind, CheckedTraffic.Transport.TCP, Rounds.of(20_000)).run();
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void norOverLocalSockets(GroupKind kind) throws Exception {
        new CheckedTraffic(kind, CheckedTraffic.Transport.LOCAL, Rounds.of(10_000)).run();
    }

    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void norWhenSomeAreVisitedAndSomeComeInBundles(GroupKind kind) throws Exception {
        new CheckedTraffic(kind, CheckedTraffic.Transport.TCP, Rounds.of(20_000)).mixingVisitsAndBundles().run();
    }

    /** The kernel takes buffers on a processor of its own, at any moment: also while some are added. */
    @ParameterizedTest
    @EnumSource(GroupKind.class)
    void norWhenAKernelThreadReceives(GroupKind kind) throws Exception {
        new CheckedTraffic(kind, CheckedTraffic.Transport.TCP, Rounds.withSubmissionThread(20_000))
                .on(Setup.SUBMISSION_THREAD)
                .run();
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(
            value = GroupKind.class,
            names = {"BUFFER_RING", "PROVIDED"})
    void norInTenMillionReceives(GroupKind kind) throws Exception {
        new CheckedTraffic(kind, CheckedTraffic.Transport.TCP, 10_000_000).printingProgress().run();
    }
}
