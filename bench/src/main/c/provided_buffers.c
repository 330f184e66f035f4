// SPDX-License-Identifier: Apache-2.0
/*
 * One-byte reads of /dev/zero, 32 submitted at a time, with the buffers of a group or with one's own. The
 * twin of ProvidedBufferBenchmark.java. "replenish" is how many buffers are given back at a time.
 */
#include <fcntl.h>

#include "baseline.h"

#ifndef IOSQE_CQE_SKIP_SUCCESS
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif

#define BATCHES_PER_LOOK 16
#define GROUP 1
#define BUFFERS 128
#define BUFFER_SIZE 64
#define MAX_BATCH 128

enum kind { NONE, LEGACY, RING };

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static char memory[BUFFERS][BUFFER_SIZE] __attribute__((aligned(64)));
static unsigned short returned[MAX_BATCH];
static enum kind kind;
static unsigned batch, replenish;
static int zero;
static unsigned long long sum;

static void provide(unsigned first, unsigned count)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe)
		fail("submission queue is full");
	io_uring_prep_provide_buffers(sqe, memory[first], BUFFER_SIZE, (int)count, GROUP, (int)first);
	sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

/* Ids come back in order here, so that neighbours are found by looking once. */
static void give_back_legacy(unsigned count)
{
	unsigned start = 0;

	while (start < count) {
		unsigned end = start + 1;

		while (end < count && returned[end] == returned[end - 1] + 1)
			end++;
		provide(returned[start], end - start);
		start = end;
	}
}

static void give_back_ring(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		io_uring_buf_ring_add(buffer_ring, memory[returned[i]], BUFFER_SIZE, returned[i],
				      io_uring_buf_ring_mask(BUFFERS), (int)i);
	io_uring_buf_ring_advance(buffer_ring, (int)count);
}

static void give_back(unsigned count)
{
	if (kind == LEGACY)
		give_back_legacy(count);
	else if (kind == RING)
		give_back_ring(count);
}

static void complete_all(void)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0, waiting = 0;

	io_uring_for_each_cqe(&ring, head, cqe) {
		if (cqe->res != 1)
			fail("read: %s", cqe->res < 0 ? strerror(-cqe->res) : "short");
		if (kind != NONE) {
			unsigned id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;

			sum += (unsigned char)memory[id][0];
			returned[waiting++] = (unsigned short)id;
			if (waiting == replenish) {
				give_back(waiting);
				waiting = 0;
			}
		} else {
			sum += (unsigned char)memory[0][0];
		}
		count++;
	}
	io_uring_cq_advance(&ring, count);
	if (waiting)
		give_back(waiting);
	if (count != batch)
		fail("%u completions of %u", count, batch);
}

static void run_batch(void)
{
	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		if (kind == NONE) {
			io_uring_prep_read(sqe, zero, memory[i], 1, 0);
		} else {
			io_uring_prep_read(sqe, zero, NULL, 1, 0);
			sqe->flags |= IOSQE_BUFFER_SELECT;
			sqe->buf_group = GROUP;
		}
		io_uring_sqe_set_data64(sqe, i);
	}
	check(io_uring_submit_and_wait(&ring, batch), "io_uring_submit_and_wait");
	complete_all();
}

static unsigned long long run_for(long long duration, long long *elapsed)
{
	long long start = nanoseconds();
	unsigned long long operations = 0;

	do {
		for (int i = 0; i < BATCHES_PER_LOOK; i++)
			run_batch();
		operations += (unsigned long long)BATCHES_PER_LOOK * batch;
		*elapsed = nanoseconds() - start;
	} while (*elapsed < duration);
	return operations;
}

static void open_buffer_ring(void)
{
	struct io_uring_buf_reg registration = {.ring_entries = BUFFERS, .bgid = GROUP};

	if (posix_memalign((void **)&buffer_ring, 4096, BUFFERS * sizeof(struct io_uring_buf)))
		fail("no memory for the buffer ring");
	registration.ring_addr = (unsigned long)buffer_ring;
	check(io_uring_register_buf_ring(&ring, &registration, 0), "io_uring_register_buf_ring");
	io_uring_buf_ring_init(buffer_ring);
	for (unsigned i = 0; i < BUFFERS; i++)
		io_uring_buf_ring_add(buffer_ring, memory[i], BUFFER_SIZE, (unsigned short)i,
				      io_uring_buf_ring_mask(BUFFERS), (int)i);
	io_uring_buf_ring_advance(buffer_ring, BUFFERS);
}

int main(int argc, char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000;
	const char *name = text_argument(argv, "kind");
	long long elapsed;
	unsigned long long operations;

	(void)argc;
	batch = (unsigned)number_argument(argv, "batch");
	replenish = (unsigned)number_argument(argv, "replenish");
	if (batch > MAX_BATCH)
		fail("batch of %u", batch);
	kind = !strcmp(name, "legacy") ? LEGACY : !strcmp(name, "ring") ? RING : NONE;
	zero = open("/dev/zero", O_RDONLY);
	if (zero < 0)
		fail("/dev/zero: %s", strerror(errno));
	open_ring((unsigned)number_argument(argv, "entries"), argv, &ring);
	if (kind == LEGACY)
		provide(0, BUFFERS);
	else if (kind == RING)
		open_buffer_ring();
	run_for(duration / 20, &elapsed);
	operations = run_for(duration, &elapsed);
	report(operations, elapsed);
	io_uring_queue_exit(&ring);
	return sum != 0;
}
