package io.uring4j.bench.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SplittableRandom;

/** The file that is read: random content, so that no file system can cheat by compressing it. */
public final class DataFile {
    /** Its size in bytes: small enough for any page cache, far larger than what processors cache. */
    public static final long SIZE = 256L << 20;

    private static final int CHUNK = 1 << 20;

    private final Path path;

    private DataFile(Path path) {
        this.path = path;
    }

    /** Writes the file unless it is there, and reads it into the page cache. */
    public static DataFile in(Path directory) throws IOException {
        Path path = Files.createDirectories(directory).toRealPath().resolve("file-read.data");
        if (!Files.exists(path) || Files.size(path) != SIZE) {
            write(path);
        }
        readAll(path);
        return new DataFile(path);
    }

    private static void write(Path path) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] chunk = new byte[CHUNK];
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (long written = 0; written < SIZE; written += CHUNK) {
                random.nextBytes(chunk);
                ByteBuffer buffer = ByteBuffer.wrap(chunk);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            // O_DIRECT would otherwise have to wait for dirty pages.
            channel.force(true);
        }
    }

    private static void readAll(Path path) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        try (FileChannel channel = FileChannel.open(path)) {
            while (channel.read(buffer) >= 0) {
                buffer.clear();
            }
        }
    }

    public Path path() {
        return path;
    }

    /** Why the file can't be read past the page cache; empty if it can. */
    public Optional<String> directRefusal() throws IOException {
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, DirectOpen.OPTION)) {
            channel.read(ReadTask.allocateBlock(), 0);
            return Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of("O_DIRECT reads of 4 KiB are refused by the " + Files.getFileStore(path).type()
                    + " file system at " + path.getParent() + " (" + e.getMessage()
                    + "); name a directory on another one with --data");
        }
    }
}
