package io.uring4j.loop;

import io.uring4j.UringException;
import io.uring4j.buffer.BufferCache;
import io.uring4j.buffer.BufferLease;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that sends back what it receives, in order, and closes when the peer has. */
final class Echo implements AutoCloseable {
    private final EventLoop loop;
    private final ReceiveBuffers buffers;
    private final LocalSocket socket;
    private final Acceptor acceptor;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();

    Echo(EventLoop loop, SocketAddress address, int bufferSize, int buffersAtMost, int capacity) throws UringException {
        this.loop = loop;
        this.buffers = ReceiveBuffers.open(loop, BufferCache.Settings.of(bufferSize, buffersAtMost), capacity);
        this.socket = LocalSocket.listen(address, 1024);
        this.acceptor = Acceptor.start(loop, socket.fd(), this::serve);
    }

    static Echo onLoopback(EventLoop loop) throws UringException {
        return new Echo(loop, new InetSocketAddress("127.0.0.1", 0), 2048, 1024, 256);
    }

    private void serve(int fd) {
        accepted.incrementAndGet();
        open.incrementAndGet();
        new Session(fd);
    }

    /** One connection: a chain of sends keeps the order. */
    private final class Session implements Receiver.Listener {
        private final int fd;
        private final ArrayDeque<BufferLease> toSend = new ArrayDeque<>();
        private boolean sending;
        private boolean over;

        Session(int fd) {
            this.fd = fd;
            Receiver.start(buffers, fd, this);
        }

        @Override
        public void received(BufferLease lease) {
            toSend.add(lease);
            sendNext();
        }

        private void sendNext() {
            if (sending) {
                return;
            }
            BufferLease lease = toSend.poll();
            if (lease != null) {
                sending = true;
                loop.send(fd, lease).fully().start((result, flags, session) -> session.sent(result), this);
            } else if (over) {
                loop.close(fd).start((result, flags, none) -> open.decrementAndGet());
            }
        }

        private void sent(int result) {
            sending = false;
            if (result < 0) {
                toSend.forEach(BufferLease::release);
                toSend.clear();
            }
            sendNext();
        }

        @Override
        public void ended(int result) {
            over = true;
            sendNext();
        }
    }

    SocketAddress address() throws UringException {
        return socket.address();
    }

    int open() {
        return open.get();
    }

    int accepted() {
        return accepted.get();
    }

    Acceptor acceptor() {
        return acceptor;
    }

    @Override
    public void close() {
        acceptor.close();
        socket.close();
    }
}
