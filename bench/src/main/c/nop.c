// SPDX-License-Identifier: Apache-2.0
/* NOPs in batches: prepare all, submit and wait for all, read all. The twin of NopBenchmark.java. */
#include "baseline.h"

/* How often the clock is read, in batches: seldom enough to cost nothing. */
#define BATCHES_PER_LOOK 64

static unsigned long long sum;

static void run_batch(struct io_uring *ring, unsigned batch)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, i);
	}
	check(io_uring_submit_and_wait(ring, batch), "io_uring_submit_and_wait");
	io_uring_for_each_cqe(ring, head, cqe) {
		if (cqe->res < 0)
			fail("nop: %s", strerror(-cqe->res));
		sum += cqe->user_data;
		count++;
	}
	io_uring_cq_advance(ring, count);
	if (count != batch)
		fail("%u completions of %u", count, batch);
}

static unsigned long long run_for(struct io_uring *ring, unsigned batch, long long duration, long long *elapsed)
{
	long long start = nanoseconds();
	unsigned long long operations = 0;

	do {
		for (int i = 0; i < BATCHES_PER_LOOK; i++)
			run_batch(ring, batch);
		operations += (unsigned long long)BATCHES_PER_LOOK * batch;
		*elapsed = nanoseconds() - start;
	} while (*elapsed < duration);
	return operations;
}

int main(int argc, char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000;
	unsigned batch = (unsigned)number_argument(argv, "batch");
	struct io_uring ring;
	long long elapsed;
	unsigned long long operations;

	(void)argc;
	open_ring((unsigned)number_argument(argv, "entries"), argv, &ring);
	run_for(&ring, batch, duration / 20, &elapsed);
	operations = run_for(&ring, batch, duration, &elapsed);
	report(operations, elapsed);
	io_uring_queue_exit(&ring);
	return sum == 0;
}
