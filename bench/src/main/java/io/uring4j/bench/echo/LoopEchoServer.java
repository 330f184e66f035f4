package io.uring4j.bench.echo;

import io.uring4j.Sockets;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import io.uring4j.loop.Acceptor;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import io.uring4j.loop.ReceiveBuffers;
import io.uring4j.loop.Receiver;
import io.uring4j.loop.ResultHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;

/** By callbacks on one loop: multishot accept and receive, and what was received is sent from its buffer. */
final class LoopEchoServer implements EchoServer {
    private static final int BUFFERS = 4096;
    private static final ResultHandler<Connection> ON_SENT = (result, flags, connection) -> connection.sent(result);

    private final EventLoop loop = EventLoop.start();
    private final ReceiveBuffers buffers;
    private final LocalSocket listener;

    LoopEchoServer(int bytes) throws IOException {
        buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(bytes, 2 * BUFFERS), BUFFERS);
        listener = LocalSocket.listen(EchoServer.anyPort(), BACKLOG);
        Acceptor.start(loop, listener.fd(), Connection::new);
    }

    @Override
    public int port() throws IOException {
        return ((InetSocketAddress) listener.address()).getPort();
    }

    @Override
    public void close() {
        loop.close();
        listener.close();
    }

    private final class Connection implements Receiver.Listener {
        private final int fd;
        private final ArrayDeque<BufferLease> unsent = new ArrayDeque<>();
        private boolean sending;
        private boolean over;

        Connection(int fd) {
            this.fd = fd;
            try {
                LocalSocket.setOption(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            Receiver.start(buffers, fd, this);
        }

        @Override
        public void received(BufferLease lease) {
            if (sending) {
                unsent.add(lease);
            } else {
                send(lease);
            }
        }

        private void send(BufferLease lease) {
            sending = true;
            loop.send(fd, lease).fully().start(ON_SENT, this);
        }

        private void sent(int result) {
            sending = false;
            BufferLease next = unsent.poll();
            if (next != null) {
                send(next);
            } else if (over) {
                loop.close(fd).start(LoopEchoServer::closed);
            }
        }

        @Override
        public void ended(int result) {
            over = true;
            if (!sending) {
                loop.close(fd).start(LoopEchoServer::closed);
            }
        }
    }

    private static void closed(int result, int flags, Object none) {}
}
