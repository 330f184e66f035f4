package io.uring4j.bench.echo;

import io.uring4j.Sockets;
import io.uring4j.loop.Acceptor;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;

/** By blocking calls on one loop, with a virtual thread for each connection. */
final class BlockingLoopEchoServer implements EchoServer {
    private final int bytes;
    private final EventLoop loop = EventLoop.start();
    private final LocalSocket listener;

    BlockingLoopEchoServer(int bytes) throws IOException {
        this.bytes = bytes;
        listener = LocalSocket.listen(EchoServer.anyPort(), BACKLOG);
        Acceptor.start(loop, listener.fd(), fd -> Thread.startVirtualThread(() -> serve(fd)));
    }

    private void serve(int fd) {
        MemorySegment buffer = Arena.ofAuto().allocate(bytes);
        try {
            LocalSocket.setOption(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
            for (int count; (count = loop.receive(fd, buffer).await()) > 0; ) {
                loop.send(fd, buffer, count, 0).fully().await();
            }
            loop.close(fd).await();
        } catch (IOException | InterruptedException | RejectedExecutionException e) {
            // The client has gone, or the loop has ended.
        }
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
}
