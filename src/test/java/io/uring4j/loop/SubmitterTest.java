package io.uring4j.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Posix;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is started while the kernel takes nothing: the ring's descriptor is another file's meanwhile. */
class SubmitterTest {
    private static final int ENTRIES = 128;

    @AutoClose
    private final Pipes pipe = new Pipes();

    private final OperationTable table = new OperationTable();
    private final List<Long> started = new ArrayList<>();

    private void start(Submitter submitter, int count) {
        for (int i = 0; i < count; i++) {
            Operation operation = new Operation(null, 0).make(Preparation.NOP, 0);
            operation.token = table.take();
            table.bind(operation);
            submitter.submit(operation);
            started.add(operation.token);
        }
    }

    /** So many at first, of which as many as there are entries are prepared, and further ones behind those that wait. */
    @ParameterizedTest
    @CsvSource({"128, 0", "200, 0", "200, 56", "200, 57", "250, 1000", "256, 1", "2000, 3000"})
    void isPreparedOnceAndInOrderWhenTheKernelTakesItAgain(int before, int after) throws Exception {
        try (Ring ring = Ring.open(RingConfig.plain(ENTRIES))) {
            Submitter submitter = new Submitter(ring, table);
            int own = Posix.dup(ring.fd());
            try {
                Posix.dup2(pipe.readEnd(), ring.fd());
                start(submitter, before);
                submitter.prepareNoted();
                assertThat(ring.submissions().pending()).isEqualTo(ENTRIES);
                assertThat(submitter.isStuck()).isEqualTo(before > ENTRIES);
                start(submitter, after);
                assertThat(submitter.noted()).isEqualTo(before + after);
            } finally {
                Posix.dup2(own, ring.fd());
                Posix.close(own);
            }
            List<Long> ended = new ArrayList<>();
            while (ended.size() < started.size()) {
                submitter.prepareNoted();
                ring.submitAndWait(1);
                ring.completions().drain((userData, result, flags) -> ended.add(userData));
                submitter.refreshRoom();
            }
            assertThat(ended).isEqualTo(started);
            assertThat(submitter.noted()).isEqualTo(before + after);
            assertThat(submitter.hasBacklog()).isFalse();
        }
    }
}
