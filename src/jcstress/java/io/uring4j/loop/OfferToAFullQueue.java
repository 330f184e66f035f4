package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread has an operation for a full queue while the loop makes room: it is let in, or refused and not in. */
@JCStressTest
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "let in, behind the one that was left")
@Outcome(id = "0, 2", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(expect = Expect.FORBIDDEN, desc = "lost, doubled, or in another's place")
@State
public class OfferToAFullQueue {
    private final OperationQueue queue = new OperationQueue(2);

    public OfferToAFullQueue() {
        queue.offer(operation(1));
        queue.offer(operation(2));
    }

    private static Operation operation(int fd) {
        Operation operation = new Operation(null, Operation.ELSEWHERE);
        operation.fd = fd;
        return operation;
    }

    @Actor
    public void other(II_Result result) {
        result.r1 = queue.offer(operation(3)) ? 1 : 0;
    }

    @Actor
    public void loop() {
        if (queue.poll().fd != 1) {
            throw new IllegalStateException("not the first");
        }
    }

    /** The last that is in. */
    @Arbiter
    public void later(II_Result result) {
        for (Operation found = queue.poll(); found != null; found = queue.poll()) {
            if (found.fd != result.r2 + 1 && found.fd != 2) {
                throw new IllegalStateException("not in order");
            }
            result.r2 = found.fd;
        }
    }
}
