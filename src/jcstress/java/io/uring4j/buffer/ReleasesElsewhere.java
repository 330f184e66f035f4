package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Another thread releases two things while the owner takes the comp list over: each comes back once. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "each is back once")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost or doubled")
@State
public class ReleasesElsewhere {
    private final Things things = new Things();
    private final Things.Thing one = new Things.Thing();
    private final Things.Thing other = new Things.Thing();

    @Actor
    public void other() {
        things.releaseElsewhere(one);
        things.releaseElsewhere(other);
    }

    @Actor
    public void owner() {
        things.splice();
    }

    @Arbiter
    public void count(III_Result result) {
        things.splice();
        result.r1 = one.returns;
        result.r2 = other.returns;
        result.r3 = (int) things.doubleReleases();
    }
}
