package io.uring4j.buffer;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** What a thread did with a thing before it released it has happened when the owner has it back. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "not back yet")
@Outcome(id = "42", expect = Expect.ACCEPTABLE, desc = "back, with all that was done")
@Outcome(expect = Expect.FORBIDDEN, desc = "back too early")
@State
public class ContentOfReleased {
    private final Things things = new Things();
    private final Things.Thing thing = new Things.Thing();

    @Actor
    public void other() {
        thing.content = 42;
        things.releaseElsewhere(thing);
    }

    @Actor
    public void owner(I_Result result) {
        things.splice();
        result.r1 = thing.returns == 0 ? -1 : thing.content;
    }
}
