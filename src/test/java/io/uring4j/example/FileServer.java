package io.uring4j.example;

import io.uring4j.OpenFlags;
import io.uring4j.Ring;
import io.uring4j.Sqe;
import io.uring4j.notify.CompletionNotifier;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A selector loop that has adopted a ring: one thread serves its sockets by a {@link Selector}, as ever, and reads
 * files by io_uring, which a selector can't. A client sends the name of a file and a line feed, and gets the file.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes FileServer.java docs 8080 &
 * echo eventfd.md | nc localhost 8080}</pre>
 */
public final class FileServer {
    private static final int CHUNK = 1 << 16;

    private final Path folder;
    private final Ring ring = Ring.open(256);
    private final Selector selector = Selector.open();
    private final ServerSocketChannel server;

    /** By the user data of their requests: kept until the last completion, since the kernel uses their memory. */
    private final Map<Long, Client> clients = new HashMap<>();

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address = new InetSocketAddress("localhost", Integer.parseInt(arguments[1]));
        new FileServer(Path.of(arguments[0]), ServerSocketChannel.open().bind(address)).run();
    }

    FileServer(Path folder, ServerSocketChannel server) throws IOException {
        this.folder = folder.toRealPath();
        this.server = server;
        server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Serves until the thread is interrupted: the one that has made this, since it owns the ring. */
    void run() throws IOException {
        try (server; selector; ring; CompletionNotifier notifier = CompletionNotifier.start(ring)) {
            notifier.wake(selector);
            for (long id = 1; !Thread.currentThread().isInterrupted(); ) {
                ring.submit();
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.attachment() instanceof Client client) {
                        client.advance();
                    } else if (server.accept() instanceof SocketChannel channel) {
                        clients.put(id, new Client(id++, channel));
                    }
                }
                selector.selectedKeys().clear();
                notifier.drain((userData, result, flags) -> clients.get(userData).completed(result));
            }
        }
    }

    /** One connection. At any time it waits either for its socket or for one request of the ring. */
    private final class Client {
        private final long id;
        private final SocketChannel channel;
        private final SelectionKey key;
        private final MemorySegment memory = Arena.ofAuto().allocate(CHUNK);
        private final ByteBuffer buffer = memory.asByteBuffer();
        private int file = -1;
        private long offset;

        Client(long id, SocketChannel channel) throws IOException {
            this.id = id;
            this.channel = channel;
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        /** Goes on where the socket, or the ring, has let it. */
        void advance() {
            try {
                if (file < 0) {
                    readName();
                } else {
                    writeChunk();
                }
            } catch (IOException | IllegalArgumentException e) {
                finish();
            }
        }

        private void readName() throws IOException {
            int length = channel.read(buffer);
            if (buffer.position() > 0 && buffer.get(buffer.position() - 1) == '\n') {
                key.interestOps(0);
                Path wanted = folder.resolve(StandardCharsets.UTF_8.decode(buffer.flip()).toString().strip());
                memory.setString(0, wanted.normalize().startsWith(folder) ? wanted.toString() : "");
                request().openat(OpenFlags.CURRENT_DIRECTORY, memory, OpenFlags.READ_ONLY, 0).userData(id);
            } else if (length < 0 || !buffer.hasRemaining()) {
                finish();
            }
        }

        private void writeChunk() throws IOException {
            channel.write(buffer);
            key.interestOps(buffer.hasRemaining() ? SelectionKey.OP_WRITE : 0);
            if (!buffer.hasRemaining()) {
                request().read(file, memory, CHUNK, offset).userData(id);
            }
        }

        /** The ring has opened the file, read from it, or closed it (which fails without one, but is answered). */
        void completed(int result) {
            if (!channel.isOpen()) {
                clients.remove(id);
            } else if (result < 0 || file >= 0 && result == 0) {
                finish();
            } else {
                buffer.rewind().limit(file < 0 ? 0 : result);
                offset += buffer.limit();
                file = file < 0 ? result : file;
                advance();
            }
        }

        private void finish() {
            try (channel) {
                request().close(file).userData(id);
            } catch (IOException e) {
                System.err.println("client " + id + ": " + e.getMessage());
            }
        }

        private Sqe request() throws IOException {
            if (ring.submissions().spaceLeft() == 0) {
                ring.submit();
            }
            return ring.submissions().next();
        }
    }
}
