package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Machines that the library doesn't run on are told so before anything native is touched. */
class DoctorTest {
    private static final NativeAccess ENABLED = new NativeAccess(NativeAccess.State.ENABLED, "--flag");

    private static HostFacts host(String os, String architecture) {
        return new HostFacts(os, null, architecture, "25", "a vendor", null, null, null, List.of(), null, null);
    }

    @Test
    void anotherOperatingSystemIsNamed() {
        Diagnosis diagnosis = Doctor.examine(ENABLED, host("Mac OS X", "aarch64"));
        assertThat(diagnosis.verdict().sentence())
                .isEqualTo("io_uring can't be used here: io_uring is a part of Linux, and this is Mac OS X. "
                        + "Run Linux 5.10 or newer");
        assertThat(TextReport.of("1.2.3", diagnosis)).containsPattern("kernel +unknown \\(Mac OS X\\)");
    }

    @Test
    void anotherArchitectureIsNamed() {
        Diagnosis diagnosis = Doctor.examine(ENABLED, host("Linux", "riscv64"));
        assertThat(diagnosis.verdict().usable()).isFalse();
        assertThat(diagnosis.verdict().reason()).contains("x86-64 and AArch64", "riscv64");
    }

    @Test
    void whatCouldNotBeReadIsUnknownInBothReports() {
        Diagnosis diagnosis = Doctor.examine(ENABLED, host("Linux", "riscv64"));
        assertThat(TextReport.of("1.2.3", diagnosis))
                .containsPattern("seccomp +unknown")
                .containsPattern("RLIMIT_MEMLOCK +unknown");
        assertThat(JsonText.object(JsonReport.of("1.2.3", diagnosis)).get("host"))
                .asString()
                .contains("seccomp=null", "memlockBytes=null", "ioUringDisabled=null");
    }
}
