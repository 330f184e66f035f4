package io.uring4j;

import java.nio.file.Path;

/** An open file. */
record OpenFile(int fd) implements AutoCloseable {
    static OpenFile of(Path path) {
        return new OpenFile(Posix.open(path, OpenFlags.READ_WRITE | OpenFlags.CREATE));
    }

    @Override
    public void close() {
        Posix.close(fd);
    }
}
