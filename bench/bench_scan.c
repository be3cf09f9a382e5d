/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the one pass finds every format's magic, and then also every inspector's pattern, beside a digest of the same bytes, in turns: in
 * noise, which holds a few by chance; in a program, which is this one; in text; and in what is made to cost time, beginnings of magics without
 * their last bytes, one behind the other or as close in noise as still looks random. Then what the map of the same bytes takes, which looks at
 * samples, and in noise for what comes again. Processor time, of one processor.
 *
 *   bench_scan [MIB]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "bench.h"
#include "format/format.h"
#include "probe/entropy_map.h"
#include "probe/scan.h"

#define ROUNDS 7

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static uint64_t next(void)
{
	static uint64_t x = 88172645463325252u;
	x ^= x << 13, x ^= x >> 7, x ^= x << 17;
	return x;
}

static bool fill_noise(uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i += 8)
		memcpy(p + i, &(uint64_t){ next() }, 8);
	return true;
}

/* Fills the rest with what stands at the beginning. */
static void repeat(uint8_t *p, size_t got, size_t n)
{
	for (size_t i = got; i < n; i++)
		p[i] = p[i - got];
}

static bool fill_program(uint8_t *p, size_t n)
{
	FILE *f = fopen("/proc/self/exe", "rb");
	size_t got = f ? fread(p, 1, n, f) : 0;
	if (f)
		fclose(f);
	repeat(p, got, got ? n : 0);
	return got > 0;
}

static bool fill_text(uint8_t *p, size_t n)
{
	static const char *const words[] = { "the ", "device ", "starts, ", "and ", "Where ", "it ", "is ", "not ", "configuration\n", "of ", "/usr/bin/",
										 "option=", "192.168.1.1\n", "log: ", "if [ ", "password", "\" ];\n\t", "update_", "0x1f8b ", "then\n" };
	for (size_t at = 0; at < n;) {
		const char *word = words[(next() >> 32) % (sizeof words / sizeof words[0])];
		size_t length = strlen(word), left = n - at;
		memcpy(p + at, word, length < left ? length : left);
		at += length < left ? length : left;
	}
	return true;
}

/* Magics without their last bytes, and so many bytes between them. */
static void fill_beginnings(uint8_t *p, size_t n, size_t between)
{
	for (size_t at = 0;;)
		for (size_t f = 0; format_registry[f]; f++)
			for (const struct format_magic *m = format_registry[f]->magics; m && m->bytes; m++) {
				if (m->n > n - at)
					return;
				memcpy(p + at, m->bytes, m->n - 1u);
				at += m->n - 1u + between;
				if (at > n)
					return;
			}
}

static bool fill_beginnings_alone(uint8_t *p, size_t n)
{
	memset(p, 0, n);
	fill_beginnings(p, n, 0);
	return true;
}

static bool fill_beginnings_apart(uint8_t *p, size_t n)
{
	fill_noise(p, n);
	fill_beginnings(p, n, 80);
	return true;
}

static const struct kind {
	const char *name;
	bool (*fill)(uint8_t *p, size_t n); /* false: there is nothing to fill it with */
} kinds[] = {
	{ "noise", fill_noise },
	{ "a program", fill_program },
	{ "text", fill_text },
	{ "beginnings of magics", fill_beginnings_alone },
	{ "beginnings of magics in noise", fill_beginnings_apart },
};

/* Scans in turns with digests. False: it can not be measured. */
static bool measure(const char *what, enum pattern_scope scope, const char *kind, struct span bytes)
{
	struct error e;
	struct scanner *scanner = scanner_new(scope, &e);
	struct scanner_lane *lane = scanner ? scanner_lane_new(scanner) : NULL;
	struct arena *arena = arena_new(0);
	double scan[ROUNDS], digest[ROUNDS], n = (double)bytes.n;
	size_t candidates = 0;
	bool ok = lane && arena;
	for (unsigned i = 0; i < ROUNDS && ok; i++) {
		struct scan_result r;
		char hex[65];
		double start = thread_seconds();
		e = scan_blob(lane, bytes, arena, NULL, &r);
		scan[i] = thread_seconds() - start;
		ok = !error_is(&e);
		candidates = r.ncandidates;
		arena_reset(arena);
		start = thread_seconds();
		hash_sha256_hex(bytes, hex);
		digest[i] = thread_seconds() - start;
	}
	if (ok) {
		qsort(scan, ROUNDS, sizeof *scan, by_value);
		qsort(digest, ROUNDS, sizeof *digest, by_value);
		printf("%s, %.0f MiB of %s: %.2f GB/s (best %.2f), %zu candidates; SHA-256: %.2f GB/s, ratio %.2f\n", what, n / (1 << 20), kind,
		       n / scan[ROUNDS / 2] / 1e9, n / scan[0] / 1e9, candidates, n / digest[ROUNDS / 2] / 1e9,
		       digest[ROUNDS / 2] / scan[ROUNDS / 2]);
	}
	arena_free(arena);
	scanner_lane_free(lane);
	scanner_free(scanner);
	return ok;
}

/* The map, as it is made of an input or of a region of flash. False: there is no memory. */
static bool measure_map(const char *kind, struct span bytes)
{
	struct arena *arena = arena_new(0), *rows = arena_new(0);
	double map[ROUNDS];
	bool ok = arena && rows;
	for (unsigned i = 0; i < ROUNDS && ok; i++) {
		struct fact_list list;
		fact_list_init(&list, rows);
		double start = thread_seconds();
		entropy_map(bytes, 0, arena, &list.sink);
		map[i] = thread_seconds() - start;
		arena_reset(arena);
		arena_reset(rows);
	}
	if (ok) {
		qsort(map, ROUNDS, sizeof *map, by_value);
		printf("map, %.0f MiB of %s: %.1f ms (best %.1f)\n", (double)bytes.n / (1 << 20), kind, map[ROUNDS / 2] * 1e3, map[0] * 1e3);
	}
	arena_free(arena);
	arena_free(rows);
	return ok;
}

int main(int argc, char **argv)
{
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 32) << 20;
	uint8_t *bytes = malloc(n);
	bool ok = bytes != NULL;
	for (size_t i = 0; ok && i < sizeof kinds / sizeof kinds[0]; i++)
		ok = kinds[i].fill(bytes, n) && measure("carving (magics)", PATTERNS_OF_FORMATS, kinds[i].name, span_of(bytes, n)) &&
		     measure("assessing (magics, and what inspectors look for)", PATTERNS_ALL, kinds[i].name, span_of(bytes, n)) &&
		     measure_map(kinds[i].name, span_of(bytes, n));
	free(bytes);
	return !ok;
}
