package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.sockaddr;
import io.uring4j.abi.sockaddr_in;
import io.uring4j.abi.sockaddr_in6;
import io.uring4j.abi.sockaddr_storage;
import io.uring4j.abi.sockaddr_un;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Socket addresses in native memory: struct sockaddr_in, sockaddr_in6 and sockaddr_un.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/sockaddr.3type.html">sockaddr(3type)</a>
 */
public final class SocketAddresses {
    /** Room for an address of any family, in bytes. */
    public static final long MAX_BYTES = sockaddr_storage.layout().byteSize();

    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long UNIX_PATH = sockaddr_un.sun_path$offset();
    private static final long UNIX_PATH_BYTES = sockaddr_un.layout().byteSize() - UNIX_PATH;

    private SocketAddresses() {}

    /**
     * Writes an address to native memory.
     *
     * @param allocator decides how long it lives; it must outlive the operation
     * @param address an internet or Unix-domain address
     * @return a segment of exactly the address's length
     * @throws IllegalArgumentException if the address is unresolved, of another kind, or a path too long
     */
    public static MemorySegment of(SegmentAllocator allocator, SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet -> ofInternet(allocator, inet);
            case UnixDomainSocketAddress unix -> ofUnix(allocator, unix.getPath().toString());
            default -> throw new IllegalArgumentException("neither an internet nor a Unix-domain address: " + address);
        };
    }

    private static MemorySegment ofInternet(SegmentAllocator allocator, InetSocketAddress address) {
        return switch (address.getAddress()) {
            case Inet4Address v4 -> {
                MemorySegment segment = allocator.allocate(sockaddr_in.layout());
                sockaddr_in.sin_family(segment, (short) Abi.AF_INET());
                segment.set(PORT, sockaddr_in.sin_port$offset(), (short) address.getPort());
                MemorySegment.copy(
                        v4.getAddress(), 0, segment, ValueLayout.JAVA_BYTE, sockaddr_in.sin_addr$offset(), 4);
                yield segment;
            }
            case Inet6Address v6 -> {
                MemorySegment segment = allocator.allocate(sockaddr_in6.layout());
                sockaddr_in6.sin6_family(segment, (short) Abi.AF_INET6());
                segment.set(PORT, sockaddr_in6.sin6_port$offset(), (short) address.getPort());
                MemorySegment.copy(
                        v6.getAddress(), 0, segment, ValueLayout.JAVA_BYTE, sockaddr_in6.sin6_addr$offset(), 16);
                sockaddr_in6.sin6_scope_id(segment, v6.getScopeId());
                yield segment;
            }
            case null, default -> throw new IllegalArgumentException("address is not resolved: " + address);
        };
    }

    private static MemorySegment ofUnix(SegmentAllocator allocator, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= UNIX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "path of " + bytes.length + " bytes; a Unix-domain address holds " + (UNIX_PATH_BYTES - 1));
        }
        MemorySegment segment = allocator.allocate(UNIX_PATH + bytes.length + 1, Short.BYTES);
        sockaddr_un.sun_family(segment, (short) Abi.AF_UNIX());
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, UNIX_PATH, bytes.length);
        return segment;
    }

    /**
     * Reads an address from native memory.
     *
     * @param segment an address that the kernel wrote
     * @return an internet or Unix-domain address; a Unix-domain socket without a name has the empty path
     * @throws IllegalArgumentException if the family is another, or the segment too short
     */
    public static SocketAddress read(MemorySegment segment) {
        if (segment.byteSize() < Short.BYTES) {
            throw new IllegalArgumentException("an address of " + segment.byteSize() + " bytes has no family");
        }
        int family = Short.toUnsignedInt(sockaddr.sa_family(segment));
        if (family == Abi.AF_INET()) {
            requireSize(segment, sockaddr_in.layout().byteSize());
            return internet(segment, sockaddr_in.sin_addr$offset(), 4, sockaddr_in.sin_port$offset());
        }
        if (family == Abi.AF_INET6()) {
            requireSize(segment, sockaddr_in6.layout().byteSize());
            return internet6(segment);
        }
        if (family == Abi.AF_UNIX()) {
            byte[] path = segment.asSlice(UNIX_PATH).toArray(ValueLayout.JAVA_BYTE);
            int end = 0;
            while (end < path.length && path[end] != 0) {
                end++;
            }
            return UnixDomainSocketAddress.of(new String(Arrays.copyOf(path, end), StandardCharsets.UTF_8));
        }
        throw new IllegalArgumentException("address family " + family + " is neither internet nor Unix-domain");
    }

    private static void requireSize(MemorySegment segment, long bytes) {
        if (segment.byteSize() < bytes) {
            throw new IllegalArgumentException("an address of " + segment.byteSize() + " bytes, not " + bytes);
        }
    }

    private static InetSocketAddress internet6(MemorySegment segment) {
        byte[] bytes = segment.asSlice(sockaddr_in6.sin6_addr$offset(), 16).toArray(ValueLayout.JAVA_BYTE);
        int port = Short.toUnsignedInt(segment.get(PORT, sockaddr_in6.sin6_port$offset()));
        int scope = sockaddr_in6.sin6_scope_id(segment);
        try {
            return new InetSocketAddress(
                    scope == 0 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, scope), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of 16 bytes", e);
        }
    }

    private static InetSocketAddress internet(MemorySegment segment, long offset, int length, long port) {
        byte[] bytes = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(bytes), Short.toUnsignedInt(segment.get(PORT, port)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + length + " bytes", e);
        }
    }
}
