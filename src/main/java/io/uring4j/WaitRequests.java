package io.uring4j;

import io.uring4j.abi.Abi;

import io.uring4j.abi.futex_waitv;
import io.uring4j.abi.io_uring_sqe;
import java.lang.foreign.MemorySegment;

/** The operations that wait for other threads and processes. */
sealed interface WaitRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Waits on a futex: completes with 0 when it is woken, with EAGAIN when it has another value. From Linux 6.7.
     *
     * @param futex an aligned word of native memory, which must stay until the completion
     * @param value the value that it must have to wait
     * @param mask which wake-ups count; {@link FutexFlags#MATCH_ANY} for all
     * @param flags the futex's size and kind, see {@link FutexFlags}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_futex_wait.3.html">io_uring_prep_futex_wait(3)</a>
     */
    default Sqe futexWait(MemorySegment futex, long value, long mask, int flags) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_FUTEX_WAIT(), flags, sqe().readable(futex, Integer.BYTES), 0, value);
        io_uring_sqe.addr3(entry.memory(), mask);
        return entry;
    }

    /**
     * Wakes waiters of a futex. The result is how many. From Linux 6.7.
     *
     * @param futex an aligned word of native memory, which must stay until the completion
     * @param count how many at most
     * @param mask which waiters; {@link FutexFlags#MATCH_ANY} for all
     * @param flags the futex's size and kind, see {@link FutexFlags}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_futex_wake.3.html">io_uring_prep_futex_wake(3)</a>
     */
    default Sqe futexWake(MemorySegment futex, long count, long mask, int flags) {
        Sqe entry = sqe().prepare(Abi.IORING_OP_FUTEX_WAKE(), flags, sqe().readable(futex, Integer.BYTES), 0, count);
        io_uring_sqe.addr3(entry.memory(), mask);
        return entry;
    }

    /**
     * Waits on several futexes. The result is the index of the one that was woken. From Linux 6.7.
     *
     * @param futexes an array of struct futex_waitv, see {@link FutexFlags#waiter}; it and the
     *     futexes must stay until the completion
     * @param count how many, 1 to 128
     * @return this entry
     * @throws IndexOutOfBoundsException if the array is too short
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_futex_waitv.3.html">io_uring_prep_futex_waitv(3)</a>
     */
    default Sqe futexWaitv(MemorySegment futexes, int count) {
        return sqe().prepare(
                Abi.IORING_OP_FUTEX_WAITV(),
                0,
                sqe().readable(futexes, count * futex_waitv.layout().byteSize()),
                count,
                0);
    }

    /**
     * Waits for a child process to change its state. From Linux 6.7.
     *
     * @param idType what {@code id} names, see {@link ChildProcess}
     * @param id a process, group or pidfd
     * @param information room for a siginfo_t of {@value ChildProcess#SIGINFO_BYTES} bytes, which
     *     must stay until the completion; or {@link MemorySegment#NULL}
     * @param options which changes, see {@link ChildProcess}
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_waitid.3.html">io_uring_prep_waitid(3)</a>
     */
    default Sqe waitid(int idType, int id, MemorySegment information, int options) {
        long room = MemorySegment.NULL.equals(information) ? 0 : sqe().writable(information, ChildProcess.SIGINFO_BYTES);
        Sqe entry = sqe().prepare(Abi.IORING_OP_WAITID(), id, 0, idType, room);
        io_uring_sqe.file_index(entry.memory(), options);
        return entry;
    }
}
