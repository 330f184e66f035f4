package io.uring4j;

import io.uring4j.abi.x86_64.Arch;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * Arrays of struct epoll_event in native memory, whose layout differs between architectures.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/epoll_ctl.2.html">epoll_ctl(2)</a>
 */
public final class EpollEvent {
    /** Adds a descriptor to the set. */
    public static final int ADD = Arch.EPOLL_CTL_ADD();

    /** Changes what a descriptor is watched for. */
    public static final int MODIFY = Arch.EPOLL_CTL_MOD();

    /** Removes a descriptor from the set. */
    public static final int DELETE = Arch.EPOLL_CTL_DEL();

    private static final GroupLayout LAYOUT = Architecture.current().epollEvent();
    private static final long EVENTS = LAYOUT.byteOffset(PathElement.groupElement("events"));
    private static final long DATA = Architecture.current().epollDataOffset();

    /** The size of one event in bytes. */
    public static final long BYTES = LAYOUT.byteSize();

    private EpollEvent() {}

    /**
     * Makes one event.
     *
     * @param allocator decides how long it lives
     * @param events see {@link PollEvents}
     * @param data what the set reports with the event
     * @return the struct
     */
    public static MemorySegment of(SegmentAllocator allocator, int events, long data) {
        MemorySegment event = array(allocator, 1);
        event.set(ValueLayout.JAVA_INT_UNALIGNED, EVENTS, events);
        event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA, data);
        return event;
    }

    /**
     * Allocates room for events.
     *
     * @param allocator decides how long it lives; it must outlive the operation
     * @param count how many
     * @return the array
     */
    public static MemorySegment array(SegmentAllocator allocator, int count) {
        return allocator.allocate(count * BYTES, Long.BYTES);
    }

    /**
     * What a descriptor is ready for.
     *
     * @param array an array of events
     * @param index which of them
     * @return see {@link PollEvents}
     */
    public static int events(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_INT_UNALIGNED, index * BYTES + EVENTS);
    }

    /**
     * What the event was added with.
     *
     * @param array an array of events
     * @param index which of them
     * @return its data
     */
    public static long data(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_LONG_UNALIGNED, index * BYTES + DATA);
    }
}
