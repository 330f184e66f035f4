package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The loop falls asleep while another thread has something for it: it finds that at its last look, or is woken. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "found")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "woken")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "found, and woken for nothing")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "asleep for ever")
@State
public class WakeUpOfSleeper {
    private final OperationQueue queue = new OperationQueue(4);
    private final Sleep sleep = new Sleep();
    private final Operation operation = new Operation(null, Operation.ELSEWHERE);

    @Actor
    public void loop(II_Result result) {
        sleep.begin();
        result.r1 = queue.isEmpty() ? 0 : 1;
    }

    @Actor
    public void other(II_Result result) {
        queue.offer(operation);
        result.r2 = sleep.isToBeWoken() ? 1 : 0;
    }
}
