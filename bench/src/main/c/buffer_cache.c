// SPDX-License-Identifier: Apache-2.0
/*
 * Allocates each buffer and frees it: on the same thread, on another, or around a read. The twin of
 * LeaseBenchmark.java, BufferCacheBenchmark.java, CrossThreadReleaseBenchmark.java and BufferedReadBenchmark.java.
 */
#include "baseline.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#define BUFFER_SIZE 4096
#define MAX_BATCH 128
#define BATCHES_PER_LOOK 64

static unsigned batch, read_length;

static char *acquire(void)
{
	char *buffer = malloc(BUFFER_SIZE);

	if (!buffer)
		fail("no memory for a buffer");
	return buffer;
}

static void same_thread(void)
{
	char *volatile out[MAX_BATCH];

	for (unsigned i = 0; i < batch; i++) {
		char *buffer = acquire();

		*(volatile char *)buffer = (char)i;
		out[i] = buffer;
	}
	for (unsigned i = 0; i < batch; i++)
		free(out[i]);
}

/* A queue of batches with one thread at each end. */
static char *(*queue)[MAX_BATCH];
static unsigned queue_size;
static _Alignas(64) atomic_uint queue_head;
static _Alignas(64) atomic_uint queue_tail;

static void *free_all(void *unused)
{
	(void)unused;
	for (unsigned head = 0;; head++) {
		char **buffers;

		while (atomic_load_explicit(&queue_tail, memory_order_acquire) == head)
			;
		buffers = queue[head % queue_size];
		if (!buffers[0])
			return NULL;
		for (unsigned i = 0; i < batch; i++)
			free(buffers[i]);
		atomic_store_explicit(&queue_head, head + 1, memory_order_release);
	}
}

/* The batch to fill next. */
static char **await_room(void)
{
	unsigned tail = atomic_load_explicit(&queue_tail, memory_order_relaxed);

	while (tail - atomic_load_explicit(&queue_head, memory_order_acquire) == queue_size)
		;
	return queue[tail % queue_size];
}

static void hand_over(void)
{
	unsigned tail = atomic_load_explicit(&queue_tail, memory_order_relaxed);

	atomic_store_explicit(&queue_tail, tail + 1, memory_order_release);
}

static void other_thread(void)
{
	char **buffers = await_room();

	for (unsigned i = 0; i < batch; i++)
		buffers[i] = acquire();
	hand_over();
}

static struct io_uring ring;
static int zero;

static void reads(void)
{
	char *out[MAX_BATCH];
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		out[i] = acquire();
		io_uring_prep_read(sqe, zero, out[i], read_length, 0);
		io_uring_sqe_set_data64(sqe, i);
	}
	check(io_uring_submit_and_wait(&ring, batch), "io_uring_submit_and_wait");
	io_uring_for_each_cqe(&ring, head, cqe) {
		if (cqe->res != (int)read_length)
			fail("read: %d", cqe->res);
		free(out[cqe->user_data]);
		count++;
	}
	io_uring_cq_advance(&ring, count);
}

static unsigned long long run_for(void (*run_batch)(void), long long duration, long long *elapsed)
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

int main(int argc, char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000;
	const char *what = text_argument(argv, "what");
	void (*run_batch)(void) = same_thread;
	unsigned long long operations;
	long long elapsed;
	pthread_t thread;

	(void)argc;
	batch = (unsigned)number_argument(argv, "batch");
	if (batch > MAX_BATCH)
		fail("batch of %u", batch);
	if (!strcmp(what, "other-thread")) {
		run_batch = other_thread;
		queue_size = (unsigned)number_argument(argv, "batches");
		queue = calloc(queue_size, sizeof(*queue));
		if (!queue || pthread_create(&thread, NULL, free_all, NULL))
			fail("can't start a thread");
	} else if (!strcmp(what, "reads")) {
		run_batch = reads;
		read_length = (unsigned)number_argument(argv, "length");
		zero = open("/dev/zero", O_RDONLY);
		if (zero < 0)
			fail("/dev/zero: %s", strerror(errno));
		open_ring((unsigned)number_argument(argv, "entries"), argv, &ring);
	}
	run_for(run_batch, duration / 20, &elapsed);
	operations = run_for(run_batch, duration, &elapsed);
	report(operations, elapsed);
	if (run_batch == other_thread) {
		await_room()[0] = NULL;
		hand_over();
		pthread_join(thread, NULL);
	}
	return 0;
}
