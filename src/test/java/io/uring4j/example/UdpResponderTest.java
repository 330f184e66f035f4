package io.uring4j.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.uring4j.loop.LocalSocket;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UdpResponderTest {
    private static final int PATIENCE_MILLIS = 10_000;

    private static byte[] ask(InetSocketAddress address, byte[] content) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.send(new DatagramPacket(content, content.length, address));
            DatagramPacket answer = new DatagramPacket(new byte[70_000], 70_000);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    @Test
    void eachDatagramComesBackToItsSender() throws Exception {
        LocalSocket socket = LocalSocket.datagram(new InetSocketAddress("127.0.0.1", 0));
        try (UdpResponder _ = new UdpResponder(socket)) {
            InetSocketAddress address = (InetSocketAddress) socket.address();
            for (int i = 0; i < 1000; i++) {
                byte[] content = new byte[i % 1400];
                new Random(i).nextBytes(content);
                assertThat(ask(address, content)).isEqualTo(content);
            }
            assertThat(ask(address, new byte[60_000])).hasSize(60_000);
        }
    }
}
