package io.uring4j.bench.file;

import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.Sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Opens and closes descriptors through rings of its own, so that the ring that is measured does nothing else. */
final class Descriptor {
    private Descriptor() {}

    static int open(Path path, boolean direct) throws IOException {
        int flags = OpenFlags.READ_ONLY | (direct ? OpenFlags.DIRECT : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            return perform(sqe -> sqe.openat(OpenFlags.CURRENT_DIRECTORY, name, flags, 0));
        }
    }

    static void close(int fd) throws IOException {
        perform(sqe -> sqe.close(fd));
    }

    private static int perform(Consumer<Sqe> operation) throws IOException {
        try (Ring ring = Ring.open(1)) {
            operation.accept(ring.submissions().next());
            ring.submitAndWait(1);
            ring.completions().next();
            int result = ring.completions().result();
            if (result < 0) {
                throw new IOException("opening or closing ended with " + result);
            }
            return result;
        }
    }
}
