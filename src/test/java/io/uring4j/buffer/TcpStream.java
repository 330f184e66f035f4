package io.uring4j.buffer;

import io.uring4j.Ring;
import io.uring4j.Sockets;
import io.uring4j.UringException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A connection over the loopback device: what the test writes to one end, a ring receives from the other. */
final class TcpStream implements AutoCloseable {
    private final int fd;
    private final SocketChannel sender;

    TcpStream() {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            fd = SocketOrPipe.connect((InetSocketAddress) server.getLocalAddress());
            sender = server.accept();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end for the ring. */
    int fd() {
        return fd;
    }

    void write(byte... bytes) {
        write(ByteBuffer.wrap(bytes));
    }

    void write(MemorySegment bytes) {
        write(bytes.asByteBuffer());
    }

    private void write(ByteBuffer buffer) {
        try {
            while (buffer.hasRemaining()) {
                sender.write(buffer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until so many bytes can be received at once. */
    void await(Ring ring, int count) throws UringException {
        try (Arena arena = Arena.ofShared()) {
            int flags = Sockets.MSG_PEEK | Sockets.MSG_WAITALL;
            ring.submissions().next().recv(fd, arena.allocate(count), count, flags);
            int waiting = Reaped.next(ring).result();
            if (waiting != count) {
                throw new AssertionError(waiting + " bytes wait, not " + count);
            }
        }
    }

    /** The ring's end comes to the end of the stream. */
    void finish() {
        try {
            sender.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        finish();
        SocketOrPipe.closeDescriptor(fd);
    }
}
