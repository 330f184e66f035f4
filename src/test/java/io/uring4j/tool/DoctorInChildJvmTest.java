package io.uring4j.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.Errno;
import io.uring4j.tool.ChildJvm.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a person runs it: exit statuses, and answers to what really goes wrong. */
class DoctorInChildJvmTest {
    private static final String CLASSES = ChildJvm.folderOf(Main.class);
    private static final String TEST_CLASSES = ChildJvm.folderOf(DoctorInChildJvmTest.class);
    private static final String MAIN = Main.class.getName();
    private static final String UNNAMED_FLAG = "--enable-native-access=ALL-UNNAMED";
    private static final String MODULE_FLAG = "--enable-native-access=io.uring4j";
    private static final String DENY = "--illegal-native-access=deny";

    @TempDir
    static Path directory;

    private static String jar;

    @BeforeAll
    static void packTheJar() throws Exception {
        Path manifest = Files.writeString(
                directory.resolve("manifest"),
                """
                Enable-Native-Access: ALL-UNNAMED
                Implementation-Version: 1.2.3
                """);
        jar = directory.resolve("uring4j.jar").toString();
        Outcome packed = ChildJvm.jar(
                "--create", "--file", jar, "--manifest", manifest.toString(), "--main-class", MAIN,
                "--module-version", "1.2.3", "-C", CLASSES, ".");
        assertThat(packed.status()).as(packed.err()).isZero();
    }

