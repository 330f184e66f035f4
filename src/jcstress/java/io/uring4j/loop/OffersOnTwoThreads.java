package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads put operations into the queue: none is lost, and what they hold is seen whole. */
@JCStressTest
@Outcome(id = {"1, 2", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "both")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or not seen whole")
@State
public class OffersOnTwoThreads {
    private final OperationQueue queue = new OperationQueue(2);
    private final Operation first = new Operation(null, Operation.ELSEWHERE);
    private final Operation second = new Operation(null, Operation.ELSEWHERE);

    @Actor
    public void one() {
        first.fd = 1;
        queue.offer(first);
    }

    @Actor
    public void other() {
        second.fd = 2;
        queue.offer(second);
    }

    @Arbiter
    public void loop(II_Result result) {
        result.r1 = poll();
        result.r2 = poll();
    }

    /** What the operation holds; 0 if there is none. */
    private int poll() {
        Operation operation = queue.poll();
        return operation == null ? 0 : operation.fd;
    }
}
