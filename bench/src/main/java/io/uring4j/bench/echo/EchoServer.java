package io.uring4j.bench.echo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Sends back what it receives, on a port of loopback. */
public interface EchoServer extends AutoCloseable {
    /** How many connections may wait to be accepted. */
    int BACKLOG = 1024;

    /** How the bytes come in and go out. */
    enum Kind {
        /** Our loop by callbacks. */
        LOOP {
            @Override
            EchoServer start(int bytes) throws IOException {
                return new LoopEchoServer(bytes);
            }
        },
        /** Our loop by blocking calls, with a virtual thread for each connection. */
        LOOP_BLOCKING {
            @Override
            EchoServer start(int bytes) throws IOException {
                return new BlockingLoopEchoServer(bytes);
            }
        },
        /** A thread with a Selector. */
        SELECTOR {
            @Override
            EchoServer start(int bytes) throws IOException {
                return new SelectorEchoServer(bytes);
            }
        },
        /** A SocketChannel and a virtual thread for each connection. */
        CHANNEL_BLOCKING {
            @Override
            EchoServer start(int bytes) throws IOException {
                return new BlockingChannelEchoServer(bytes);
            }
        };

        abstract EchoServer start(int bytes) throws IOException;
    }

    int port() throws IOException;

    @Override
    void close() throws IOException;

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
