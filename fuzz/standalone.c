/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz targets without a fuzzer: runs files, cut at many places and with flipped bits, always the same ones.
 *
 *   standalone TARGET CUTS FLIPS FILE...
 *
 * TARGET is format:NAME, inspector:NAME, reader:NAME, feed:NAME, combos:NAME, or "all" for every row of both registries and every
 * reader of test plans.
 *
 *   standalone readers      names the targets that are in no registry
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds.h"
#include "format/format.h"
#include "inspect/inspect.h"
#include "readers.h"
#include "target.h"
#include "target_combos.h"

/* Each variation in an allocation of its own, so that the sanitizers see an overrun. */
static void run_copy(struct span bytes, size_t n, uint64_t *flips)
{
	uint8_t *copy = malloc(n ? n : 1);
	if (!copy)
		exit(3);
	if (n)
		memcpy(copy, bytes.p, n);
	for (unsigned i = 0; flips && n && i < 1 + *flips % 8; i++) {
		*flips = *flips * 6364136223846793005u + 1442695040888963407u;
		copy[(*flips >> 20) % n] ^= (uint8_t)(1 << (*flips >> 17) % 8);
	}
	target_run(span_of(copy, n));
	free(copy);
}

static void run_variations(struct span bytes, unsigned cuts, unsigned flips)
{
	uint64_t seed = bytes.n;
	run_copy(bytes, bytes.n, NULL);
	cuts = bytes.n < cuts ? (unsigned)bytes.n : cuts; /* more would be the same ones */
	for (unsigned i = 0; i < cuts; i++)
		run_copy(bytes, (size_t)((uint64_t)bytes.n * i / cuts), NULL);
	for (unsigned i = 0; i < flips; i++)
		run_copy(bytes, bytes.n, &seed);
}

static struct buf read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { 0 };
	size_t n = 1;
	while (f && n) {
		if (buf_reserve(&b, 65536))
			exit(3);
		n = fread(b.p + b.n, 1, 65536, f);
		b.n += n;
	}
	if (!f) {
		perror(path);
		exit(2);
	}
	fclose(f);
	return b;
}

static void run_all(struct span bytes, unsigned cuts, unsigned flips)
{
	char name[80];
	for (size_t i = 0; format_registry[i]; i++) {
		snprintf(name, sizeof name, "format:%s", format_registry[i]->name);
		if (target_choose(name))
			run_variations(bytes, cuts, flips);
	}
	for (size_t i = 0; inspector_registry[i]; i++) {
		snprintf(name, sizeof name, "inspector:%s", inspector_registry[i]->name);
		if (target_choose(name))
			run_variations(bytes, cuts, flips);
	}
	for (size_t i = 0; target_combos_names[i]; i++) {
		snprintf(name, sizeof name, "combos:%s", target_combos_names[i]);
		if (target_choose(name))
			run_variations(bytes, cuts, flips);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "readers") == 0) {
		for (const struct reader_target *t = reader_targets; t->name; t++)
			printf("reader:%s\n", t->name);
		feed_target_list();
		return 0;
	}
	if (argc < 5 || (strcmp(argv[1], "all") != 0 && !target_choose(argv[1]))) {
		fprintf(stderr, "usage: standalone format:NAME|inspector:NAME|reader:NAME|feed:NAME|combos:NAME|all CUTS FLIPS FILE...\n");
		return 2;
	}
	/* Copies of megabytes come and go by the thousand: their pages stay, instead of being given back and zeroed anew. */
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
	unsigned cuts = (unsigned)atoi(argv[2]), flips = (unsigned)atoi(argv[3]);
	for (int i = 4; i < argc; i++) {
		struct buf file = read_file(argv[i]);
		struct span bytes = buf_span(&file);
		if (strcmp(argv[1], "all") == 0)
			run_all(bytes, cuts, flips);
		else
			run_variations(bytes, cuts, flips);
		buf_free(&file);
		printf("%s: survived\n", argv[i]);
	}
	return 0;
}
