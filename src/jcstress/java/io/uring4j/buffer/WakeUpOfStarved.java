package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The owner runs out while another thread releases: it finds the thing at its second look, or is woken. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "found")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "woken")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "found, and woken for nothing")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "asleep for ever")
@State
public class WakeUpOfStarved {
    private final Things things = new Things();
    private final Things.Thing thing = new Things.Thing();
    private int woken;

    public WakeUpOfStarved() {
        things.starvation.onRelease(() -> woken = 1);
    }

    @Actor
    public void owner(II_Result result) {
        things.starvation.raise();
        things.splice();
        result.r1 = things.returns;
    }

    @Actor
    public void other(II_Result result) {
        things.releaseElsewhere(thing);
        result.r2 = woken;
    }
}
