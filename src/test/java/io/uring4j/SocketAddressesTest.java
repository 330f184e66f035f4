package io.uring4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Socket addresses in native memory. */
class SocketAddressesTest {
    private static final int LONGEST_PATH = 107;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private static String hex(MemorySegment segment, int from, int to) {
        return HexFormat.of().formatHex(segment.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE));
    }

    private void assertRoundTrip(SocketAddress address) {
        assertThat(SocketAddresses.read(SocketAddresses.of(arena, address))).isEqualTo(address);
    }

    @Test
    void versionFourHasItsLayout() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("192.168.1.254"), 0xabcd);
        MemorySegment segment = SocketAddresses.of(arena, address);

        assertThat(segment.byteSize()).isEqualTo(16);
        assertThat(segment.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) Sockets.AF_INET);
        assertThat(hex(segment, 2, 16)).isEqualTo("abcd" + "c0a801fe" + "0000000000000000");
        assertRoundTrip(address);
    }

    @Test
    void versionSixHasItsLayout() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("2001:db8::ff01"), 65_535);
        MemorySegment segment = SocketAddresses.of(arena, address);

        assertThat(segment.byteSize()).isEqualTo(28);
        assertThat(segment.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) Sockets.AF_INET6);
        assertThat(hex(segment, 2, 28))
                .isEqualTo("ffff" + "00000000" + "20010db800000000000000000000ff01" + "00000000");
        assertRoundTrip(address);
        assertRoundTrip(new InetSocketAddress(InetAddress.getByName("::1"), 0));
    }

    @Test
    void linkLocalAddressKeepsItsScope() throws Exception {
        byte[] bytes = InetAddress.getByName("fe80::1").getAddress();
        InetSocketAddress address = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 3), 80);
        MemorySegment segment = SocketAddresses.of(arena, address);
        assertThat(segment.get(ValueLayout.JAVA_INT, 24)).isEqualTo(3);

        // Without it the address names no interface, and connecting to it fails.
        InetSocketAddress read = (InetSocketAddress) SocketAddresses.read(segment);
        assertThat(((Inet6Address) read.getAddress()).getScopeId()).isEqualTo(3);
    }

    @Test
    void pathHasItsLayout() {
        assumeTrue(
                "UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this machine's locale can't name such files");
        SocketAddress address = UnixDomainSocketAddress.of("/tmp/söcket");
        MemorySegment segment = SocketAddresses.of(arena, address);

        assertThat(segment.byteSize()).isEqualTo(2 + 12 + 1);
        assertThat(segment.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) Sockets.AF_UNIX);
        assertThat(segment.getString(2)).isEqualTo("/tmp/söcket");
        assertRoundTrip(address);
        assertRoundTrip(UnixDomainSocketAddress.of("x".repeat(LONGEST_PATH)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketAddresses.of(arena, UnixDomainSocketAddress.of("x".repeat(LONGEST_PATH + 1))))
                .withMessageContaining("108 bytes");
    }

    @Test
    void roomThatIsLargerThanTheAddressDoesNotMatter() throws Exception {
        for (SocketAddress address : new SocketAddress[] {
            new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 1),
            new InetSocketAddress(InetAddress.getByName("2001:db8::2"), 2),
            UnixDomainSocketAddress.of("path")
        }) {
            MemorySegment room = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
            MemorySegment written = SocketAddresses.of(arena, address);
            room.copyFrom(written);
            assertThat(SocketAddresses.read(room)).isEqualTo(address);
        }
    }

    @Test
    void socketWithoutNameHasTheEmptyPath() {
        MemorySegment unnamed = arena.allocate(2, 2);
        unnamed.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_UNIX);

        assertThat(SocketAddresses.read(unnamed)).isEqualTo(UnixDomainSocketAddress.of(""));
    }

    @Test
    void addressThatIsNoneOfTheseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketAddresses.of(arena, InetSocketAddress.createUnresolved("host.invalid", 80)))
                .withMessageContaining("not resolved");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketAddresses.of(arena, new SocketAddress() {
                    private static final long serialVersionUID = 1L;
                }))
                .withMessageContaining("neither");
        MemorySegment segment = arena.allocate(SocketAddresses.MAX_BYTES, Long.BYTES);
        for (int family : new int[] {0, 16, 0xffff}) {
            segment.set(ValueLayout.JAVA_SHORT, 0, (short) family);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SocketAddresses.read(segment))
                    .withMessageContaining("family " + family);
        }
    }

    @Test
    void truncatedAddressIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> SocketAddresses.read(arena.allocate(1)));
        for (int family : new int[] {Sockets.AF_INET, Sockets.AF_INET6}) {
            MemorySegment segment = arena.allocate(15, Long.BYTES);
            segment.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.nativeOrder()), 0, (short) family);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SocketAddresses.read(segment))
                    .withMessageContaining("15 bytes");
        }
    }
}
