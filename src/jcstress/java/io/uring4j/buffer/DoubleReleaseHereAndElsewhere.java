package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** The owner, without synchronisation, and another thread release the same thing: it comes back once. */
@JCStressTest
@Outcome(
        id = {"1, 0, 1, 0", "0, 1, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "one is refused")
@Outcome(id = "0, 0, 1, 1", expect = Expect.ACCEPTABLE_INTERESTING, desc = "both seem to succeed; sorted out by the splice")
@Outcome(id = "0, 1, 1, 1", expect = Expect.ACCEPTABLE_INTERESTING, desc = "refused after its claim; sorted out by the splice")
@Outcome(expect = Expect.FORBIDDEN, desc = "both refused, or lost, or doubled")
@State
public class DoubleReleaseHereAndElsewhere {
    private final Things things = new Things();
    private final Things.Thing thing = new Things.Thing();

    @Actor
    public void owner(IIII_Result result) {
        result.r1 = things.here(thing);
    }

    @Actor
    public void other(IIII_Result result) {
        result.r2 = things.elsewhere(thing);
    }

    @Arbiter
    public void count(IIII_Result result) {
        things.splice();
        result.r3 = thing.returns;
        result.r4 = (int) things.doubleReleases();
    }
}
