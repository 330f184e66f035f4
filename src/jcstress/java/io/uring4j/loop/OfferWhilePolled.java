package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread puts an operation into the queue while the loop looks: it finds it now or later, and whole. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "found at once")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "found later")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or not seen whole")
@State
public class OfferWhilePolled {
    private final OperationQueue queue = new OperationQueue(2);
    private final Operation operation = new Operation(null, Operation.ELSEWHERE);

    @Actor
    public void other() {
        operation.fd = 1;
        queue.offer(operation);
    }

    @Actor
    public void loop(II_Result result) {
        result.r1 = poll();
    }

    @Arbiter
    public void later(II_Result result) {
        result.r2 = poll();
    }

    /** What the operation holds; 0 if there is none, -1 if it holds nothing. */
    private int poll() {
        Operation found = queue.poll();
        return found == null ? 0 : found.fd == 0 ? -1 : found.fd;
    }
}
