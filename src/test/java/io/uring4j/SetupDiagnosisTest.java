package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why no ring can be had, and what to do about it. */
class SetupDiagnosisTest {
    @ParameterizedTest(name = "{0}, io_uring_disabled={1}, seccomp={2}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            ENOSYS | '' | false | 4.19.0; 5.10                | seccomp
            ENOSYS | '' | true  | seccomp; CONFIG_IO_URING    | -
            EPERM  | 2  | false | kernel.io_uring_disabled; 2 | seccomp
            EPERM  | 2  | true  | kernel.io_uring_disabled; 2 | seccomp
            EPERM  | 1  | false | kernel.io_uring_disabled; kernel.io_uring_group; CAP_SYS_ADMIN | seccomp
            EPERM  | 0  | true  | seccomp; io_uring_setup; io_uring_enter; io_uring_register; --security-opt | io_uring_disabled
            EPERM  | '' | true  | seccomp                     | io_uring_disabled
            EPERM  | 0  | false | SELinux; AppArmor           | io_uring_disabled
            ENOMEM | '' | false | 8192 KiB; ulimit -l         | seccomp
            EMFILE | '' | false | ulimit -n                   | memlock
            ENFILE | '' | false | fs.file-max                 | memlock
            EINVAL | '' | false | 4.19.0; flags               | memlock
            """)
    void eachCauseHasItsAdvice(Errno errno, String disabled, boolean seccomp, String said, String unsaid) {
        SetupDiagnosis diagnosis =
                new SetupDiagnosis(new SetupDiagnosis.Host("4.19.0", disabled, seccomp, "8192 KiB"));

        UringException e = diagnosis.explain(-errno.number());

        assertThat(e.call()).isEqualTo("io_uring_setup");
        assertThat(e.error()).isEqualTo(errno);
        assertThat(e.hint()).contains(said.split("; ")).doesNotEndWith(".");
        if (unsaid != null) {
            assertThat(e.hint()).doesNotContain(unsaid);
        }
        assertThat(e).hasMessageContaining(errno.name()).hasMessageContaining(e.hint());
    }

    @Test
    void hostTellsOfItself() {
        SetupDiagnosis.Host host = SetupDiagnosis.Host.current();
        assertThat(host.kernelRelease()).isEqualTo(System.getProperty("os.version"));
        assertThat(host.ioUringDisabled()).matches("[012]?");
        assertThat(host.memlock()).matches("unlimited|\\d+ KiB");
    }

    @Test
    void processWithoutFreeDescriptorsIsToldSo() throws Exception {
        // All that the refusal needs is loaded before no file can be opened any more.
        SetupDiagnosis.ofHost().explain(-Errno.EMFILE.number());
        Ring.open(RingConfig.plain(4)).close();
        int[] taken = new int[1 << 16];
        int count = 0;
        UringException refusal = null;
        try (Pipe pipe = new Pipe()) {
            try {
                for (int fd = Posix.dup(pipe.readEnd()); fd >= 0; fd = Posix.dup(pipe.readEnd())) {
                    if (count == taken.length) {
                        taken = Arrays.copyOf(taken, 2 * count);
                    }
                    taken[count++] = fd;
                }
                Ring.open(RingConfig.plain(4)).close();
            } catch (UringException e) {
                refusal = e;
            } finally {
                for (int i = 0; i < count; i++) {
                    Posix.close(taken[i]);
                }
            }
        }
        assertThat(refusal).isNotNull();
        assertThat(refusal.error()).isEqualTo(Errno.EMFILE);
        assertThat(refusal).hasMessageContaining("ulimit -n");
        try (Ring ring = Ring.open(RingConfig.plain(4))) {
            assertThat(ring.isClosed()).as("closed, with descriptors free again").isFalse();
        }
    }

    @Test
    void refusedConfigurationIsExplained() {
        assertThatExceptionOfType(UringException.class)
                .isThrownBy(() -> Ring.open(RingConfig.plain(4).submissionThread(1).submissionThreadCpu(1 << 20)).close())
                .withMessageContaining("EINVAL")
                .withMessageContaining(SetupDiagnosis.Host.current().kernelRelease());
    }
}
