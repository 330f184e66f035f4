// SPDX-License-Identifier: Apache-2.0
/* Registers an eventfd with a ring and unregisters it, and times one of the two. The twin of EventFdBenchmark.java. */
#include "baseline.h"
#include "latency.h"
#include <sys/eventfd.h>

/*
 * Timers start again, outside of what is timed, when all have expired: else each of them would come to interrupt the
 * processor by itself, and the interrupts would be measured instead of the calls.
 */
#define CALLS_PER_LOOK 64

static struct __kernel_timespec period;

static void start_timer(struct io_uring *ring)
{
	io_uring_prep_timeout(io_uring_get_sqe(ring), &period, 0, 0);
}

static void start_load(struct io_uring *ring, unsigned reads, unsigned timers)
{
	static eventfd_t counter;
	int silent = eventfd(0, 0);

	if (silent < 0)
		fail("eventfd: %s", strerror(errno));
	for (unsigned i = 0; i < reads; i++)
		io_uring_prep_read(io_uring_get_sqe(ring), silent, &counter, sizeof(counter), 0);
	for (unsigned i = 0; i < timers; i++)
		start_timer(ring);
	check(io_uring_submit(ring), "io_uring_submit");
}

static void restart_timers(struct io_uring *ring, unsigned timers)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	check(io_uring_get_events(ring), "io_uring_get_events");
	if (!io_uring_cq_ready(ring))
		return;
	check(io_uring_wait_cqe_nr(ring, &cqe, timers), "io_uring_wait_cqe_nr");
	io_uring_for_each_cqe(ring, head, cqe) {
		if (cqe->res != -ETIME)
			fail("timer: %s", strerror(-cqe->res));
		start_timer(ring);
		count++;
	}
	io_uring_cq_advance(ring, count);
	check(io_uring_submit(ring), "io_uring_submit");
}

int main(int argc, char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000;
	int timing_registration = !strcmp(text_argument(argv, "operation"), "register");
	unsigned reads = (unsigned)number_argument(argv, "reads");
	unsigned timers = (unsigned)number_argument(argv, "timers");
	long long end;
	struct io_uring ring;
	int event_fd;

	(void)argc;
	period.tv_nsec = (long long)number_argument(argv, "micros") * 1000;
	event_fd = eventfd(0, EFD_NONBLOCK);
	if (event_fd < 0)
		fail("eventfd: %s", strerror(errno));
	open_ring((unsigned)number_argument(argv, "entries"), argv, &ring);
	start_load(&ring, reads, timers);
	end = nanoseconds() + duration;
	for (unsigned call = 0; call % CALLS_PER_LOOK || nanoseconds() < end; call++) {
		long long start = nanoseconds(), middle;

		check(io_uring_register_eventfd(&ring, event_fd), "io_uring_register_eventfd");
		middle = nanoseconds();
		check(io_uring_unregister_eventfd(&ring), "io_uring_unregister_eventfd");
		note_latency(timing_registration ? middle - start : nanoseconds() - middle);
		if (timers && call % CALLS_PER_LOOK == 0)
			restart_timers(&ring, timers);
	}
	report_latencies();
	return 0;
}
