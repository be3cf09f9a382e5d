/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests write for a format or an inspector is what a fuzzer begins with best: where ASSAY_SEEDS names a folder, it is
 * kept there. */
#ifndef ASSAY_TESTS_SEED_H
#define ASSAY_TESTS_SEED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/span.h"

/* Of a test that goes through thousands of variations, the first ones do, and of long images a few, cut as the fuzzer would. */
#define SEED_MAX 200000u
#define SEEDS_MAX 500u
#define LONG_SEEDS_MAX 8u

/* Whether the test is run for its seeds: what only takes time may be left out then. */
static inline bool seeds_wanted(void)
{
	const char *folder = getenv("ASSAY_SEEDS");
	return folder && folder[0];
}

static inline uint64_t seed_hash(uint64_t h, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ bytes.p[i]) * 0x100000001b3u;
	return h;
}

/* The same head and bytes have the same name, so that they are kept once. */
static inline FILE *seed_open(const char *kind, const char *target, const char *head, struct span bytes)
{
	uint64_t h = seed_hash(seed_hash(0xcbf29ce484222325u, span_of(head, strlen(head))), bytes); /* FNV-1a */
	char path[512];
	snprintf(path, sizeof path, "%s/%s_%s", getenv("ASSAY_SEEDS"), kind, target);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/%s_%s/test-%016llx", getenv("ASSAY_SEEDS"), kind, target, (unsigned long long)h);
	return fopen(path, "wbx");
}

/* How many are kept of a target: a test may write several. */
struct seeds {
	const char *target; /* a name that stays */
	unsigned n, long_n;
};

static inline struct seeds *seeds_of(const char *target)
{
	static struct seeds all[64];
	size_t i = 0;
	while (i + 1 < sizeof all / sizeof all[0] && all[i].target && strcmp(all[i].target, target) != 0)
		i++;
	all[i].target = target;
	return &all[i];
}

/* Keeps `head` (of an inspector: the path, with its line end) and the bytes as a seed of the target kind:target. */
static inline void seed_keep(const char *kind, const char *target, const char *head, struct span bytes)
{
	bool is_long = bytes.n > SEED_MAX;
	struct seeds *kept = seeds_wanted() ? seeds_of(target) : NULL;
	if (!kept || kept->n == SEEDS_MAX || (is_long && kept->long_n == LONG_SEEDS_MAX))
		return;
	bytes = span_clip(bytes, 0, SEED_MAX);
	FILE *f = seed_open(kind, target, head, bytes);
	if (!f)
		return; /* it is there */
	fputs(head, f);
	fwrite(bytes.p, 1, bytes.n, f);
	fclose(f);
	kept->n++;
	kept->long_n += is_long;
}

#endif
