package io.uring4j.example;

import io.uring4j.OpenFlags;
import io.uring4j.Statx;
import io.uring4j.UringException;
import io.uring4j.loop.EventLoop;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Copies a file, to a file or into a folder, as cp does: several blocks at once, each of which is read and then
 * written, by callbacks.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes Copy.java from to}</pre>
 */
public final class Copy {
    private static final int BLOCK_BYTES = 1 << 17;
    private static final int BLOCKS_AT_ONCE = 16;
    private static final int PERMISSIONS = 0777;

    private final EventLoop loop;
    private final int from;
    private final int to;

    /** These are used on the loop's thread only. */
    private long offset;

    private int active = BLOCKS_AT_ONCE;
    private UringException failure;

    private final CompletableFuture<Void> end = new CompletableFuture<>();

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: Copy FROM TO");
            System.exit(2);
        }
        try {
            copy(Path.of(arguments[0]), Path.of(arguments[1]));
        } catch (IOException e) {
            System.err.println("Copy: " + e.getMessage());
            System.exit(1);
        }
    }

    /** Copies a file with its permissions, as far as the umask lets it. */
    static void copy(Path from, Path to) throws IOException, InterruptedException {
        Path target = Files.isDirectory(to) ? to.resolve(from.getFileName()) : to;
        MemorySegment status = Statx.allocate(Arena.ofAuto());
        try (EventLoop loop = EventLoop.start()) {
            loop.status(from, 0, Statx.BASIC, status).await();
            if (!Statx.isRegularFile(status)) {
                throw new FileSystemException(from.toString(), null, "not a regular file");
            }
            if (Files.exists(target) && Files.isSameFile(from, target)) {
                throw new FileSystemException(from.toString(), target.toString(), "are the same file");
            }
            int source = loop.open(from, OpenFlags.READ_ONLY, 0).await();
            try {
                int flags = OpenFlags.WRITE_ONLY | OpenFlags.CREATE | OpenFlags.TRUNCATE;
                int copy = loop.open(target, flags, Statx.mode(status) & PERMISSIONS).await();
                try {
                    new Copy(loop, source, copy).run();
                } finally {
                    // Some file systems tell only now that they couldn't write.
                    loop.close(copy).await();
                }
            } finally {
                loop.close(source).await();
            }
        }
    }

    private Copy(EventLoop loop, int from, int to) {
        this.loop = loop;
        this.from = from;
        this.to = to;
    }

    private void run() throws IOException, InterruptedException {
        loop.execute(() -> {
            for (int i = 0; i < BLOCKS_AT_ONCE; i++) {
                new Block().next();
            }
        });
        try {
            end.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** A part of the file under way; when it has arrived, the next part. */
    private final class Block {
        private final MemorySegment buffer = Arena.ofAuto().allocate(BLOCK_BYTES);
        private long position;

        void next() {
            position = offset;
            offset += BLOCK_BYTES;
            loop.read(from, buffer, position).fully().start((result, flags, block) -> block.read(result), this);
        }

        private void read(int result) {
            if (result <= 0) {
                finish(result, "read");
            } else {
                loop.write(to, buffer, result, position)
                        .fully()
                        .start((written, flags, block) -> block.written(written), this);
            }
        }

        private void written(int result) {
            if (result < 0 || failure != null) {
                finish(result, "write");
            } else {
                next();
            }
        }

        private void finish(int result, String call) {
            if (result < 0) {
                failure = new UringException(call, result);
            }
            if (--active > 0) {
                return;
            }
            if (failure == null) {
                end.complete(null);
            } else {
                end.completeExceptionally(failure);
            }
        }
    }
}
