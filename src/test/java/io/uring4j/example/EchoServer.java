package io.uring4j.example;

import io.uring4j.Sockets;
import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.loop.Acceptor;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import io.uring4j.loop.ReceiveBuffers;
import io.uring4j.loop.Receiver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/**
 * Sends back what it receives: by callbacks, on one loop, without copying. One multishot accept brings the connections,
 * one multishot receive per connection the data, in buffers that the kernel picks; what was received is sent from the
 * very buffer, which goes back to the kernel after that.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes EchoServer.java 7007 &
 * echo hello | nc -N localhost 7007}</pre>
 */
public final class EchoServer implements AutoCloseable {
    private static final int BUFFER_BYTES = 4096;
    private static final int BUFFERS = 4096;

    /** Who doesn't read gets no more than this ahead: in buffers. */
    private static final int MOST_UNSENT = 16;

    private final EventLoop loop;
    private final ReceiveBuffers buffers;
    private final LocalSocket listener;
    private final Acceptor acceptor;

    public static void main(String[] arguments) throws Exception {
        try (EventLoop loop = EventLoop.start();
                EchoServer server = new EchoServer(loop, new InetSocketAddress(Integer.parseInt(arguments[0])))) {
            System.out.println("listening on " + server.address());
            Thread.currentThread().join();
        }
    }

    EchoServer(EventLoop loop, InetSocketAddress address) throws UringException {
        this.loop = loop;
        buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(BUFFER_BYTES, BUFFERS), 1024);
        listener = LocalSocket.listen(address, 1024);
        acceptor = Acceptor.start(loop, listener.fd(), Connection::new);
    }

    InetSocketAddress address() throws UringException {
        return (InetSocketAddress) listener.address();
    }

    /** Accepts no more. Connections end with the loop. */
    @Override
    public void close() {
        acceptor.close();
        listener.close();
    }

    /** What is received is sent in order: one send at a time. */
    private final class Connection implements Receiver.Listener {
        private final int fd;
        private final Receiver receiver;
        private final ArrayDeque<BufferLease> unsent = new ArrayDeque<>();
        private boolean sending;
        private boolean paused;
        private boolean over;

        private Connection(int fd) {
            this.fd = fd;
            try {
                LocalSocket.setOption(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
            } catch (IOException e) {
                // Gone already: the receiver will tell.
            }
            receiver = Receiver.start(buffers, fd, this);
        }

        @Override
        public void received(BufferLease lease) {
            unsent.add(lease);
            if (unsent.size() >= MOST_UNSENT && !paused) {
                paused = true;
                receiver.pause();
            }
            sendNext();
        }

        private void sendNext() {
            BufferLease next = sending ? null : unsent.poll();
            if (next != null) {
                sending = true;
                loop.send(fd, next).fully().start((result, flags, connection) -> connection.sent(result), this);
            } else if (over && !sending) {
                loop.close(fd).start((result, flags, connection) -> {});
            }
        }

        private void sent(int result) {
            sending = false;
            if (result < 0) {
                unsent.forEach(BufferLease::release);
                unsent.clear();
                receiver.close();
            }
            if (paused && unsent.isEmpty()) {
                paused = false;
                receiver.resume();
            }
            sendNext();
        }

        @Override
        public void ended(int result) {
            over = true;
            sendNext();
        }
    }
}
