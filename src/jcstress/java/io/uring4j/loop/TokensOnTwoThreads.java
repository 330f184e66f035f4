package io.uring4j.loop;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads take tokens while one slot is free: they get different slots. */
@JCStressTest
@Outcome(id = {"0, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "the free slot and a new one")
@Outcome(expect = Expect.FORBIDDEN, desc = "one slot twice, or one too many")
@State
public class TokensOnTwoThreads {
    private final OperationTable table = new OperationTable();

    public TokensOnTwoThreads() {
        table.free(new long[] {table.take()}, 1);
    }

    @Actor
    public void one(II_Result result) {
        result.r1 = OperationTable.slot(table.take());
    }

    @Actor
    public void other(II_Result result) {
        result.r2 = OperationTable.slot(table.take());
    }
}
