/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the baselines share: arguments, the clock, and a ring that is set up like the Java side's. Each
 * baseline is one file that prints what it did in how long; the Java process runs it before each of its
 * own iterations (see NativeBaseline.java).
 */
#ifndef URING4J_BASELINE_H
#define URING4J_BASELINE_H

#include <errno.h>
#include <liburing.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

/* Most calls of liburing return a negative errno. */
static inline int check(int result, const char *call)
{
	if (result < 0)
		fail("%s: %s", call, strerror(-result));
	return result;
}

/* The text behind "NAME=" on the command line. */
static inline const char *text_argument(char **argv, const char *name)
{
	size_t length = strlen(name);

	while (*++argv)
		if (!strncmp(*argv, name, length) && (*argv)[length] == '=')
			return *argv + length + 1;
	fail("missing argument: %s=...", name);
	return NULL;
}

static inline unsigned long number_argument(char **argv, const char *name)
{
	return strtoul(text_argument(argv, name), NULL, 0);
}

static inline long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline void report(unsigned long long operations, long long elapsed)
{
	printf("operations=%llu\nnanoseconds=%lld\n", operations, elapsed);
}

#ifdef IORING_SETUP_NO_SQARRAY

static inline int init_ring(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
	return io_uring_queue_init_params(entries, ring, params);
}

#else

/* liburing before 2.5 doesn't know the flag: its io_uring_queue_init_params would fill an array that
 * isn't there, over the ring's own words. All else in it works, so set up by hand, without the array. */
#define IORING_SETUP_NO_SQARRAY (1U << 16)

static inline int init_ring(unsigned entries, struct io_uring *ring, struct io_uring_params *params)
{
	int fd, result;

	if (!(params->flags & IORING_SETUP_NO_SQARRAY))
		return io_uring_queue_init_params(entries, ring, params);
	fd = (int)syscall(__NR_io_uring_setup, entries, params);
	if (fd < 0)
		return -errno;
	result = io_uring_queue_mmap(fd, params, ring);
	if (result < 0) {
		close(fd);
		return result;
	}
	ring->features = params->features;
	return 0;
}

#endif

/*
 * Opens a ring with the arguments "flags" (as the kernel was given them by the Java side) and
 * "register" (1 when that registered its descriptor). Without flags it is liburing's own default.
 */
static inline void open_ring(unsigned entries, char **argv, struct io_uring *ring)
{
	struct io_uring_params params = {.flags = (unsigned)number_argument(argv, "flags")};

	if (params.flags)
		check(init_ring(entries, ring, &params), "io_uring_queue_init_params");
	else
		check(io_uring_queue_init(entries, ring, 0), "io_uring_queue_init");
	if (number_argument(argv, "register"))
		check(io_uring_register_ring_fd(ring), "io_uring_register_ring_fd");
}

#endif
