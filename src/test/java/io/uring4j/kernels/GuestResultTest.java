package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.uring4j.kernels.GuestResult.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a run of a guest, and what doesn't. */
class GuestResultTest {
    private static final Kernel KERNEL = new Kernel("6.1", "bookworm", "amd64", "6.1.*-cloud-amd64", 1, "");
    private static final String FINISHED = "uname=6.1.0-50-cloud-amd64\nstatus=0\nseconds=61.5\n";
    private static final String REPORT = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="guest">
              <testcase classname="a.B" name="one" time="0.1"/>
              <testcase classname="a.B" name="two"><skipped message="lacks &lt;it&gt;"></skipped></testcase>
              <testcase classname="a.B" name="three"><failure message="wrong">stack</failure></testcase>
              <testcase classname="a.C" name="four"><error message="did not end">stacks</error></testcase>
            </testsuite>
            """;

    @TempDir
    Path folder;

    @Test
    void guestThatLeftNothingDied() throws IOException {
        try (RandomAccessFile disk = new RandomAccessFile(results().toFile(), "rw")) {
            disk.setLength(1 << 20);
        }
        requireDead();
    }

    @Test
    void guestThatWasNeverStartedDied() throws IOException {
        requireDead();
    }

    @Test
    void guestThatDiedWhileWritingItsResultsDied() throws IOException {
        write("results/tests-1.xml", REPORT, "finished", FINISHED);
        try (RandomAccessFile disk = new RandomAccessFile(results().toFile(), "rw")) {
            disk.setLength(700);
        }
        requireDead();
    }

    @Test
    void guestOfAnotherKernelDoesNotCount() throws IOException {
        write("results/tests-1.xml", REPORT, "finished", FINISHED.replace("6.1.0", "6.12.107"));
        GuestResult result = GuestResult.read(folder);
        assertThatThrownBy(() -> result.requireEndOn(KERNEL)).hasMessageContaining("6.12.107");
    }

    @Test
    void guestOfAnotherArchitectureDoesNotCount() throws IOException {
        write("results/tests-1.xml", REPORT, "finished", FINISHED.replace("amd64", "arm64"));
        GuestResult result = GuestResult.read(folder);
        assertThatThrownBy(() -> result.requireEndOn(KERNEL)).hasMessageContaining("arm64");
    }

    @Test
    void guestWhoseRunFailedDoesNotCount() throws IOException {
        write("results/tests-1.xml", REPORT, "finished", FINISHED.replace("status=0", "status=1"));
        GuestResult result = GuestResult.read(folder);
        assertThatThrownBy(() -> result.requireEndOn(KERNEL)).isInstanceOf(AssertionError.class);
    }

    @Test
    void testsOfAllReportsCountByWhatBecameOfThem() throws IOException {
        write("results/tests-1.xml", REPORT, "results/tests-2.xml", REPORT, "finished", FINISHED);
        GuestResult result = GuestResult.read(folder);
        result.requireEndOn(KERNEL);
        assertThat(result.count(Outcome.PASSED)).isEqualTo(2);
        assertThat(result.count(Outcome.SKIPPED)).isEqualTo(2);
        assertThat(result.count(Outcome.FAILED)).isEqualTo(4);
        assertThat(result.tests().get(1).message()).isEqualTo("lacks <it>");
    }

    @Test
    void fewerPassedTestsThanTheFloorDoNotDo() throws IOException {
        write("results/tests-1.xml", REPORT, "finished", FINISHED);
        GuestResult result = GuestResult.read(folder);
        result.requireAtLeast(1);
        assertThatThrownBy(() -> result.requireAtLeast(2)).isInstanceOf(AssertionError.class);
    }

    @Test
    void diagnosisEndsWithItsStatus() throws IOException {
        write("results/diagnosis-memlock", "ring: ENOMEM\nmore\n1\n", "finished", FINISHED);
        Diagnosis diagnosis = GuestResult.read(folder).diagnoses().get("memlock");
        assertThat(diagnosis.ring()).isEqualTo("ENOMEM");
        assertThat(diagnosis.status()).isEqualTo(1);
    }

    private void requireDead() throws IOException {
        GuestResult result = GuestResult.read(folder);
        assertThatThrownBy(() -> result.requireEndOn(KERNEL)).isInstanceOf(AssertionError.class);
    }

    private Path results() {
        return folder.resolve("results.tar");
    }

    private void write(String... namesAndContents) throws IOException {
        try (TarArchiveOutputStream archive = new TarArchiveOutputStream(Files.newOutputStream(results()))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(namesAndContents[i]);
                entry.setSize(content.length);
                archive.putArchiveEntry(entry);
                archive.write(content);
                archive.closeArchiveEntry();
            }
        }
    }
}
