package io.uring4j.bench.echo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** By blocking calls of java.nio.channels, with a virtual thread for each connection. */
final class BlockingChannelEchoServer implements EchoServer {
    private final int bytes;
    private final ServerSocketChannel listener = ServerSocketChannel.open();

    BlockingChannelEchoServer(int bytes) throws IOException {
        this.bytes = bytes;
        listener.bind(EchoServer.anyPort(), BACKLOG);
        Thread.startVirtualThread(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                Thread.startVirtualThread(() -> serve(channel));
            }
        } catch (IOException e) {
            // The server is closed.
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    @Override
    public int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
