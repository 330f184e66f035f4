package io.uring4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * How many pages of a file are in memory, and how many of them aren't on the device yet: by cachestat(2), which shows
 * what fsync and fadvise do.
 *
 * @param cached pages in memory
 * @param dirty of those, pages that were changed and not written back
 * @param underWriteback of those, pages that are being written back
 */
record PageCache(long cached, long dirty, long underWriteback) {
    /** The same on every architecture. */
    private static final long CACHESTAT = 451;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(LONG, LONG, LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS, LONG),
            Linker.Option.firstVariadicArg(1));

    /** Of a whole file; skips the test where the kernel doesn't tell. */
    static PageCache of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wholeFile = arena.allocate(LONG, 2);
            MemorySegment answer = arena.allocate(LONG, 5);
            long result = (long) SYSCALL.invokeExact(CACHESTAT, (long) fd, wholeFile, answer, 0L);
            assumeTrue(result == 0, "this kernel lacks cachestat, which needs Linux 6.5");
            return new PageCache(
                    answer.getAtIndex(LONG, 0), answer.getAtIndex(LONG, 1), answer.getAtIndex(LONG, 2));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** Skips the test on a file system without a device, such as tmpfs, where nothing is ever written back. */
    static void requireDirty(int fd) {
        assumeTrue(of(fd).dirty() > 0, "the file system of the temporary folder writes nothing back");
    }

    boolean isOnDevice() {
        return dirty == 0 && underWriteback == 0;
    }
}
