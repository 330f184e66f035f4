package io.uring4j.sys;

import io.uring4j.abi.Abi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/** sched_setaffinity(2) and sched_getaffinity(2) of the calling thread. */
public final class CpuAffinity {
    private static final int MAX_CPUS = 8192;
    private static final int EINVAL = Abi.EINVAL();
    private static final MethodHandle SET =
            Libc.function(Abi.sched_setaffinity$address(), Abi.sched_setaffinity$descriptor());
    private static final MethodHandle GET =
            Libc.function(Abi.sched_getaffinity$address(), Abi.sched_getaffinity$descriptor());

    private CpuAffinity() {}

    /**
     * Lets the calling thread run on one CPU only.
     *
     * @return 0, or a negative errno
     */
    public static int pin(int cpu) {
        if (cpu >= MAX_CPUS) {
            // As the kernel answers for those that it doesn't have.
            return -EINVAL;
        }
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            long word = mask.getAtIndex(ValueLayout.JAVA_LONG, cpu / Long.SIZE);
            mask.setAtIndex(ValueLayout.JAVA_LONG, cpu / Long.SIZE, word | 1L << cpu);
            return (int) CallState.result((int) SET.invokeExact(state, 0, mask.byteSize(), mask), state);
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }

    /** The CPUs that the calling thread may run on; none if the kernel doesn't tell. */
    public static BitSet allowed() {
        MemorySegment state = CallState.ofThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            int result = (int) CallState.result((int) GET.invokeExact(state, 0, mask.byteSize(), mask), state);
            return result < 0 ? new BitSet() : BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        } catch (Throwable t) {
            throw UringCalls.unexpected(t);
        }
    }
}
