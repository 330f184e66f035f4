package io.uring4j;

import io.uring4j.abi.Abi;
import io.uring4j.abi.io_uring_zcrx_ifq_reg;
import io.uring4j.abi.zcrx_ctrl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Registration of a network device's queue for zero-copy receive ({@link Sqe#recvZeroCopy}): the
 * device writes payloads into memory of the program. It needs a device that can split headers from
 * payloads, CAP_NET_ADMIN, and a ring with DEFER_TASKRUN and CQE32. From Linux 6.15.
 *
 * <p>This is the kernel's interface as it is, for programs that manage area and refill ring
 * themselves; the structs are those of {@code linux/io_uring/zcrx.h}.
 *
 * @see <a href="https://docs.kernel.org/networking/iou-zcrx.html">io_uring zero-copy Rx</a>
 */
public final class ZeroCopyReceive {
    /** The size of a struct io_uring_zcrx_ifq_reg in bytes. */
    public static final long REGISTRATION_BYTES = io_uring_zcrx_ifq_reg.layout().byteSize();

    /** The size of a struct zcrx_ctrl in bytes. */
    public static final long CONTROL_BYTES = zcrx_ctrl.layout().byteSize();

    private ZeroCopyReceive() {}

    /**
     * Registers a queue.
     *
     * @param ring the ring that will receive
     * @param registration a filled struct io_uring_zcrx_ifq_reg; the kernel writes offsets and id to it. Itself it may go
     *     after the call; memory for data that it names must stay until the ring is closed
     * @return the id to receive with
     * @throws UringException with EPERM without CAP_NET_ADMIN, EINVAL if the ring lacks the flags, ENODEV
     *     if there is no such device
     * @throws IllegalArgumentException if the struct is too short or on the heap
     */
    public static int register(Ring ring, MemorySegment registration) throws UringException {
        requireNative(registration, REGISTRATION_BYTES);
        ring.register(RegisterOpcode.REGISTER_ZCRX_IFQ, registration, 1);
        return io_uring_zcrx_ifq_reg.zcrx_id(registration);
    }

    /**
     * Hands the kernel what waits in the refill ring. From Linux 6.19.
     *
     * @param ring the ring that receives
     * @param id the queue's id
     * @throws UringException if there is no such queue
     */
    public static void flushRefillRing(Ring ring, int id) throws UringException {
        ring.capabilities().require(RegisterOpcode.REGISTER_ZCRX_CTRL);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = zcrx_ctrl.allocate(arena);
            zcrx_ctrl.zcrx_id(control, id);
            zcrx_ctrl.op(control, Abi.ZCRX_CTRL_FLUSH_RQ());
            control(ring, control);
        }
    }

    /**
     * Controls a queue. From Linux 6.19.
     *
     * @param ring the ring that receives
     * @param control a filled struct zcrx_ctrl, which may go after the call
     * @throws UringException if the kernel refuses
     * @throws IllegalArgumentException if the struct is too short or on the heap
     */
    public static void control(Ring ring, MemorySegment control) throws UringException {
        requireNative(control, CONTROL_BYTES);
        ring.register(RegisterOpcode.REGISTER_ZCRX_CTRL, control, 0);
    }

    private static void requireNative(MemorySegment struct, long bytes) {
        if (!struct.isNative() || struct.byteSize() < bytes) {
            throw new IllegalArgumentException(bytes + " bytes of native memory are needed, not " + struct);
        }
    }
}
