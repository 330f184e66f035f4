package io.uring4j.kernels;

import io.uring4j.Ring;
import io.uring4j.RingConfig;
import io.uring4j.UringException;
import io.uring4j.buffer.RegisteredBuffers;
import io.uring4j.tool.Main;
import java.lang.foreign.Arena;

/**
 * Tells what a program is told where io_uring is restricted: the messages of the library's own exceptions, a line
 * each, and then what {@code doctor} says, whose status it ends with.
 */
public final class GuestDiagnosis {
    private static final long MANY_BYTES = 1 << 20;

    private GuestDiagnosis() {}

    /**
     * Tries.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        try (Ring ring = Ring.open(RingConfig.best(8))) {
            System.out.println("ring: opened");
            registerBuffers(ring);
        } catch (UringException e) {
            System.out.println("ring: " + e.getMessage());
        }
        Main.main(new String[] {"doctor"});
    }

    private static void registerBuffers(Ring ring) {
        try (Arena arena = Arena.ofConfined();
                RegisteredBuffers _ = RegisteredBuffers.register(ring, arena.allocate(MANY_BYTES))) {
            System.out.println("buffers: registered");
        } catch (UringException e) {
            System.out.println("buffers: " + e.getMessage());
        }
    }
}
