package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A read of a file that takes a tenth of a second or more, and that no cancellation ends once it has begun. It needs
 * little memory, because all its parts go to the same place, where a test can see whether the kernel still writes.
 */
final class LongRead implements AutoCloseable {
    private static final int PARTS = Math.max(64, Rounds.of(256));
    private static final int PART_BYTES = 1 << 20;
    private static final long WATCH_NANOS = 100_000_000;

    /** Never freed: if close is wrong, the kernel still writes to it. */
    private final MemorySegment part = Arena.global().allocate(PART_BYTES);

    private final MemorySegment iovecs;
    private final OpenFile file;

    LongRead(Path directory) throws IOException {
        Path holes = directory.resolve("holes");
        try (RandomAccessFile created = new RandomAccessFile(holes.toFile(), "rw")) {
            created.setLength((long) PARTS * PART_BYTES);
        }
        MemorySegment[] same = new MemorySegment[PARTS];
        Arrays.fill(same, part);
        iovecs = Iovec.of(Arena.global(), same);
        file = OpenFile.of(holes);
        part.fill((byte) 1);
    }

    /** On a worker thread, so that submitting doesn't wait for it. */
    Sqe prepare(Sqe entry) {
        return entry.readv(file.fd(), iovecs, PARTS, 0).async();
    }

    void awaitBegin() {
        Waiting.until("the read has begun", () -> part.get(ValueLayout.JAVA_BYTE, 0) == 0);
    }

    /** The kernel writes no more. */
    void assertIsOver() {
        part.fill((byte) 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ones = arena.allocate(PART_BYTES).fill((byte) 1);
            for (long end = System.nanoTime() + WATCH_NANOS; System.nanoTime() < end; ) {
                assertThat(part.mismatch(ones)).as("first byte that was written too late").isEqualTo(-1);
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
