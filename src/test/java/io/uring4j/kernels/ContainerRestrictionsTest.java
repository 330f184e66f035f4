package io.uring4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Ulimit;
import io.uring4j.Capabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.IndefiniteWaitOneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** What a container can forbid, and what a program is then told: on this machine's own kernel, without a guest. */
@Tag("kernels")
@ExtendWith(NeedsGuests.class)
class ContainerRestrictionsTest {
    private static final long LOW_MEMLOCK = 64 * 1024;

    private static Payload payload;

    @BeforeAll
    static void collect() throws IOException {
        payload = Payload.build("");
    }

    @BeforeEach
    void needsEngine() {
        Assumptions.assumeTrue(Engine.answers(), "there is no container engine here: ci/kernels/with-engine starts one");
        Assumptions.assumeTrue(Capabilities.isAvailable(), "io_uring can't be used on this machine itself");
    }

    @Test
    void seccompProfileIsNamedAsWhatBlocksIoUring() throws Exception {
        String profile = Files.readString(Project.KERNELS.resolve("without-io-uring.json"));
        Diagnosis diagnosis = diagnose(host -> host.withSecurityOpts(List.of("seccomp=" + profile)));
        diagnosis.requireRefusal(
                "EPERM", "seccomp profile blocks io_uring", "io_uring_setup, io_uring_enter and io_uring_register");
    }

    @Test
    void unconfinedContainerCanUseIoUring() throws Exception {
        Diagnosis diagnosis = diagnose(host -> host.withSecurityOpts(List.of("seccomp=unconfined")));
        diagnosis.requireUsable();
    }

    @Test
    void lowMemlockLimitIsNamedAsTooLittleForRegisteredBuffers() throws Exception {
        Diagnosis diagnosis = diagnose(host -> host.withSecurityOpts(List.of("seccomp=unconfined"))
                .withUlimits(List.of(new Ulimit("memlock", LOW_MEMLOCK, LOW_MEMLOCK))));
        diagnosis.requireUsable();
        assertThat(diagnosis.buffers())
                .as(diagnosis.text())
                .contains("RLIMIT_MEMLOCK allows 64 KiB", "--ulimit memlock= of Docker");
    }

    private static Diagnosis diagnose(Consumer<HostConfig> restriction) throws IOException {
        try (GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(Engine.image(Kernel.NATIVE, "guest")))) {
            for (Path jar : payload.jars()) {
                container.withCopyFileToContainer(MountableFile.forHostPath(jar), "/run/" + jar.getFileName());
            }
            container
                    .withNetworkMode("none")
                    .withCreateContainerCmdModifier(command -> restriction.accept(command.getHostConfig()))
                    .withCommand(
                            "/opt/java/bin/java",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            "/run/*",
                            GuestDiagnosis.class.getName())
                    .withStartupCheckStrategy(new IndefiniteWaitOneShotStartupCheckStrategy());
            StringBuilder output = new StringBuilder();
            container.withLogConsumer(frame -> {
                if (frame.getType() == OutputFrame.OutputType.STDOUT) {
                    output.append(frame.getUtf8String());
                }
            });
            int status = 0;
            try {
                container.start();
            } catch (ContainerLaunchException e) {
                status = 1;
            }
            return new Diagnosis(output.toString(), status);
        }
    }
}
