package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;

/** What a guest's kernel can forbid, and what a program is then told: {@code ci/kernels/guest/run} sets it up. */
final class GuestRestrictions {
    private final Map<String, Diagnosis> diagnoses;

    GuestRestrictions(GuestResult guest) {
        diagnoses = guest.diagnoses();
    }

    Stream<DynamicNode> tests() {
        return Stream.of(
                dynamicTest("io_uring_disabled 1 is named as what keeps other users out", () -> diagnosis("disabled-1")
                        .requireRefusal("kernel.io_uring_disabled is 1", "CAP_SYS_ADMIN", "kernel.io_uring_group")),
                dynamicTest("io_uring_disabled 2 is named as what keeps all out", () -> diagnosis("disabled-2")
                        .requireRefusal("kernel.io_uring_disabled is 2", "forbids io_uring to all")),
                dynamicTest("a low limit of locked memory is named as what is too little", this::lowMemlock));
    }

    /** Before Linux 5.12 and from 6.14 on rings count as locked memory; registered buffers do on all. */
    private void lowMemlock() {
        Diagnosis diagnosis = diagnosis("memlock");
        if (diagnosis.ring().equals("opened")) {
            diagnosis.requireUsable();
            assertThat(diagnosis.buffers()).as(diagnosis.text()).contains("RLIMIT_MEMLOCK allows 0 KiB", "ulimit -l");
        } else {
            diagnosis.requireRefusal("ENOMEM", "from 6.14 on", "0 KiB are allowed", "ulimit -l");
        }
    }

    private Diagnosis diagnosis(String name) {
        Diagnosis found = diagnoses.get(name);
        assertThat(found).as("what the guest said under " + name).isNotNull();
        assumeTrue(!found.text().isEmpty(), "this kernel has no sysctl kernel.io_uring_disabled, which came with Linux 6.6");
        return found;
    }
}
