/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What benchmarks have in common. */
#ifndef ASSAY_BENCH_H
#define ASSAY_BENCH_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/span.h"

static inline double seconds_of(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds since some moment, by the clock on the wall. */
static inline double wall_seconds(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* Seconds of a processor that this thread has used. */
static inline double thread_seconds(void)
{
	return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

/* Ends the benchmark with a complaint. */
static inline _Noreturn void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(2);
}

/* All of a file, which stays in memory; ends the benchmark where it can not be read. */
static inline struct span load_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END))
		die("the file can not be opened");
	size_t n = (size_t)ftell(f);
	uint8_t *p = malloc(n + 1);
	rewind(f);
	if (!p || fread(p, 1, n, f) != n)
		die("the file can not be read");
	fclose(f);
	return span_of(p, n);
}

#endif
