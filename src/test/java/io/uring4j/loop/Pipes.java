package io.uring4j.loop;

import io.uring4j.sys.Libc;
import io.uring4j.sys.Pipe;

/** A pipe: a read of it stays in flight until something is written. */
final class Pipes implements AutoCloseable {
    private final Pipe pipe = Pipe.open();
    private boolean writeClosed;

    int readEnd() {
        return pipe.readEnd();
    }

    int writeEnd() {
        return pipe.writeEnd();
    }

    void closeWriteEnd() {
        if (!writeClosed) {
            writeClosed = true;
            Libc.close(pipe.writeEnd());
        }
    }

    @Override
    public void close() {
        Libc.close(pipe.readEnd());
        closeWriteEnd();
    }
}
