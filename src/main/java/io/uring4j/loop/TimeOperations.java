package io.uring4j.loop;

import io.uring4j.PollEvents;
import io.uring4j.sys.Deadline;
import java.time.Duration;

/** The operations that wait: for time to pass, or for descriptors to become ready. */
sealed interface TimeOperations permits EventLoop {
    private Operation make(Preparation preparation, int mode) {
        return ((EventLoop) this).make(preparation, mode);
    }

    /**
     * Waits for a time to pass. The result is 0. From Linux 5.4.
     *
     * @param time how long, not negative; counted from when the loop submits the operation
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout.3.html">io_uring_prep_timeout(3)</a>
     */
    default Operation sleep(Duration time) {
        return timeout(Preparation.TIMEOUT, Operation.TIMER, time);
    }

    /**
     * Fires again and again, each time with the result 0, until it is cancelled. A {@link Ticker} does so on any kernel.
     * From Linux 6.4.
     *
     * @param period the time between two results, positive
     * @return the operation, to be started with a handler
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_timeout.3.html">io_uring_prep_timeout(3)</a>
     */
    default Operation tick(Duration period) {
        if (period.isZero()) {
            throw new IllegalArgumentException("a period of no time");
        }
        return timeout(Preparation.TIMEOUT_MULTISHOT, Operation.TIMER | Operation.MULTISHOT, period);
    }

    private Operation timeout(Preparation preparation, int mode, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time " + time + " is negative");
        }
        Operation operation = make(preparation, mode).at(Deadline.nanos(time)).flags(0);
        operation.number = 0;
        return operation;
    }

    /**
     * Waits once for a descriptor to become ready. The result is the mask of what is. From Linux 5.1.
     *
     * @param fd the descriptor
     * @param events see {@link PollEvents}
     * @return the operation, to be started
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_add.3.html">io_uring_prep_poll_add(3)</a>
     */
    default Operation poll(int fd, int events) {
        Operation operation = make(Preparation.POLL, 0).on(fd);
        operation.number = events;
        return operation;
    }

    /**
     * Reports each time that a descriptor becomes ready, until it is cancelled. From Linux 5.13.
     *
     * @param fd the descriptor
     * @param events see {@link PollEvents}
     * @return the operation, to be started with a handler
     * @see <a href="https://man7.org/linux/man-pages/man3/io_uring_prep_poll_multishot.3.html">io_uring_prep_poll_multishot(3)</a>
     */
    default Operation pollMultishot(int fd, int events) {
        Operation operation = make(Preparation.POLL_MULTISHOT, Operation.MULTISHOT).on(fd);
        operation.number = events;
        return operation;
    }
}
