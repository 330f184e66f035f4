package io.uring4j;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A pipe: a read of it stays in flight until the test writes. */
final class Pipe implements AutoCloseable {
    private final int[] ends = Posix.pipe();

    int readEnd() {
        return ends[0];
    }

    int writeEnd() {
        return ends[1];
    }

    void write(String text) {
        try (Arena arena = Arena.ofConfined()) {
            Posix.write(writeEnd(), arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Reads what is there, or waits. */
    String read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            int length = Posix.read(readEnd(), buffer);
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    void closeWriteEnd() {
        Posix.close(ends[1]);
        ends[1] = -1;
    }

    @Override
    public void close() {
        Posix.close(ends[0]);
        if (ends[1] >= 0) {
            Posix.close(ends[1]);
        }
    }
}
