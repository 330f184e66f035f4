package io.uring4j.kernels;

import java.io.IOException;
import java.nio.file.Path;

/** A way to boot guests. Both do the same: {@code ci/kernels/boot}, on the machine or in a container. */
interface Backend {
    /** Boots any kernel only to see whether a guest comes up. */
    String PROBE = "probe";

    /** What a person calls it. */
    String title();

    /**
     * Boots a guest and waits for its end.
     *
     * @param architecture the guest's
     * @param kernel the kernel's name, or {@value #PROBE}
     * @param payload the payload's tar
     * @param folder an existing folder, which gets {@code results.tar}, {@code console.log} and {@code qemu.log}
     * @param accelerated whether to use KVM
     */
    void boot(String architecture, String kernel, Path payload, Path folder, boolean accelerated)
            throws IOException, InterruptedException;
}
