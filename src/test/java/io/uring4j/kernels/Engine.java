package io.uring4j.kernels;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;

/** The container engine that Testcontainers found, and our images in it. */
final class Engine {
    private Engine() {}

    static boolean answers() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    /**
     * Sees to it that the engine has an image that {@code ci/kernels/build} made.
     *
     * @param architecture of the guests that it is for
     * @param name {@code container} or {@code guest}
     * @return the image's name in the engine
     */
    static synchronized String image(String architecture, String name) throws IOException {
        Path built = Project.built(architecture);
        String image = "uring4j-" + name + ":" + Files.readString(built.resolve("built")).strip();
        DockerClient client = DockerClientFactory.instance().client();
        try {
            client.inspectImageCmd(image).exec();
        } catch (NotFoundException e) {
            try (InputStream archive = Files.newInputStream(built.resolve(name + ".tar"))) {
                client.loadImageCmd(archive).exec();
            }
        }
        return image;
    }
}
