package io.uring4j;

import io.uring4j.abi.Abi;
import java.lang.foreign.MemorySegment;

/** The operations that wait for descriptors to become ready. */
sealed interface PollRequests permits Sqe {
    private Sqe sqe() {
        return (Sqe) this;
    }

    /**
     * Waits once for a descriptor to become ready. The result is the mask of what is. From Linux 5.1.
     *
     * @param fd the descriptor
     * @param events see {@link PollEvents}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_add.3.html">io_uring_prep_poll_add(3)</a>
     */
    default Sqe pollAdd(int fd, int events) {
        return sqe().prepare(Abi.IORING_OP_POLL_ADD(), fd, 0, 0, 0).operationFlags(PollEvents.toKernel(events));
    }

    /**
     * Reports each time that a descriptor becomes ready, until it is removed. It goes on while completions carry
     * {@link Cqe#MORE}. From Linux 5.13.
     *
     * @param fd the descriptor
     * @param events see {@link PollEvents}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_multishot.3.html">io_uring_prep_poll_multishot(3)</a>
     */
    default Sqe pollMultishot(int fd, int events) {
        return sqe().prepare(Abi.IORING_OP_POLL_ADD(), fd, 0, Abi.IORING_POLL_ADD_MULTI(), 0)
                .require(Modifier.POLL_MULTISHOT)
                .operationFlags(PollEvents.toKernel(events));
    }

    /**
     * Reports while a descriptor is ready (level-triggered), until it is removed. From Linux 6.0; newer kernels,
     * 6.18 among them, refuse it with EINVAL.
     *
     * @param fd the descriptor
     * @param events see {@link PollEvents}
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_multishot.3.html">io_uring_prep_poll_multishot(3)</a>
     */
    default Sqe pollLevel(int fd, int events) {
        return sqe().prepare(
                        Abi.IORING_OP_POLL_ADD(), fd, 0, Abi.IORING_POLL_ADD_MULTI() | Abi.IORING_POLL_ADD_LEVEL(), 0)
                .operationFlags(PollEvents.toKernel(events));
    }

    /**
     * Ends a poll, which then completes with ECANCELED. The result is 0, ENOENT when there is no such poll, or
     * EALREADY when it is just completing: a multishot poll may then still be there, to be removed again. From
     * Linux 5.1.
     *
     * @param userData the poll's user data
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_remove.3.html">io_uring_prep_poll_remove(3)</a>
     */
    default Sqe pollRemove(long userData) {
        return sqe().prepare(Abi.IORING_OP_POLL_REMOVE(), -1, userData, 0, 0);
    }

    /**
     * Changes what a poll waits for. From Linux 5.13.
     *
     * @param userData the poll's user data
     * @param events the new events, see {@link PollEvents}; {@link PollEvents#MULTISHOT} keeps it
     *     reporting
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_update.3.html">io_uring_prep_poll_update(3)</a>
     */
    default Sqe pollUpdateEvents(long userData, int events) {
        return pollUpdate(userData, 0, Abi.IORING_POLL_UPDATE_EVENTS(), events);
    }

    private Sqe pollUpdate(long userData, long newUserData, int parts, int events) {
        int multishot = (events & PollEvents.MULTISHOT) != 0 ? Abi.IORING_POLL_ADD_MULTI() : 0;
        return sqe().prepare(Abi.IORING_OP_POLL_REMOVE(), -1, userData, parts | multishot, newUserData)
                .require(Modifier.POLL_UPDATE)
                .operationFlags(PollEvents.toKernel(events & ~PollEvents.MULTISHOT));
    }

    /**
     * Changes the user data of a poll. From Linux 5.13.
     *
     * @param userData the poll's user data
     * @param newUserData what its completions will carry
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_update.3.html">io_uring_prep_poll_update(3)</a>
     */
    default Sqe pollUpdateUserData(long userData, long newUserData) {
        return sqe().prepare(
                        Abi.IORING_OP_POLL_REMOVE(), -1, userData, Abi.IORING_POLL_UPDATE_USER_DATA(), newUserData)
                .require(Modifier.POLL_UPDATE);
    }

    /**
     * Changes what a poll waits for, and its user data, at once. From Linux 5.13.
     *
     * @param userData the poll's user data
     * @param newUserData what its completions will carry
     * @param events the new events, see {@link PollEvents}; {@link PollEvents#MULTISHOT} keeps it
     *     reporting
     * @return this entry
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_update.3.html">io_uring_prep_poll_update(3)</a>
     */
    default Sqe pollUpdate(long userData, long newUserData, int events) {
        return pollUpdate(
                userData,
                newUserData,
                Abi.IORING_POLL_UPDATE_EVENTS() | Abi.IORING_POLL_UPDATE_USER_DATA(),
                events);
    }

    /**
     * Changes an epoll set. From Linux 5.6.
     *
     * @param epoll the epoll descriptor
     * @param fd the descriptor to watch
     * @param operation {@link EpollEvent#ADD}, {@link EpollEvent#MODIFY} or {@link
     *     EpollEvent#DELETE}
     * @param event a struct epoll_event, see {@link EpollEvent}; must stay until the submission
     * @return this entry
     * @throws IllegalArgumentException if a segment is on the heap
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_epoll_ctl.3.html">io_uring_prep_epoll_ctl(3)</a>
     */
    default Sqe epollCtl(int epoll, int fd, int operation, MemorySegment event) {
        return sqe().prepare(Abi.IORING_OP_EPOLL_CTL(), epoll, sqe().readable(event, EpollEvent.BYTES), operation, fd);
    }

    /**
     * Waits for events of an epoll set. The result is their number. From Linux 6.15.
     *
     * @param epoll the epoll descriptor
     * @param events room for an array of struct epoll_event, see {@link EpollEvent}; must stay
     *     until the completion
     * @param count how many events at most
     * @return this entry
     * @throws IndexOutOfBoundsException if there is no room for so many
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_epoll_wait.3.html">io_uring_prep_epoll_wait(3)</a>
     */
    default Sqe epollWait(int epoll, MemorySegment events, int count) {
        return sqe().prepare(
                Abi.IORING_OP_EPOLL_WAIT(), epoll, sqe().writable(events, count * EpollEvent.BYTES), count, 0);
    }
}
