package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A thread releases twice while the owner takes the comp list over: the second is refused, wherever the thing is. */
@JCStressTest
@Outcome(
        id = "0, 1, 1",
        expect = Expect.ACCEPTABLE,
        desc = "the second is refused, and it is back once")
@Outcome(expect = Expect.FORBIDDEN, desc = "accepted twice, or lost, or doubled")
@State
public class DoubleReleaseDuringSplice {
    private final Things things = new Things();
    private final Things.Thing thing = new Things.Thing();

    @Actor
    public void other(III_Result result) {
        result.r1 = things.elsewhere(thing);
        result.r2 = things.elsewhere(thing);
    }

    @Actor
    public void owner() {
        things.splice();
    }

    @Arbiter
    public void count(III_Result result) {
        things.splice();
        result.r3 = thing.returns;
    }
}