    private static void requireRefusal(Outcome outcome, String... parts) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.firstLine()).startsWith("io_uring can't be used here: ").contains(parts);
        assertThat(outcome.out().lines().toList().getLast()).isEqualTo(outcome.firstLine());
        assertThat(outcome.out() + outcome.err()).doesNotContain("\tat ").doesNotContain("Exception");
    }

    private static Map<String, Object> refusal(Outcome outcome) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.out() + outcome.err()).doesNotContain("\tat ");
        Map<String, Object> report = JsonText.object(outcome.out());
        assertThat(report).containsEntry("usable", false);
        return report;
    }

    @Test
    void theJarNeedsNoOption() {
        Outcome outcome = ChildJvm.java(DENY, "-jar", jar, "doctor");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.firstLine()).isEqualTo("io_uring can be used here");
        assertThat(outcome.out()).containsPattern("native access +enabled");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void theJarKnowsItsVersionOnBothPaths() {
        assertThat(ChildJvm.java("-jar", jar, "--version").out()).isEqualTo("uring4j 1.2.3\n");
        assertThat(ChildJvm.java("-p", jar, "-m", "io.uring4j/" + MAIN, "--version").out())
                .isEqualTo("uring4j 1.2.3\n");
    }

    @Test
    void wrongUsageExitsWithTwo() {
        Outcome outcome = ChildJvm.java("-jar", jar, "doctor", "--xml");
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("uring4j: doctor has no option --xml\n");
    }

    @Test
    void whatIsNotEnabledOnTheClassPathIsAnsweredWithTheFlag() {
        requireRefusal(
                ChildJvm.java(DENY, "-cp", CLASSES, MAIN, "doctor"), "Add " + UNNAMED_FLAG + " to the java command");
        assertThat(ChildJvm.java(DENY, UNNAMED_FLAG, "-cp", CLASSES, MAIN, "doctor").status()).isZero();
    }

    @Test
    void whatIsNotEnabledOnTheModulePathIsAnsweredWithTheModulesFlag() {
        String module = "io.uring4j/" + MAIN;
        requireRefusal(
                ChildJvm.java(DENY, "-p", CLASSES, "-m", module, "doctor"),
                "Add " + MODULE_FLAG + " to the java command");
        assertThat(ChildJvm.java(DENY, MODULE_FLAG, "-p", CLASSES, "-m", module, "doctor").status()).isZero();
    }

    @Test
    void aReportForProgramsNamesTheFlagToo() {
        Map<String, Object> report = refusal(ChildJvm.java(DENY, "-cp", CLASSES, MAIN, "doctor", "--json"));
        assertThat(report).containsEntry("nativeAccess", Map.of("state", "DENIED", "flag", UNNAMED_FLAG));
        assertThat(report).containsEntry("calls", List.of());
        assertThat(report).containsEntry("capabilities", null).containsEntry("ring", null);
    }

    @Test
    void aWarningOfTheJvmDoesNotMixWithTheJson() {
        Outcome outcome = ChildJvm.java("-cp", CLASSES, MAIN, "doctor", "--json");
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).contains("WARNING", UNNAMED_FLAG);
        assertThat(JsonText.object(outcome.out()))
                .containsEntry("usable", true)
                .containsEntry("nativeAccess", Map.of("state", "TOLERATED", "flag", UNNAMED_FLAG));
    }

    /** How few descriptors a JVM can start with is its own business: each number is tried, up to enough. */
    @Test
    void withEverFewerDescriptorsTheDoctorNeverCrashes() {
        int explained = 0;
        for (int limit = 64; limit > 3; limit = limit > 16 ? limit / 2 : limit - 1) {
            Outcome outcome = ChildJvm.java(List.of("prlimit", "--nofile=" + limit), "-jar", jar, "doctor");
            if (!outcome.firstLine().startsWith("io_uring")) {
                break; // the JVM itself didn't start
            }
            if (outcome.status() != 0) {
                requireRefusal(outcome, "EMFILE", "ulimit -n");
                explained++;
            }
        }
        assertThat(explained).isPositive();
    }

    @Test
    void withoutADescriptorForTheRingItNamesTheLimit() {
        Map<String, Object> report = refusal(withoutDescriptors("libc-loaded"));
        assertThat(report.get("reason")).isEqualTo("io_uring_setup: EMFILE (too many open files)");
        assertThat(report.get("advice")).asString().contains("ulimit -n");
    }

    @Test
    void withoutADescriptorForLibcItNamesTheLimitToo() {
        Map<String, Object> report = refusal(withoutDescriptors("nothing-loaded"));
        assertThat(report.get("reason")).asString().contains("could not load what it needs");
        assertThat(report.get("advice")).asString().contains("ulimit -n");
    }

    private static Outcome withoutDescriptors(String state) {
        return ChildJvm.java(
                List.of("prlimit", "--nofile=40"),
                UNNAMED_FLAG, "-cp", jar + ":" + TEST_CLASSES, WithoutDescriptors.class.getName(), state);
    }

    @Test
    void aFileThatMayNotGrowIsToldAtTheWrite() {
        Outcome outcome = ChildJvm.java(List.of("prlimit", "--fsize=4096"), "-jar", jar, "doctor");
        requireRefusal(outcome, "could not write a pattern: IORING_OP_WRITE on /", "4096 bytes of 8192", "ulimit -f");
        assertThat(outcome.out())
                .containsPattern("open a file +passed")
                .containsPattern("write a pattern +FAILED")
                .containsPattern("read it back +not reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPERM", "ENOSYS"})
    void aSeccompProfileIsNamedAsTheCause(String errno) {
        Map<String, Object> report = refusal(underSeccomp("setup,enter,register", Errno.valueOf(errno)));
        assertThat(report.get("reason")).asString().startsWith("io_uring_setup: " + errno);
        assertThat(report.get("advice"))
                .asString()
                .contains("seccomp", "io_uring_setup, io_uring_enter and io_uring_register");
        assertThat(report.get("host")).asString().contains("seccomp=2");
        assertThat(report.get("calls"))
                .isEqualTo(List.of(
                        Map.of("name", "io_uring_setup", "getsThrough", false, "answer", errno),
                        Map.of("name", "io_uring_enter", "getsThrough", false, "answer", errno),
                        Map.of("name", "io_uring_register", "getsThrough", false, "answer", errno)));
    }

    @Test
    void aProfileThatForgetsToAllowEnterIsToldSo() {
        Map<String, Object> report = refusal(underSeccomp("enter", Errno.EPERM));
        assertThat(report).containsEntry("reason", "io_uring_enter is refused (EPERM)");
        assertThat(report.get("advice")).asString().contains("seccomp", "all three");
        assertThat(report.get("roundTrip")).asString().contains("step=NOP, outcome=failed");
    }

    @Test
    void aProfileThatForgetsToAllowRegisterIsToldSo() {
        Map<String, Object> report = refusal(underSeccomp("register", Errno.EPERM));
        assertThat(report.get("reason")).asString().startsWith("io_uring_register: EPERM");
        assertThat(report.get("advice")).asString().contains("seccomp", "io_uring_register");
    }

    private static Outcome underSeccomp(String calls, Errno errno) {
        return ChildJvm.java(
                UNNAMED_FLAG, "-cp", CLASSES + ":" + TEST_CLASSES, UnderSeccomp.class.getName(), calls,
                Integer.toString(errno.number()));
    }
}
