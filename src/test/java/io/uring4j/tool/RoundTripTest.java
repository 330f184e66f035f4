package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTripTest {
    @TempDir
    Path directory;

    @Test
    void itLeavesNoFileBehind() throws IOException {
        assertThat(RoundTrip.in(directory).failure()).isNull();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsNamedAndTheStepsAfterItAreNotReached() {
        Path absent = directory.resolve("absent");
        RoundTrip.Result result = RoundTrip.in(absent);
        RoundTrip.Failure failure = result.failure();
        assertThat(failure).isNotNull();
        assertThat(failure.step()).isEqualTo(RoundTrip.Step.OPENAT);
        assertThat(failure.reason()).contains("IORING_OP_OPENAT", absent.toString(), "ENOENT");
        assertThat(failure.advice()).contains("-Djava.io.tmpdir");
        assertThat(result.outcome(RoundTrip.Step.NOP)).isEqualTo(RoundTrip.Outcome.PASSED);
        assertThat(result.outcome(RoundTrip.Step.OPENAT)).isEqualTo(RoundTrip.Outcome.FAILED);
        assertThat(result.outcome(RoundTrip.Step.WRITE)).isEqualTo(RoundTrip.Outcome.NOT_REACHED);
    }
}
