package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread takes an operation while the loop puts back the one that has ended: it never serves two at a time. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "taken again")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "came too late for the thread, which got a new one")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, or at rest and in use")
@State
public class RequestsElsewhere {
    private final OperationTable table = new OperationTable();
    private final RequestCache cache = new RequestCache(table, true, kind -> new Operation(null, kind));
    private final Operation ended = cache.takeElsewhere();
    private Operation taken;

    public RequestsElsewhere() {
        ended.token = table.take();
        table.bind(ended);
    }

    @Actor
    public void other() {
        taken = cache.takeElsewhere();
    }

    @Actor
    public void loop() {
        cache.putBackAtEndOfTurn(ended);
        cache.endTurn();
    }

    /** How many are at rest, and whether the one in use is the old one. */
    @Arbiter
    public void later(II_Result result) {
        result.r1 = cache.stats(0).elsewhere().available();
        result.r2 = taken == ended ? 1 : 0;
    }
}
