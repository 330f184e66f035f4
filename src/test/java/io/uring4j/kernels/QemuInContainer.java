package io.uring4j.kernels;

import com.github.dockerjava.api.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** Starts QEMU in a container that holds it, the kernels and the guest's disks. */
final class QemuInContainer implements Backend {
    /** More than {@code ci/kernels/boot} gives a guest. */
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private static final String WORK = "/guest/";

    @Override
    public String title() {
        return "QEMU in containers";
    }

    @Override
    public void boot(String architecture, String kernel, Path payload, Path folder, boolean accelerated)
            throws IOException {
        DockerImageName image = DockerImageName.parse(Engine.image(architecture, "container"));
        try (GenericContainer<?> container = new GenericContainer<>(image)) {
            container
                    .withNetworkMode("none")
                    .withCopyFileToContainer(MountableFile.forHostPath(payload), WORK + "payload.tar")
                    .withCommand(
                            accelerated
                                    ? new String[] {"/kernels/boot", kernel, WORK, "kvm"}
                                    : new String[] {"/kernels/boot", kernel, WORK})
                    .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(LIMIT));
            if (accelerated) {
                container.withCreateContainerCmdModifier(command ->
                        command.getHostConfig().withDevices(new Device("rwm", "/dev/kvm", "/dev/kvm")));
            }
            container.start();
            List<String> left = kernel.equals(PROBE)
                    ? List.of("console.log", "qemu.log")
                    : List.of("console.log", "qemu.log", "results.tar");
            for (String file : left) {
                container.copyFileFromContainer(WORK + file, folder.resolve(file).toString());
            }
        } catch (ContainerLaunchException e) {
            throw new IOException("the container with the guest failed", e);
        }
    }
}
