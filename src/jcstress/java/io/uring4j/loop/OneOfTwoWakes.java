package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads have something for a loop that sleeps: one of them wakes it. */
@JCStressTest
@Outcome(id = {"1, 0", "0, 1"}, expect = Expect.ACCEPTABLE, desc = "one wakes it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both do, or none")
@State
public class OneOfTwoWakes {
    private final Sleep sleep = new Sleep();

    public OneOfTwoWakes() {
        sleep.begin();
    }

    @Actor
    public void one(II_Result result) {
        result.r1 = sleep.isToBeWoken() ? 1 : 0;
    }

    @Actor
    public void other(II_Result result) {
        result.r2 = sleep.isToBeWoken() ? 1 : 0;
    }
}
