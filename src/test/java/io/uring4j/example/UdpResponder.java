package io.uring4j.example;

import io.uring4j.UringException;
import io.uring4j.loop.Datagram;
import io.uring4j.loop.EventLoop;
import io.uring4j.loop.LocalSocket;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;

/**
 * Answers each datagram with its own content: by callbacks, with several receives in flight.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp target/classes UdpResponder.java 7007 &
 * echo hello | nc -u -w 1 localhost 7007}</pre>
 */
public final class UdpResponder implements AutoCloseable {
    private static final int AT_ONCE = 64;
    private static final int LONGEST = 1 << 16;

    private final EventLoop loop = EventLoop.start();
    private final LocalSocket socket;

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress address = new InetSocketAddress(Integer.parseInt(arguments[0]));
        try (UdpResponder _ = new UdpResponder(LocalSocket.datagram(address))) {
            Thread.currentThread().join();
        }
    }

    UdpResponder(LocalSocket socket) throws UringException {
        this.socket = socket;
        loop.execute(() -> {
            for (int i = 0; i < AT_ONCE; i++) {
                new Exchange().receive();
            }
        });
    }

    @Override
    public void close() {
        loop.close();
        socket.close();
    }

    /** A message that comes and goes back; the object knows where to. */
    private final class Exchange {
        private final Datagram message = new Datagram(Arena.ofAuto().allocate(LONGEST));

        void receive() {
            loop.receive(socket.fd(), message).start((result, flags, exchange) -> exchange.received(result), this);
        }

        private void received(int result) {
            if (result >= 0) {
                loop.send(socket.fd(), message.length(result)).start((sent, flags, exchange) -> exchange.sent(), this);
            } else {
                sent();
            }
        }

        /** Or not: nobody is told of a datagram that is lost. */
        private void sent() {
            try {
                receive();
            } catch (RejectedExecutionException e) {
                // The loop ends.
            }
        }
    }
}
