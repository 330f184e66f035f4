package io.uring4j.bench.echo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/** By one thread with a Selector. */
final class SelectorEchoServer implements EchoServer {
    private final int bytes;
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final Consumer<SelectionKey> action = this::advance;

    SelectorEchoServer(int bytes) throws IOException {
        this.bytes = bytes;
        listener.bind(EchoServer.anyPort(), BACKLOG);
        listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().name("selector").start(this::run);
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                selector.select(action);
            }
        } catch (ClosedSelectorException e) {
            // Closed while it handed out what was ready.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void advance(SelectionKey key) {
        try {
            if (key.attachment() instanceof ByteBuffer buffer) {
                echo(key, (SocketChannel) key.channel(), buffer);
            } else {
                accept();
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = listener.accept();
        if (channel != null) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ, ByteBuffer.allocateDirect(bytes));
        }
    }

    private static void echo(SelectionKey key, SocketChannel channel, ByteBuffer buffer) throws IOException {
        if (key.isReadable()) {
            if (channel.read(buffer) < 0) {
                channel.close();
                return;
            }
            buffer.flip();
        }
        channel.write(buffer);
        if (buffer.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
        } else {
            buffer.clear();
            if (key.interestOps() != SelectionKey.OP_READ) {
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }

    @Override
    public int port() throws IOException {
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        listener.close();
    }
}
