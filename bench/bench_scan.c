/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the one pass finds every format's magic and every inspector's pattern in bytes that hold none, beside a digest
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

int main(int argc, char **argv)
{
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 128) << 20;
	uint8_t *noise = malloc(n);
	struct error e;
	struct scanner *scanner = scanner_new(PATTERNS_ALL, &e);
	struct scanner_lane *lane = scanner ? scanner_lane_new(scanner) : NULL;
	struct arena *arena = arena_new(0);
	double scan[ROUNDS], digest[ROUNDS];
	size_t candidates = 0;
	if (!noise || !lane || !arena)
		return 1;
	fill(noise, n);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct scan_result r;
		char hex[65];
		double start = now();
		e = scan_blob(lane, span_of(noise, n), arena, NULL, &r);
		scan[i] = now() - start;
		if (error_is(&e))
			return 1;
		candidates = r.ncandidates;
		arena_reset(arena);
		start = now();
		hash_sha256_hex(span_of(noise, n), hex);
		digest[i] = now() - start;
	}
	qsort(scan, ROUNDS, sizeof *scan, by_value);
	qsort(digest, ROUNDS, sizeof *digest, by_value);
	printf("scan of %zu MiB of noise: %.2f GB/s (best %.2f), %zu candidates; SHA-256: %.2f GB/s, ratio %.2f\n", n >> 20,
	       (double)n / scan[ROUNDS / 2] / 1e9, (double)n / scan[0] / 1e9, candidates, (double)n / digest[ROUNDS / 2] / 1e9,
	       digest[ROUNDS / 2] / scan[ROUNDS / 2]);
	arena_free(arena);
	scanner_lane_free(lane);
	scanner_free(scanner);
	free(noise);
	return 0;
}
