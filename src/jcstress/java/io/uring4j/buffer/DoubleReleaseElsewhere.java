package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads release the same thing at once: one is refused. */
@JCStressTest
@Outcome(
        id = {"1, 0, 1", "0, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "one is refused, and it is back once")
@Outcome(expect = Expect.FORBIDDEN, desc = "both or none refused, or lost, or doubled")
@State
public class DoubleReleaseElsewhere {
    private final Things things = new Things();
    private final Things.Thing thing = new Things.Thing();

    @Actor
    public void release(III_Result result) {
        result.r1 = things.elsewhere(thing);
    }

    @Actor
    public void releaseToo(III_Result result) {
        result.r2 = things.elsewhere(thing);
    }

    @Arbiter
    public void count(III_Result result) {
        things.splice();
        result.r3 = thing.returns;
    }
}
