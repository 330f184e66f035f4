// SPDX-License-Identifier: Apache-2.0
/*
 * Random reads of one block, with a fixed number in flight: each completion is replaced at once, and
 * all replacements go to the kernel with the next wait. The twin of FileReadBenchmark.java.
 */
#define _GNU_SOURCE
#include "baseline.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#define BLOCK 4096

/* How often the clock is read, in waits: seldom enough to cost nothing. */
#define WAITS_PER_LOOK 16

static struct io_uring ring;
static int fd;
static char *buffers;
static uint64_t block_mask;

/* Marsaglia's xorshift, as in RandomBlocks.java. */
static uint64_t next_offset(void)
{
	static uint64_t state = 0x9E3779B97F4A7C15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20 & block_mask) * BLOCK;
}

static void open_file(const char *path, int direct)
{
	struct stat status;

	fd = open(path, O_RDONLY | (direct ? O_DIRECT : 0));
	if (fd < 0 || fstat(fd, &status) < 0)
		fail("%s: %s", path, strerror(errno));
	block_mask = (uint64_t)status.st_size / BLOCK - 1;
	if (status.st_size == 0 || (block_mask & (block_mask + 1)))
		fail("%s: the number of blocks must be a power of two", path);
}

static void prepare_read(uint64_t slot)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_read(sqe, fd, buffers + slot * BLOCK, BLOCK, next_offset());
	io_uring_sqe_set_data64(sqe, slot);
}

static unsigned run_once(void)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	check(io_uring_submit_and_wait(&ring, 1), "io_uring_submit_and_wait");
	io_uring_for_each_cqe(&ring, head, cqe) {
		if (cqe->res != BLOCK)
			fail("read: %s", cqe->res < 0 ? strerror(-cqe->res) : "short");
		prepare_read(cqe->user_data);
		count++;
	}
	io_uring_cq_advance(&ring, count);
	return count;
}

static unsigned long long run_for(long long duration, long long *elapsed)
{
	long long start = nanoseconds();
	unsigned long long operations = 0;

	do {
		for (int i = 0; i < WAITS_PER_LOOK; i++)
			operations += run_once();
		*elapsed = nanoseconds() - start;
	} while (*elapsed < duration);
	return operations;
}

int main(int argc, char **argv)
{
	long long duration = (long long)number_argument(argv, "millis") * 1000000;
	unsigned depth = (unsigned)number_argument(argv, "depth");
	long long elapsed;
	unsigned long long operations;

	(void)argc;
	open_file(text_argument(argv, "file"), (int)number_argument(argv, "direct"));
	if (posix_memalign((void **)&buffers, BLOCK, (size_t)depth * BLOCK))
		fail("no memory for %u buffers", depth);
	/* So that the first reads don't meet pages that aren't there. */
	memset(buffers, 1, (size_t)depth * BLOCK);
	open_ring(depth, argv, &ring);
	for (unsigned slot = 0; slot < depth; slot++)
		prepare_read(slot);
	run_for(duration / 20, &elapsed);
	operations = run_for(duration, &elapsed);
	report(operations, elapsed);
	io_uring_queue_exit(&ring);
	return 0;
}
