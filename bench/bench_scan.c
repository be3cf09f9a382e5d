/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the one pass finds every format's magic, and then also every inspector's pattern, in bytes that hold none, beside a digest
 * of the same bytes, in turns. Processor time, of one processor.
 *
 *   bench_scan [MIB]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"
#include "probe/scan.h"

#define ROUNDS 7

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void fill(uint8_t *p, size_t n)
{
	uint64_t x = 88172645463325252u;
	for (size_t i = 0; i + 8 <= n; i += 8) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(p + i, &x, 8);
	}
}

/* Scans in turns with digests. False: it can not be measured. */
static bool measure(const char *what, enum pattern_scope scope, struct span noise)
{
	struct error e;
	struct scanner *scanner = scanner_new(scope, &e);
	struct scanner_lane *lane = scanner ? scanner_lane_new(scanner) : NULL;
	struct arena *arena = arena_new(0);
	double scan[ROUNDS], digest[ROUNDS], n = (double)noise.n;
	size_t candidates = 0;
	bool ok = lane && arena;
	for (unsigned i = 0; i < ROUNDS && ok; i++) {
		struct scan_result r;
		char hex[65];
		double start = now();
		e = scan_blob(lane, noise, arena, NULL, &r);
		scan[i] = now() - start;
		ok = !error_is(&e);
		candidates = r.ncandidates;
		arena_reset(arena);
		start = now();
		hash_sha256_hex(noise, hex);
		digest[i] = now() - start;
	}
	if (ok) {
		qsort(scan, ROUNDS, sizeof *scan, by_value);
		qsort(digest, ROUNDS, sizeof *digest, by_value);
		printf("%s, %.0f MiB of noise: %.2f GB/s (best %.2f), %zu candidates; SHA-256: %.2f GB/s, ratio %.2f\n", what, n / (1 << 20),
		       n / scan[ROUNDS / 2] / 1e9, n / scan[0] / 1e9, candidates, n / digest[ROUNDS / 2] / 1e9,
		       digest[ROUNDS / 2] / scan[ROUNDS / 2]);
	}
	arena_free(arena);
	scanner_lane_free(lane);
	scanner_free(scanner);
	return ok;
}

int main(int argc, char **argv)
{
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 128) << 20;
	uint8_t *noise = malloc(n);
	if (!noise)
		return 1;
	fill(noise, n);
	bool ok = measure("carving (magics)", PATTERNS_OF_FORMATS, span_of(noise, n)) &&
	          measure("assessing (magics, and what inspectors look for)", PATTERNS_ALL, span_of(noise, n));
	free(noise);
	return !ok;
}
