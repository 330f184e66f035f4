/* SPDX-License-Identifier: Apache-2.0 */
/* Times of single operations, and their percentiles in nanoseconds. */
#ifndef URING4J_LATENCY_H
#define URING4J_LATENCY_H

#include "baseline.h"

static long long *latencies;
static size_t latency_count, latency_room;

static inline void note_latency(long long elapsed)
{
	if (latency_count == latency_room) {
		latency_room = latency_room ? 2 * latency_room : 1 << 20;
		latencies = realloc(latencies, latency_room * sizeof(*latencies));
		if (!latencies)
			fail("no memory for %zu latencies", latency_room);
	}
	latencies[latency_count++] = elapsed;
}

static inline int compare_latencies(const void *left, const void *right)
{
	long long a = *(const long long *)left, b = *(const long long *)right;

	return (a > b) - (a < b);
}

static inline void report_latencies(void)
{
	if (!latency_count)
		fail("nothing was timed");
	qsort(latencies, latency_count, sizeof(*latencies), compare_latencies);
	printf("p50=%lld\np99=%lld\nmax=%lld\n", latencies[latency_count / 2], latencies[latency_count * 99 / 100],
	       latencies[latency_count - 1]);
}

#endif
